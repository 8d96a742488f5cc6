using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads /etc/hosts (see <c>hosts(5)</c>): an address, a name, aliases, and <c>#</c> comments.</summary>
public static class HostsFileText
{
    /// <summary>Reads the entries in the file's order.</summary>
    /// <param name="text">The file.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that is neither an entry nor a comment.</param>
    public static IEnumerable<NodeHostEntry> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = new LineReader(text);
        while (lines.Next() is { } line)
        {
            var hash = line.IndexOf('#', StringComparison.Ordinal);
            var words = (hash < 0 ? line : line[..hash]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                continue;
            if (words.Length < 2 || !IPAddress.TryParse(words[0], out var address))
            {
                warn(new TextWarning(lines.Number, line, "expected an address and at least one name"));
                continue;
            }

            yield return new NodeHostEntry
            {
                Node = node,
                Address = address,
                Name = words[1],
                Aliases = words[2..],
                Comment = hash < 0 ? null : line[(hash + 1)..].Trim(),
            };
        }
    }
}
