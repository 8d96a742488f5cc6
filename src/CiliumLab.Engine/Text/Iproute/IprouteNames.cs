using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>What the iproute2 tools call things, and what those names stand for; null for a name that is not known.</summary>
internal static class IprouteNames
{
    /// <summary>What stands for infinity among lifetimes in JSON.</summary>
    private const long Forever = uint.MaxValue;

    private static readonly Dictionary<string, AddressFlags> AddressFlagNames = new(StringComparer.Ordinal)
    {
        ["autojoin"] = AddressFlags.MulticastAutoJoin,
        ["dadfailed"] = AddressFlags.DadFailed,
        ["deprecated"] = AddressFlags.Deprecated,
        ["dynamic"] = AddressFlags.Dynamic,
        ["home"] = AddressFlags.HomeAddress,
        ["homeaddress"] = AddressFlags.HomeAddress,
        ["mngtmpaddr"] = AddressFlags.ManageTemporaryAddress,
        ["nodad"] = AddressFlags.NoDad,
        ["noprefixroute"] = AddressFlags.NoPrefixRoute,
        ["optimistic"] = AddressFlags.Optimistic,
        ["secondary"] = AddressFlags.Secondary,
        ["stable-privacy"] = AddressFlags.StablePrivacy,
        ["temporary"] = AddressFlags.Temporary,
        ["tentative"] = AddressFlags.Tentative,
    };

    private static readonly Dictionary<string, RouteFlags> RouteFlagNames = new(StringComparer.Ordinal)
    {
        ["cloned"] = RouteFlags.Cloned,
        ["dead"] = RouteFlags.Dead,
        ["linkdown"] = RouteFlags.LinkDown,
        ["notify"] = RouteFlags.Notify,
        ["offload"] = RouteFlags.Offload,
        ["onlink"] = RouteFlags.OnLink,
        ["pervasive"] = RouteFlags.Pervasive,
        ["rt_offload"] = RouteFlags.RouteOffload,
        ["rt_offload_failed"] = RouteFlags.RouteOffloadFailed,
        ["rt_trap"] = RouteFlags.RouteTrap,
        ["trap"] = RouteFlags.Trap,
        ["unresolved"] = RouteFlags.Unresolved,
    };

    private static readonly Dictionary<string, NeighborFlags> NeighborFlagNames = new(StringComparer.Ordinal)
    {
        ["activity_notify"] = NeighborFlags.ActivityNotify,
        ["added_by_user"] = NeighborFlags.AddedByUser,
        ["extern_learn"] = NeighborFlags.ExternallyLearned,
        ["inactive"] = NeighborFlags.Inactive,
        ["locked"] = NeighborFlags.Locked,
        ["managed"] = NeighborFlags.Managed,
        ["offload"] = NeighborFlags.Offloaded,
        ["proxy"] = NeighborFlags.Proxy,
        ["router"] = NeighborFlags.Router,
        ["self"] = NeighborFlags.Self,
        ["sticky"] = NeighborFlags.Sticky,
        ["used"] = NeighborFlags.Used,
    };

    // The routing types' names, and "xresolve" for the one whose name in the enum is another.
    private static readonly Dictionary<string, RouteType> RouteTypes = Enum.GetValues<RouteType>()
        .ToDictionary(type => type == Model.RouteType.ExternalResolve ? "xresolve" : type.ToString().ToLowerInvariant(), StringComparer.Ordinal);

    /// <summary>An address; IPAddress also takes shortened forms such as <c>10.1</c> and <c>7</c>, which no tool prints.</summary>
    public static IPAddress? Address(string text) =>
        IPAddress.TryParse(text, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.Count(c => c == '.') == 3)
            ? address
            : null;

    /// <summary>A network in which the length may be missing: then it is one address. <c>default</c> is read by the caller.</summary>
    public static IPNetwork? Network(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (Address(slash < 0 ? text : text[..slash]) is not { } address)
            return null;
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (slash < 0)
            return new IPNetwork(address, bits);
        return int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= bits
            ? Networks.Containing(address, length)
            : null;
    }

    /// <summary>A flag between the angle brackets; <c>ip</c> prints bits that it has no name for in hexadecimal.</summary>
    public static LinkFlags? LinkFlag(string name) => name switch
    {
        "NO-CARRIER" => LinkFlags.NoCarrier,
        "M-DOWN" => LinkFlags.MasterDown,
        "LOWER_UP" => LinkFlags.LowerUp,
        "POINTOPOINT" => LinkFlags.PointToPoint,
        "PORTSEL" => LinkFlags.PortSel,
        _ when name.All(char.IsAsciiLetterUpper) && Enum.TryParse<LinkFlags>(name, ignoreCase: true, out var flag) => flag,
        _ when long.TryParse(Hex(name), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits) => (LinkFlags)bits,
        _ => null,
    };

    /// <summary>What follows <c>state</c> in <c>ip link</c>.</summary>
    public static InterfaceState? OperationalState(string name) =>
        name.Length > 0 && name.All(char.IsAsciiLetter) && Enum.TryParse<InterfaceState>(name, ignoreCase: true, out var state) ? state : null;

    /// <summary>What follows <c>state</c> in <c>bridge link</c>.</summary>
    public static BridgePortState? PortState(string name) =>
        name.Length > 0 && name.All(char.IsAsciiLetter) && Enum.TryParse<BridgePortState>(name, ignoreCase: true, out var state) ? state : null;

    /// <summary>What follows <c>scope</c>; a site may number or name its own.</summary>
    public static AddressScope? Scope(string name) => name switch
    {
        "global" => AddressScope.Global,
        "site" => AddressScope.Site,
        "link" => AddressScope.Link,
        "host" => AddressScope.Host,
        "nowhere" => AddressScope.Nowhere,
        _ when byte.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => (AddressScope)number,
        _ => null,
    };

    /// <summary>An address's flag.</summary>
    public static AddressFlags? AddressFlag(string name) => AddressFlagNames.TryGetValue(name, out var flag) ? flag : null;

    /// <summary>A route's flag.</summary>
    public static RouteFlags? RouteFlag(string name) => RouteFlagNames.TryGetValue(name, out var flag) ? flag : null;

    /// <summary>A neighbour's flag.</summary>
    public static NeighborFlags? NeighborFlag(string name) => NeighborFlagNames.TryGetValue(name, out var flag) ? flag : null;

    /// <summary>A route's type.</summary>
    public static RouteType? RouteType(string name) => RouteTypes.TryGetValue(name, out var type) ? type : null;

    /// <summary>A router's rank.</summary>
    public static RoutePreference? Preference(string name) => name switch
    {
        "low" => RoutePreference.Low,
        "medium" => RoutePreference.Medium,
        "high" => RoutePreference.High,
        _ => null,
    };

    /// <summary>A neighbour's state in capitals.</summary>
    public static NeighborState? NeighborState(string name) =>
        name.Length > 0 && name.All(char.IsAsciiLetterUpper) && Enum.TryParse<NeighborState>(name, ignoreCase: true, out var state) ? state : null;

    /// <summary>A state in <c>bridge fdb</c> (<c>state_n2a</c> in bridge/fdb.c).</summary>
    public static NeighborState? FdbState(string name) => name switch
    {
        "" => Model.NeighborState.Reachable,
        "permanent" => Model.NeighborState.Permanent,
        "static" => Model.NeighborState.NoArp,
        "stale" => Model.NeighborState.Stale,
        _ when name.StartsWith("state=", StringComparison.Ordinal)
            && int.TryParse(Hex(name[6..]), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits) => (NeighborState)bits,
        _ => null,
    };

    /// <summary>Seconds of life, or null for ever.</summary>
    public static TimeSpan? Lifetime(long? seconds) => seconds is null or Forever ? null : TimeSpan.FromSeconds(seconds.Value);

    /// <summary>A bridge's identifier in the form of <c>brctl</c>; <c>ip</c> leaves leading zeros out: <c>8000.a:58:a:f4:0:1</c>.</summary>
    public static string BridgeId(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 || !text.Contains(':', StringComparison.Ordinal)
            ? text
            : text[..(dot + 1)] + string.Concat(text[(dot + 1)..].Split(':').Select(part => part.PadLeft(2, '0')));
    }

    private static string Hex(string text) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
}
