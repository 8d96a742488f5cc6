using System.Net;
using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>resolvectl status --json</c>: an array with one object for the whole node and one for each link.</summary>
internal static class ResolvectlJson
{
    private const string Kind = "Resolvectl";

    public static IEnumerable<NodeDns> Parse(LineReader lines, string? node, Action<TextWarning> warn)
    {
        var first = lines.Number + 1;
        var opening = lines.Peek() ?? "";
        using var document = JsonOutput.Read(Kind, lines);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            throw OutputErrors.NotThisOutput(Kind, first, opening, "the JSON is not an array");
        foreach (var item in document.RootElement.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                warn(new TextWarning(first, item.GetRawText(), "expected an object for the node or a link"));
                continue;
            }

            var index = item.Integer("ifindex");
            yield return new NodeDns
            {
                Node = node,
                Interface = item.Text("ifname"),
                InterfaceIndex = index is > 0 and <= int.MaxValue ? (int)index : null,
                Servers = Servers(item, "servers", index),
                CurrentServer = item.Object("currentServer") is { } current ? Server(current) : null,
                FallbackServers = Servers(item, "fallbackServers", index),
                SearchDomains = Domains(item, routeOnly: false, index),
                RouteDomains = Domains(item, routeOnly: true, index),
                Scopes = [.. item.Items("scopes").Select(Scope).OfType<string>()],
                DefaultRoute = item.Boolean("defaultRoute"),
                Llmnr = item.Text("llmnr"),
                MulticastDns = item.Text("mDNS"),
                DnsOverTls = item.Text("dnsOverTLS"),
                Dnssec = Dnssec(item),
                ResolvConfMode = item.Text("resolvConfMode"),
            };
        }
    }

    // The node's own lists repeat every link's entries; what names another interface is not the node's.
    private static bool BelongsTo(JsonElement entry, long? index) => index is not null || entry.Integer("ifindex") is null or 0;

    private static List<NodeDnsServer> Servers(JsonElement item, string field, long? index) =>
        [.. item.Items(field).Where(entry => BelongsTo(entry, index)).Select(Server).OfType<NodeDnsServer>()];

    private static NodeDnsServer? Server(JsonElement entry)
    {
        if (!IPAddress.TryParse(entry.Text("addressString"), out var address))
            return null;
        var port = entry.Integer("port");
        return new NodeDnsServer
        {
            Address = address,
            Port = port is > 0 and < 65536 and not 53 ? (int)port : null,
            ServerName = entry.Text("name"),
        };
    }

    private static List<string> Domains(JsonElement item, bool routeOnly, long? index) =>
        [.. item.Items("searchDomains")
            .Where(entry => BelongsTo(entry, index) && (entry.Boolean("routeOnly") ?? false) == routeOnly)
            .Select(entry => entry.Text("name"))
            .OfType<string>()];

    private static string? Scope(JsonElement scope)
    {
        if (scope.ValueKind == JsonValueKind.String)
            return scope.GetString();
        var protocol = scope.Text("protocol");
        return protocol?.ToUpperInvariant() switch
        {
            null => null,
            "DNS" => "DNS",
            var name => scope.Integer("family") switch
            {
                2 => $"{name}/IPv4",
                10 => $"{name}/IPv6",
                _ => name,
            },
        };
    }

    private static string? Dnssec(JsonElement item) => item.Text("dnssec") is not { } setting
        ? null
        : item.Boolean("dnssecSupported") switch
        {
            true => $"{setting}/supported",
            false => $"{setting}/unsupported",
            null => setting,
        };
}
