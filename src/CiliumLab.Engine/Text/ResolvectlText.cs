using System.Globalization;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>resolvectl status</c>, the text of every systemd and the JSON of 259 and newer (io.systemd.Resolve.DumpDNSConfiguration),
/// and /etc/resolv.conf, which stands in for it where systemd-resolved does not run.
/// </summary>
public static partial class ResolvectlText
{
    private const string Kind = "Resolvectl";

    private static readonly HashSet<string> Keys = new(StringComparer.Ordinal)
    {
        "Protocols", "resolv.conf mode", "Current Scopes", "Current DNS Server", "DNS Servers", "Fallback DNS Servers", "DNS Domain",
        "Default Route", "DefaultRoute setting", "LLMNR setting", "MulticastDNS setting", "DNSOverTLS setting", "DNSSEC setting",
        "DNSSEC supported", "DNSSEC NTA",
    };

    /// <summary>Reads one record for the whole node and one for each link.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that is not a known setting.</param>
    public static IEnumerable<NodeDns> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = new LineReader(text);
        if (JsonOutput.IsNext(lines))
            return ResolvectlJson.Parse(lines, node, warn);
        return lines.Peek() is { } first && ResolvConfText.Begins(first)
            ? ResolvConfText.Parse(lines, node, warn)
            : FromSections(lines, node, warn);
    }

    private static IEnumerable<NodeDns> FromSections(LineReader lines, string? node, Action<TextWarning> warn)
    {
        NodeDns? section = null;
        string? key = null;
        while (lines.Next() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (SectionHeader().Match(line) is { Success: true } header)
            {
                if (section is not null)
                    yield return section;
                section = new NodeDns
                {
                    Node = node,
                    Interface = header.Groups["name"] is { Success: true } name ? name.Value : null,
                    InterfaceIndex = int.TryParse(header.Groups["index"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null,
                };
                key = null;
                continue;
            }

            if (section is null)
                throw OutputErrors.NotThisOutput(Kind, lines.Number, line);
            var value = line.Trim();
            if (Setting().Match(line) is { Success: true } setting)
            {
                key = Keys.Contains(setting.Groups[1].Value) ? setting.Groups[1].Value : null;
                value = setting.Groups[2].Value;
            }
            else if (!char.IsWhiteSpace(line[0]))
            {
                key = null;
            }

            // A long value goes on in the next line, indented.
            if (key is null)
            {
                warn(new TextWarning(lines.Number, line, "expected a setting that resolvectl shows"));
                continue;
            }

            foreach (var word in value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            {
                if (With(section, key, word) is { } next)
                    section = next;
                else
                    warn(new TextWarning(lines.Number, line, $"'{word}' is no value for {key}"));
            }
        }

        if (section is not null)
            yield return section;
    }

    private static NodeDns? With(NodeDns dns, string key, string word)
    {
        switch (key)
        {
            case "Protocols":
                return WithProtocol(dns, word);
            case "resolv.conf mode":
                return dns with { ResolvConfMode = word };
            case "Current Scopes":
                return word == "none" ? dns : dns with { Scopes = [.. dns.Scopes, word] };
            case "Current DNS Server":
                return DnsServerText.Parse(word) is { } current ? dns with { CurrentServer = current } : null;
            case "DNS Servers":
                return DnsServerText.Parse(word) is { } server ? dns with { Servers = [.. dns.Servers, server] } : null;
            case "Fallback DNS Servers":
                return DnsServerText.Parse(word) is { } fallback ? dns with { FallbackServers = [.. dns.FallbackServers, fallback] } : null;
            case "DNS Domain":
                return word.StartsWith('~')
                    ? dns with { RouteDomains = [.. dns.RouteDomains, word[1..]] }
                    : dns with { SearchDomains = [.. dns.SearchDomains, word] };
            case "Default Route" or "DefaultRoute setting":
                return dns with { DefaultRoute = word == "yes" };
            case "LLMNR setting":
                return dns with { Llmnr = word };
            case "MulticastDNS setting":
                return dns with { MulticastDns = word };
            case "DNSOverTLS setting":
                return dns with { DnsOverTls = word };
            case "DNSSEC setting":
                return dns with { Dnssec = word };
            case "DNSSEC supported":
                return dns with { Dnssec = $"{dns.Dnssec}/{(word == "yes" ? "supported" : "unsupported")}" };
            default:
                // DNSSEC NTA: a long list of domains that nobody validates, the same everywhere.
                return dns;
        }
    }

    // +LLMNR, -mDNS, DNSOverTLS=opportunistic
    private static NodeDns? WithProtocol(NodeDns dns, string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = word[0] switch
        {
            '+' => (word[1..], "yes"),
            '-' => (word[1..], "no"),
            _ => equals < 0 ? ("", "") : (word[..equals], word[(equals + 1)..]),
        };
        return name switch
        {
            "DefaultRoute" => dns with { DefaultRoute = value == "yes" },
            "LLMNR" => dns with { Llmnr = value },
            "mDNS" => dns with { MulticastDns = value },
            "DNSOverTLS" => dns with { DnsOverTls = value },
            "DNSSEC" => dns with { Dnssec = value },
            _ => null,
        };
    }

    [GeneratedRegex(@"^(?:Global|Link (?<index>\d+) \((?<name>[^()\s]+)\)|Delegate \S+)\s*$")]
    private static partial Regex SectionHeader();

    [GeneratedRegex(@"^\s*([A-Za-z][A-Za-z .]*):(?:\s+(.*))?$")]
    private static partial Regex Setting();
}
