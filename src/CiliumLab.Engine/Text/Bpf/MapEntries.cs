using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Makes typed entries of the keys and values that Cilium prints for its maps. What a map is shows in its entries' form, so that old
/// and new names of a map, and outputs without a name, give the same.
/// </summary>
internal static partial class MapEntries
{
    private static readonly (string Name, BpfServiceFlags Flag)[] FlagNames =
    [
        ("ClusterIP", BpfServiceFlags.None), ("ExternalIPs", BpfServiceFlags.ExternalIPs), ("NodePort", BpfServiceFlags.NodePort),
        ("Local", BpfServiceFlags.ExternalLocalScope), ("InternalLocal", BpfServiceFlags.InternalLocalScope), ("HostPort", BpfServiceFlags.HostPort),
        ("sessionAffinity", BpfServiceFlags.SessionAffinity), ("LoadBalancer", BpfServiceFlags.LoadBalancer), ("check source-range", BpfServiceFlags.SourceRange),
        ("LocalRedirect", BpfServiceFlags.LocalRedirect), ("46x64", BpfServiceFlags.Nat46x64), ("l7-load-balancer", BpfServiceFlags.L7LoadBalancer),
        ("loopback", BpfServiceFlags.Loopback), ("two-scopes", BpfServiceFlags.TwoScopes), ("quarantined", BpfServiceFlags.Quarantined), ("dsr", BpfServiceFlags.ForwardModeDsr),
    ];

    /// <summary>The most telling record for an entry.</summary>
    public static BpfMapEntry Typed(BpfMapEntry entry) =>
        IpCache(entry) ?? Endpoint(entry) ?? Service(entry) ?? Backend(entry) ?? ReverseNat(entry) ?? SourceRange(entry) ?? entry;

    /// <summary>The state of an entry by the word that text or JSON has for it.</summary>
    public static BpfEntryState State(string? word) => word switch
    {
        "sync" or "ok" => BpfEntryState.Sync,
        "to-be-inserted" or "insert" => BpfEntryState.ToBeInserted,
        "to-be-deleted" or "delete" => BpfEntryState.ToBeDeleted,
        _ => BpfEntryState.Unknown,
    };

    /// <summary>An error's text; null for none.</summary>
    public static string? Error(string? text) => text is null or "" or "<nil>" ? null : text;

    /// <summary>The parts of the ipcache map's value (RemoteEndpointInfo of pkg/maps/ipcache); null when it is none.</summary>
    public static (uint Identity, byte Key, IPAddress? Tunnel, IpCacheFlags Flags)? IpCacheValue(string value)
    {
        if (IpCacheForm().Match(value) is not { Success: true } form
            || !uint.TryParse(form.Groups["identity"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var identity)
            || !byte.TryParse(form.Groups["key"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var key)
            || !CiliumValues.TryAddress(form.Groups["tunnel"].Value, out _))
        {
            return null;
        }

        var flags = IpCacheFlags.None;
        foreach (var name in form.Groups["flags"].Value.Trim('<', '>').Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (name != "none" && !Enum.TryParse<IpCacheFlags>(name, ignoreCase: true, out _))
                return null;
            flags |= Enum.TryParse<IpCacheFlags>(name, ignoreCase: true, out var flag) ? flag : IpCacheFlags.None;
        }

        return (identity, key, CiliumValues.RealAddress(form.Groups["tunnel"].Value), flags);
    }

    private static BpfIpCacheEntry? IpCache(BpfMapEntry entry) =>
        entry.Value.StartsWith("identity=", StringComparison.Ordinal) && IpCacheValue(entry.Value) is { } value && CiliumValues.TryPrefix(entry.Key, out var prefix, out _)
            ? new BpfIpCacheEntry
            {
                Node = entry.Node,
                MapName = entry.MapName,
                Key = entry.Key,
                Value = entry.Value,
                State = entry.State,
                LastError = entry.LastError,
                Prefix = prefix,
                IdentityId = value.Identity,
                EncryptKey = value.Key,
                TunnelEndpoint = value.Tunnel,
                Flags = value.Flags,
            }
            : null;

    // EndpointInfo of pkg/maps/lxcmap; the key is an address, since 1.16 with a cluster's number behind a colon.
    private static BpfEndpointEntry? Endpoint(BpfMapEntry entry)
    {
        var isLocal = entry.Value == "(localhost)";
        if ((!isLocal && !entry.Value.StartsWith("id=", StringComparison.Ordinal))
            || (CiliumValues.Address(entry.Key) ?? (CiliumValues.TrySocket(entry.Key, out var known, out _) ? known : null)) is not { } address)
        {
            return null;
        }

        var fields = entry.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static word => word.Split('=', 2)).Where(static pair => pair.Length == 2)
            .GroupBy(static pair => pair[0]).ToDictionary(static group => group.Key, static group => group.First()[1]);
        int? Number(string name) => int.TryParse(fields.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        return new BpfEndpointEntry
        {
            Node = entry.Node,
            MapName = entry.MapName,
            Key = entry.Key,
            Value = entry.Value,
            State = entry.State,
            LastError = entry.LastError,
            Address = address,
            IsLocalHost = isLocal,
            EndpointId = Number("id"),
            IdentityId = Number("sec_id") is { } identity ? (uint)identity : null,
            InterfaceIndex = Number("ifindex"),
            Mac = fields.GetValueOrDefault("mac")?.ToLowerInvariant(),
            NodeMac = fields.GetValueOrDefault("nodemac")?.ToLowerInvariant(),
        };
    }

    // A key with its slot behind it, and as value numbers (map get, bpf lb list --frontends) or an address (bpf lb list).
    private static BpfServiceEntry? Service(BpfMapEntry entry)
    {
        var key = ServiceKey().Match(entry.Key);
        if (!key.Success || !CiliumValues.TryFrontend(key.Groups["frontend"].Value, out var frontend))
            return null;
        var service = new BpfServiceEntry
        {
            Node = entry.Node,
            MapName = entry.MapName,
            Key = entry.Key,
            Value = entry.Value,
            State = entry.State,
            LastError = entry.LastError,
            Address = frontend.Address,
            Port = frontend.Port,
            Protocol = frontend.Protocol,
            IsInternal = frontend.IsInternal,
            Slot = int.TryParse(key.Groups["slot"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var slot) ? slot : null,
        };
        if (ServiceNumbers().Match(entry.Value) is { Success: true } numbers)
            return Numbers(service, numbers);
        if (ServiceAddress().Match(entry.Value) is { Success: true } address)
            return Addresses(service, address);
        return MissingBackend().Match(entry.Value) is { Success: true } missing
            && uint.TryParse(missing.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var backend)
                ? service with { BackendId = backend }
                : null;
    }

    private static BpfServiceEntry? Numbers(BpfServiceEntry service, Match numbers)
    {
        if (!uint.TryParse(numbers.Groups["backend"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var backend)
            || !int.TryParse(numbers.Groups["count"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || !ushort.TryParse(numbers.Groups["id"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || !CiliumValues.TryHex(numbers.Groups["low"].Value, out var low)
            || !CiliumValues.TryHex(numbers.Groups["high"].Value, out var high))
        {
            return null;
        }

        var isService = service.Slot is 0 or null;
        return service with
        {
            ServiceId = id,
            BackendId = isService ? null : backend,
            BackendCount = isService ? count : null,
            Flags = isService ? (BpfServiceFlags)((low & 0xff) | ((high & 0xff) << 8)) : null,
        };
    }

    private static BpfServiceEntry? Addresses(BpfServiceEntry service, Match address)
    {
        if (!CiliumValues.TryFrontend(address.Groups["backend"].Value, out var backend)
            || !ushort.TryParse(address.Groups["id"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || !int.TryParse(address.Groups["slot"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var slot))
        {
            return null;
        }

        service = service with { ServiceId = id, Slot = slot };
        if (slot != 0)
            return service with { BackendAddress = backend.Address, BackendPort = backend.Port };
        var flags = BpfServiceFlags.Routable;
        foreach (var name in address.Groups["flags"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            flags = name == "non-routable" ? flags & ~BpfServiceFlags.Routable : flags | Array.Find(FlagNames, flag => flag.Name == name).Flag;
        return service with { Flags = address.Groups["flags"].Success ? flags : null };
    }

    // With a port from bpf lb list, without one from map get; since 1.16 with a zone in brackets where there is one.
    private static BpfBackendEntry? Backend(BpfMapEntry entry) =>
        uint.TryParse(entry.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && BackendForm().Match(entry.Value) is { Success: true } form
        && CiliumValues.Protocol(form.Groups[1].Value) is { } protocol
        && BackendAddress(form.Groups[2].Value) is { } backend
            ? new BpfBackendEntry
            {
                Node = entry.Node,
                MapName = entry.MapName,
                Key = entry.Key,
                Value = entry.Value,
                State = entry.State,
                LastError = entry.LastError,
                BackendId = id,
                Address = backend.Address,
                Port = backend.Port,
                Protocol = protocol,
            }
            : null;

    private static (IPAddress Address, int? Port)? BackendAddress(string text) =>
        CiliumValues.TrySocket(text, out var address, out var port) ? (address, port)
        : CiliumValues.TryAddress(Zone().Replace(text, ""), out address) ? (address, null)
        : null;

    private static BpfReverseNatEntry? ReverseNat(BpfMapEntry entry) =>
        ushort.TryParse(entry.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && CiliumValues.TrySocket(entry.Value, out var address, out var port)
            ? new BpfReverseNatEntry
            {
                Node = entry.Node,
                MapName = entry.MapName,
                Key = entry.Key,
                Value = entry.Value,
                State = entry.State,
                LastError = entry.LastError,
                ServiceId = id,
                Address = address,
                Port = port,
            }
            : null;

    private static BpfSourceRangeEntry? SourceRange(BpfMapEntry entry) =>
        RangeKey().Match(entry.Key) is { Success: true } key
        && CiliumValues.TryPrefix(key.Groups[1].Value, out var prefix, out _)
        && ushort.TryParse(key.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new BpfSourceRangeEntry
            {
                Node = entry.Node,
                MapName = entry.MapName,
                Key = entry.Key,
                Value = entry.Value,
                State = entry.State,
                LastError = entry.LastError,
                Prefix = prefix,
                ServiceId = id,
            }
            : null;

    [GeneratedRegex(@"^identity=(?<identity>\d+) encryptkey=(?<key>\d+) tunnelendpoint=(?<tunnel>[0-9a-fA-F.:]+),? flags=(?<flags>[\w<>,]+)\s*$")]
    private static partial Regex IpCacheForm();

    [GeneratedRegex(@"^(?<frontend>[^\s()]+:\d+(?:/[A-Za-z0-9]+)?(?:/i)?)(?: \((?<slot>\d+)\))?$")]
    private static partial Regex ServiceKey();

    [GeneratedRegex(@"^(?<backend>\d+) (?<count>\d+)(?:\[\d+\])? \((?<id>\d+)\) \[(?<low>0x[0-9a-f]+) (?<high>0x[0-9a-f]+)\]\s*$")]
    private static partial Regex ServiceNumbers();

    [GeneratedRegex(@"^(?<backend>\S+:\d+(?:/\w+)?(?:/i)?) \((?<id>\d+)\) \((?<slot>\d+)\)(?: \[(?<flags>[^\]]*)\])?\s*$")]
    private static partial Regex ServiceAddress();

    [GeneratedRegex(@"^backend (\d+) not found$")]
    private static partial Regex MissingBackend();

    [GeneratedRegex(@"^([A-Za-z0-9]+)://(\S+?)(?:\s.*)?$")]
    private static partial Regex BackendForm();

    [GeneratedRegex(@"(?<=.)\[[^\]]*\]$")]
    private static partial Regex Zone();

    [GeneratedRegex(@"^(\S+/\d+) \((\d+)\)$")]
    private static partial Regex RangeKey();
}
