using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads /etc/resolv.conf (see <c>resolv.conf(5)</c>) into one record for the whole node.</summary>
public static class ResolvConfText
{
    private static readonly string[] Keywords = ["nameserver", "search", "domain", "options", "sortlist"];

    /// <summary>Reads the file; nothing comes out when it sets nothing.</summary>
    /// <param name="text">The file.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that is neither a setting nor a comment.</param>
    public static IEnumerable<NodeDns> Parse(TextReader text, string? node, Action<TextWarning> warn) => Parse(new LineReader(text), node, warn);

    /// <summary>Whether a text that begins with this line is a resolv.conf.</summary>
    internal static bool Begins(string line) =>
        line.TrimStart() is var start && (start.StartsWith('#') || start.StartsWith(';') || Keywords.Contains(start.Split(' ', '\t')[0]));

    internal static IEnumerable<NodeDns> Parse(LineReader lines, string? node, Action<TextWarning> warn)
    {
        var servers = new List<NodeDnsServer>();
        var options = new List<string>();
        string[] search = [];
        var set = false;
        while (lines.Next() is { } line)
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0][0] is '#' or ';')
                continue;
            switch (words[0])
            {
                case "nameserver" when words.Length > 1 && DnsServerText.Parse(words[1]) is { } server:
                    servers.Add(server);
                    break;
                // The last of search and domain is the one that counts.
                case "search" or "domain":
                    search = words[1..];
                    break;
                case "options":
                    options.AddRange(words[1..]);
                    break;
                case "sortlist":
                    break;
                default:
                    warn(new TextWarning(lines.Number, line, "expected nameserver, search, domain, options or a comment"));
                    continue;
            }

            set = true;
        }

        if (set)
        {
            yield return new NodeDns
            {
                Node = node,
                Source = NodeDnsSource.ResolvConf,
                Servers = servers,
                SearchDomains = search,
                Options = options,
            };
        }
    }
}
