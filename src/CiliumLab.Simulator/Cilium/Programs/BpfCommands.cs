using System.Globalization;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Commands that read the kernel's maps entry by entry: <c>bpf ct</c>, <c>bpf nat</c>, <c>bpf policy</c>, <c>bpf metrics</c>, <c>bpf fs</c>.</summary>
internal static class BpfCommands
{
    private const string Output = "o|output=";

    public static IReadOnlyList<AgentCommand> All { get; } =
    [
        new("bpf ct list", Output + " d|time-diff", ListConnections),
        new("bpf nat list", Output, ListTranslations),
        new("bpf policy get", Output + " n|numeric all", GetPolicy),
        new("bpf metrics list", Output, ListMetrics),
        new("bpf fs show", Output, ShowFileSystem),
    ];

    private static int ListConnections(AgentCall call)
    {
        if (call.First is not ("global" or "cluster"))
        {
            throw AgentCommandException.Fatal(call.Arguments.Count == 0
                ? "Missing endpoint id or 'global' argument\n\nUsage:\n  cilium-dbg bpf ct list ( <endpoint identifier> | global | cluster [<identifier>] ) [flags]"
                : $"Unable to open /sys/fs/bpf/tc/globals/cilium_ct4_{call.Arguments[0]}: loading pinned map: no such file or directory. Skipping.");
        }

        var entries = call.Agent.Conntrack.Entries;
        if (call.TryDocument(() => new JsonArray([.. entries.Select(static entry => (JsonNode)new JsonObject { ["Key"] = entry.Tuple.ToJson(swap: true), ["Value"] = entry.ToJson() })]), out var code))
            return code;
        foreach (var entry in entries)
            call.Line(entry.Text(call.Has("time-diff") ? $"remaining: {Math.Max(0, (long)(entry.Expires - call.Agent.Now).TotalSeconds)} sec(s)" : null));
        return 0;
    }

    private static int ListTranslations(AgentCall call)
    {
        var entries = call.Agent.Conntrack.Translations;
        if (call.TryDocument(() => new JsonArray([.. entries.Select(entry => (JsonNode)new JsonObject { ["Key"] = entry.Tuple.ToJson(swap: false), ["Value"] = entry.ToJson(call.Agent.Node.BootedAt) })]), out var code))
            return code;
        foreach (var entry in entries)
            call.Line(entry.Text(call.Agent.Now));
        return 0;
    }

    private static int GetPolicy(AgentCall call)
    {
        if (call.Has("all"))
        {
            // Files are found by name, and so come in the order of numbers with leading zeros.
            var endpoints = call.Agent.Endpoints.All;
            if (call.TryDocument(() => new JsonArray([.. endpoints.Select(static endpoint => (JsonNode)new JsonObject { ["EndpointID"] = endpoint.Id.ToString(null, null), ["Path"] = Path(endpoint), ["Content"] = Content(endpoint) })]), out var code))
                return code;
            foreach (var endpoint in endpoints)
                call.Print($"Endpoint ID: {endpoint.Id}\nPath: {Path(endpoint)}\n\n{Table(call, endpoint)}\n\n");
            return 0;
        }

        var id = call.First ?? throw AgentCommandException.Fatal("Missing endpoint id argument");
        if (!ushort.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw AgentCommandException.Fatal($"Failed to parse endpointID \"{id}\"");
        var found = call.Agent.Endpoints.Find(number) ?? throw AgentCommandException.Fatal($"Failed to open map: loading pinned map /sys/fs/bpf/tc/globals/cilium_policy_v2_{number:d5}: no such file or directory\n");
        return call.TryDocument(() => Content(found), out var exit) ? exit : call.Print(Table(call, found));
    }

    private static string Path(CiliumEndpoint endpoint) => $"/sys/fs/bpf/tc/globals/cilium_policy_v2_{endpoint.Id:d5}";

    private static JsonArray Content(CiliumEndpoint endpoint) => [.. endpoint.Policy.Entries.Select(static entry => (JsonNode?)entry.ToJson())];

    private static string Table(AgentCall call, CiliumEndpoint endpoint)
    {
        var isNumeric = call.Has("numeric");
        var writer = new GoTabWriter().Row("POLICY", "DIRECTION", isNumeric ? "IDENTITY" : "LABELS (source:key[=value])", "PORT/PROTO", "PROXY PORT", "AUTH TYPE", "BYTES", "PACKETS", "PREFIX", "");
        foreach (var entry in endpoint.Policy.Entries)
        {
            var names = isNumeric || call.Agent.FindIdentity(entry.Identity) is not { } identity ? [entry.Identity.ToString(null, null)] : identity.Labels;
            writer.Row(entry.IsDeny ? "Deny" : "Allow", entry.Direction.ToString(), names[0], entry.PortText, "NONE", "disabled", entry.Bytes.ToString(null, null), entry.Packets.ToString(null, null), entry.PortBits.ToString(null, null), "");
            foreach (var name in names.Skip(1))
                writer.Row("", "", name, "", "", "", "", "", "", "");
        }

        return writer.Flush();
    }

    private static int ListMetrics(AgentCall call)
    {
        var metrics = call.Agent.Monitor.Metrics;
        if (metrics.Count == 0)
            return call.Complain("No entries found.", 0);
        if (call.TryDocument(
            () => new JsonArray([.. metrics.Select(static metric => (JsonNode)new JsonObject
            {
                ["reason"] = metric.Reason,
                ["direction"] = metric.Direction.ToLowerInvariant(),
                ["packets"] = metric.Packets,
                ["bytes"] = metric.Bytes,
                ["line"] = metric.Line,
                ["file"] = metric.File,
            })]),
            out var code))
        {
            return code;
        }

        var writer = new GoTabWriter().Row("REASON", "DIRECTION", "PACKETS", "BYTES", "LINE", "FILE");
        foreach (var row in metrics.Select(static metric => new[] { metric.Reason, metric.Direction, metric.Packets.ToString(null, null), metric.Bytes.ToString(null, null), metric.Line.ToString(null, null), metric.File })
            .OrderBy(static row => string.Join('\0', row), StringComparer.Ordinal))
        {
            writer.Row(row);
        }

        return call.Print(writer.Flush());
    }

    private static int ShowFileSystem(AgentCall call)
    {
        var seed = call.Agent.Seed.Fork("mounts");
        var parent = 900 + seed.Next(300);
        var mount = parent + 4 + seed.Next(12);
        if (call.TryDocument(
            () => new JsonObject
            {
                ["MountID"] = mount,
                ["ParentID"] = parent,
                ["StDev"] = "0:32",
                ["Root"] = "/",
                ["MountPoint"] = "/sys/fs/bpf",
                ["MountOptions"] = "rw,relatime",
                ["OptionalFields"] = new JsonArray("master:11"),
                ["FilesystemType"] = "bpf",
                ["MountSource"] = "bpf",
                ["SuperOptions"] = "rw,mode=700",
            },
            out var code))
        {
            return code;
        }

        return call.Print(new GoTabWriter()
            .Row("MountID:", mount.ToString(null, null)).Row("ParentID:", parent.ToString(null, null)).Row("Mounted State:", "true").Row("MountPoint:", "/sys/fs/bpf").Row("MountOptions:", "rw,relatime")
            .Row("OptionFields:", "[master:11]").Row("FilesystemType:", "bpf").Row("MountSource:", "bpf").Row("SuperOptions:", "rw,mode=700").Flush());
    }
}

/// <summary>Commands that print a map as a table of two columns: <c>bpf lb</c>, <c>bpf ipcache</c>, <c>bpf endpoint</c>.</summary>
internal static class BpfTableCommands
{
    private const string Output = "o|output=";

    public static IReadOnlyList<AgentCommand> All { get; } =
    [
        new("bpf ipcache list", Output, static call => Table(call, "IP PREFIX/ADDRESS", "IDENTITY", call.Agent.IpCache.Entries.Select(static entry => (entry.Key, entry.Value)))),
        new("bpf endpoint list", Output, static call => Table(call, "IP ADDRESS", "LOCAL ENDPOINT INFO", Endpoints(call.Agent))),
        new("bpf lb list", Output + " revnat frontends backends source-ranges", ListServices),
    ];

    private static IEnumerable<(string, string)> Endpoints(CiliumAgent agent) =>
        agent.Endpoints.All.Where(static endpoint => endpoint.Address is not null).Select(static endpoint => ($"{endpoint.Address}:0", endpoint.MapValue)).Concat(agent.HostAddresses.Select(static address => ($"{address}:0", "(localhost)")));

    private static int ListServices(AgentCall call)
    {
        var services = call.Agent.Services;
        if (call.Has("revnat"))
            return Table(call, "ID", "BACKEND ADDRESS (REVNAT_ID) (SLOT)", services.Frontends.Select(static one => (one.Id.ToString(null, null), $"{one.Address}:{one.Port}")));
        if (call.Has("frontends"))
            return Table(call, "SERVICE ADDRESS", "BACKEND ID", services.Frontends.SelectMany(static one => Slots(one, (_, slot) => one.Value(slot))));
        if (call.Has("backends"))
            return Table(call, "ID", "BACKEND ADDRESS (REVNAT_ID) (SLOT)", services.Backends.Select(static one => (one.Id.ToString(null, null), $"{one.Protocol}://{one.Address}:{one.Port}")));
        if (call.Has("source-ranges"))
            return Table(call, "SOURCE RANGE (REVNAT_ID)", "", []);
        return Table(call, "SERVICE ADDRESS", "BACKEND ADDRESS (REVNAT_ID) (SLOT)", services.Frontends.SelectMany(static one => Slots(one, static (service, slot) => slot == 0
            ? $"0.0.0.0:0 ({service.Id}) (0) [{service.FlagNames}] "
            : $"{service.Backends[slot - 1]} ({service.Id}) ({slot})")));
    }

    private static IEnumerable<(string, string)> Slots(ServiceFrontend service, Func<ServiceFrontend, int, string> value) =>
        Enumerable.Range(0, service.Backends.Count + 1).Select(slot => ($"{service.Key} ({slot})", value(service, slot)));

    private static int Table(AgentCall call, string first, string second, IEnumerable<(string Key, string Value)> entries)
    {
        // Maps are read into a Go map: JSON has its keys sorted, text has them in no order, and the same here.
        var groups = entries.GroupBy(static entry => entry.Key).OrderBy(static group => group.Key, StringComparer.Ordinal).ToList();
        if (call.TryDocument(() => new JsonObject(groups.Select(static group => KeyValuePair.Create(group.Key, (JsonNode?)GoJson.Array(group.Select(static entry => entry.Value))))), out var code))
            return code;
        var writer = new GoTabWriter().Row(first, second);
        foreach (var group in groups)
        {
            foreach (var (entry, index) in group.Select(static (entry, index) => (entry, index)))
                writer.Row(index == 0 ? entry.Key : "", entry.Value, "");
        }

        return call.Print(writer.Flush());
    }
}
