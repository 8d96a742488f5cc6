using System.Globalization;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs.Iproute;

/// <summary>The names of /etc/iproute2: tables, protocols, scopes.</summary>
internal static class RoutingNames
{
    private static readonly Dictionary<int, string> Tables = new() { [253] = "default", [254] = "main", [255] = "local" };

    private static readonly Dictionary<int, string> Protocols = new()
    {
        [0] = "unspec",
        [1] = "redirect",
        [2] = "kernel",
        [3] = "boot",
        [4] = "static",
        [8] = "gated",
        [9] = "ra",
        [10] = "mrt",
        [11] = "zebra",
        [12] = "bird",
        [13] = "dnrouted",
        [14] = "xorp",
        [15] = "ntk",
        [16] = "dhcp",
        [18] = "keepalived",
        [42] = "babel",
        [99] = "openr",
        [186] = "bgp",
        [187] = "isis",
        [188] = "ospf",
        [189] = "rip",
        [192] = "eigrp",
    };

    /// <summary>A table's name or number.</summary>
    public static string Table(int number) => Tables.GetValueOrDefault(number) ?? number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A table's number; null when there is no such table.</summary>
    public static int? TableNumber(string name) => Number(Tables, name);

    /// <summary>A protocol's name or number.</summary>
    public static string Protocol(int number) => Protocols.GetValueOrDefault(number) ?? number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A protocol's number; null when there is no such protocol.</summary>
    public static int? ProtocolNumber(string name) => Number(Protocols, name) is { } number and <= 255 ? number : null;

    /// <summary>A scope's name.</summary>
    public static string Scope(NetworkScope scope) => scope.ToString().ToLowerInvariant();

    /// <summary>A scope; null when there is none of the name.</summary>
    public static NetworkScope? ScopeOf(string name) => name switch
    {
        "global" or "universe" => NetworkScope.Global,
        "site" => NetworkScope.Site,
        "link" => NetworkScope.Link,
        "host" => NetworkScope.Host,
        _ => null,
    };

    private static int? Number(Dictionary<int, string> names, string name)
    {
        foreach (var (number, known) in names)
        {
            if (known == name)
                return number;
        }

        return IprouteArguments.TryNumber(name, out var read) && read <= int.MaxValue ? (int)read : null;
    }
}
