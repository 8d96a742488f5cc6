using System.Globalization;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// What <see cref="IpAddressText"/> and <see cref="IpLinkText"/> share (ip/ipaddress.c, <c>print_linkinfo</c> and
/// <c>print_addrinfo</c>): a head line for each interface, indented lines that belong to it.
/// </summary>
internal static partial class LinkText
{
    public static IEnumerable<NodeInterface> Parse(string kind, TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = new LineReader(text);
        while (lines.Peek() is { } blank && string.IsNullOrWhiteSpace(blank))
            lines.Next();
        if (lines.Peek() is not { } first)
            return [];
        return IprouteJson.StartsAt(first)
            ? LinkJson.Read(IprouteJson.Items(kind, lines, warn), node)
            : Lines(kind, lines, node, warn);
    }

    private static IEnumerable<NodeInterface> Lines(string kind, LineReader lines, string? node, Action<TextWarning> warn)
    {
        var start = new OutputStart(kind, warn);
        LinkParts? current = null;
        while (lines.Next() is { } whole)
        {
            // ip -o joins the lines of an interface with backslashes.
            foreach (var part in whole.Split('\\'))
            {
                var line = part.TrimEnd();
                if (line.Length == 0)
                    continue;
                if (Head().Match(line) is { Success: true } head && Index(head) is { } index)
                {
                    start.Understood();
                    if (current is not null)
                        yield return current.Finish();
                    current = new LinkParts(node, index, head.Groups["name"].Value);
                    current.AddHead(head.Groups["link"], head.Groups["flags"].Value, new IprouteWords(lines.Number, head.Groups["rest"].Value, warn));
                }
                else if (AddressHead().Match(line) is { Success: true } oneLine && Index(oneLine) is { } owner)
                {
                    start.Understood();
                    if (current is null || current.Index != owner)
                    {
                        if (current is not null)
                            yield return current.Finish();
                        current = new LinkParts(node, owner, oneLine.Groups["name"].Value);
                    }

                    current.AddLine(new IprouteWords(lines.Number, oneLine.Groups["rest"].Value, warn));
                }
                else if (current is null || !char.IsWhiteSpace(line[0]))
                {
                    start.Warn(new TextWarning(lines.Number, line, "expected an interface"));
                }
                else
                {
                    current.AddLine(new IprouteWords(lines.Number, line, warn));
                }
            }
        }

        start.AtEnd();
        if (current is not null)
            yield return current.Finish();
    }

    private static int? Index(Match match) =>
        int.TryParse(match.Groups["index"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    [GeneratedRegex(@"^(?<index>\d+): (?<name>[^\s@:]+|\S+?)(@(?<link>[^\s:]+))?: <(?<flags>[^>]*)>(?<rest>.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Head();

    [GeneratedRegex(@"^(?<index>\d+): (?<name>\S+)\s+(?<rest>inet6? .*)$", RegexOptions.CultureInvariant)]
    private static partial Regex AddressHead();
}
