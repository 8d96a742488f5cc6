using System.Net;
using System.Net.Sockets;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>ip neigh</c> (ip/ipneigh.c) and <c>bridge fdb</c> (bridge/fdb.c), as text (also <c>-s</c>) or as JSON (<c>-j</c>);
/// an entry shows by itself which of the two it comes from.
/// </summary>
public static class IpNeighborText
{
    /// <summary>Reads the entries in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when no entry could be read.</exception>
    public static IEnumerable<NodeNeighbor> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = new LineReader(text);
        while (lines.Peek() is { } blank && string.IsNullOrWhiteSpace(blank))
            lines.Next();
        if (lines.Peek() is not { } first)
            return [];
        return IprouteJson.StartsAt(first)
            ? NeighborJson.Read(IprouteJson.Items("ip neigh or bridge fdb", lines, warn), node)
            : Lines(lines, node, warn);
    }

    private static IEnumerable<NodeNeighbor> Lines(LineReader lines, string? node, Action<TextWarning> warn)
    {
        var start = new OutputStart("ip neigh or bridge fdb", warn);
        while (lines.Next() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var words = new IprouteWords(lines.Number, line.Trim(), warn);
            var first = words.Take()!;
            var address = IprouteNames.Address(first);
            if ((address is null && !IsMac(first)) || words.Peek is not ("dev" or "nhid" or "lladdr" or "proxy"))
            {
                start.Warn(new TextWarning(lines.Number, line, "expected a neighbour"));
                continue;
            }

            var entry = address is null ? NeighborWords.Fdb(node, first, words) : NeighborWords.Neighbor(node, address, words);
            if (entry.Interface.Length == 0)
            {
                start.Warn(new TextWarning(lines.Number, line, "expected the neighbour's interface"));
                continue;
            }

            start.Understood();
            yield return entry;
        }

        start.AtEnd();
    }

    /// <summary>The table of an address of the IP layer.</summary>
    internal static NeighborTable TableOf(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? NeighborTable.Ndp : NeighborTable.Arp;

    private static bool IsMac(string word) =>
        word.Split(':') is { Length: 6 } parts && parts.All(part => part.Length == 2 && part.All(char.IsAsciiHexDigit));
}
