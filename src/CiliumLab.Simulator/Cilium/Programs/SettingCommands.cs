using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Commands about the agent itself: <c>config</c>, <c>version</c>, <c>encrypt status</c>, <c>metrics list</c>.</summary>
internal static class SettingCommands
{
    private const string Output = "o|output=";
    private const string Go = "go1.24.4";

    public static IReadOnlyList<AgentCommand> All { get; } =
    [
        new("config", Output + " a|all r|read-only", Config),
        new("config get", Output, GetConfig),
        new("version", Output, Version),
        new("encrypt status", Output, static call => call.TryDocument(static () => new JsonObject { ["mode"] = "Disabled" }, out var code) ? code : call.Line($"Encryption: {"Disabled",-26}")),
        new("metrics list", Output + " p|match-pattern=", ListMetrics),
    ];

    private static JsonObject Mutable(CiliumAgent agent)
    {
        var configuration = agent.Configuration;
        var aggregation = configuration.Text("monitor-aggregation", "none");
        string Enabled(string key, bool otherwise = false) => configuration.Flag(key, otherwise) ? "Enabled" : "Disabled";
        return new JsonObject
        {
            ["ConntrackAccounting"] = Enabled("bpf-conntrack-accounting"),
            ["ConntrackLocal"] = "Disabled",
            ["Debug"] = Enabled("debug"),
            ["DebugLB"] = "Disabled",
            ["DebugPolicy"] = "Disabled",
            ["DropNotification"] = Enabled("bpf-events-drop-enabled", true),
            ["MonitorAggregationLevel"] = char.ToUpperInvariant(aggregation[0]) + aggregation[1..],
            ["PolicyAuditMode"] = Enabled("policy-audit-mode"),
            ["PolicyTracing"] = "Disabled",
            ["PolicyVerdictNotification"] = Enabled("bpf-events-policy-verdict-enabled", true),
            ["SourceIPVerification"] = Enabled("enable-source-ip-verification", true),
            ["TraceNotification"] = Enabled("bpf-events-trace-enabled", true),
            ["TraceSockNotification"] = "Enabled",
        };
    }

    private static SortedDictionary<string, string> ReadOnly(CiliumAgent agent)
    {
        // Fields of option.DaemonConfig are called as the flags are, in one word.
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in agent.Configuration.Values)
            values[string.Concat(key.Split('-').Select(Word))] = value;
        return values;
    }

    private static string Word(string part) => part switch
    {
        "ipv4" => "IPv4",
        "ipv6" => "IPv6",
        "bpf" => "BPF",
        "k8s" => "K8s",
        "id" => "ID",
        "cidr" => "CIDR",
        "lb" => "LB",
        "ip" => "IP",
        "mtu" => "MTU",
        "" => "",
        _ => char.ToUpperInvariant(part[0]) + part[1..],
    };

    private static int Config(AgentCall call)
    {
        if (call.Arguments.Count > 0)
            throw AgentCommandException.Fatal(call.Arguments[0].Contains('=', StringComparison.Ordinal) ? "Unable to change agent configuration: changing options of a running agent is not simulated" : "Improper configuration format provided");
        var agent = call.Agent;
        if (call.TryDocument(
            () =>
            {
                if (!call.Has("all") && !call.Has("read-only"))
                    return Mutable(agent);
                var json = new JsonObject(ReadOnly(agent).Select(static pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
                if (call.Has("all"))
                    json["options"] = Mutable(agent);
                return json;
            },
            out var code))
        {
            return code;
        }

        if (call.Has("all") || call.Has("read-only"))
        {
            call.Line("#### Read-only configurations ####");
            foreach (var (key, value) in ReadOnly(agent))
                call.Line($"{key,-34}: {value}");
            call.Line($"{"k8s-configuration",-34}: ");
            call.Line($"{"k8s-endpoint",-34}: https://{agent.Cilium.Cluster.ControlPlaneAddress}:6443");
            if (!call.Has("all"))
                return 0;
        }

        call.Line("##### Read-write configurations #####");
        foreach (var (key, value) in Mutable(agent))
            call.Line($"{key,-34}: {(string)value!}");
        return call.Line($"{"MonitorNumPages",-34}: 64") + call.Line($"{"PolicyEnforcement",-34}: {agent.Configuration.Text("enable-policy", "default")}");
    }

    private static int GetConfig(AgentCall call)
    {
        var key = call.First ?? throw AgentCommandException.Fatal("missing config name");
        var all = Mutable(call.Agent).Select(static pair => (pair.Key, Value: (string)pair.Value!)).Concat(ReadOnly(call.Agent).Select(static pair => (pair.Key, pair.Value))).Where(pair => pair.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).ToList();
        if (all.Count == 0)
            throw AgentCommandException.Fatal($"key {key} not found");
        return call.TryDocument(() => all[0].Value, out var code) ? code : call.Line($"{all[0].Key} = {all[0].Value}");
    }

    private static int Version(AgentCall call)
    {
        JsonObject One() => new() { ["Version"] = CiliumInstallation.Version, ["Revision"] = CiliumInstallation.Commit, ["GoRuntimeVersion"] = Go, ["Arch"] = "linux/amd64", ["AuthorDate"] = "2025-06-17T10:42:17+00:00" };
        var text = $"{CiliumInstallation.Version} {CiliumInstallation.Commit} 2025-06-17T10:42:17+00:00 go version {Go} linux/amd64";
        return call.TryDocument(() => new JsonObject { ["Client"] = One(), ["Daemon"] = One() }, out var code) ? code : call.Print($"Client: {text}\nDaemon: {text}\n");
    }

    private static int ListMetrics(AgentCall call)
    {
        var pattern = call.Value("match-pattern");
        var metrics = Metrics(call.Agent).Where(metric => pattern is null || System.Text.RegularExpressions.Regex.IsMatch(metric.Name, pattern)).OrderBy(static metric => metric.Name, StringComparer.Ordinal).ToList();
        if (call.TryDocument(
            () => new JsonArray([.. metrics.Select(static metric => (JsonNode)new JsonObject().With("labels", new JsonObject(metric.Labels.Select(static label => KeyValuePair.Create(label.Name, (JsonNode?)label.Value)))).With("name", metric.Name).With("value", metric.Value))]),
            out var code))
        {
            return code;
        }

        var writer = new GoTabWriter().Row("Metric", "Labels", "Value");
        foreach (var metric in metrics)
            writer.Row(metric.Name, string.Join(' ', metric.Labels.Select(static label => $"{label.Name}=\"{label.Value}\"")), metric.Value.ToString("0.000000", System.Globalization.CultureInfo.InvariantCulture));
        return call.Print(writer.Flush());
    }

    private static IEnumerable<(string Name, (string Name, string Value)[] Labels, double Value)> Metrics(CiliumAgent agent)
    {
        foreach (var group in agent.Endpoints.All.GroupBy(static endpoint => endpoint.State))
            yield return ("cilium_endpoint_state", [("endpoint_state", group.Key)], group.Count());
        yield return ("cilium_endpoint", [], agent.Endpoints.All.Count);
        yield return ("cilium_identity", [("type", "cluster_local")], agent.Cilium.Identities.Allocated.Count);
        yield return ("cilium_identity", [("type", "reserved")], SecurityIdentity.Reserved.Length);
        yield return ("cilium_ip_addresses", [("family", "ipv4")], agent.Pool!.Owners.Count);
        yield return ("cilium_nodes_all_num", [], agent.Peers.Nodes.Count + 1);
        yield return ("cilium_unreachable_nodes", [], agent.Health.Nodes.Count(static node => !node.Host.IsHealthy));
        foreach (var metric in agent.Monitor.Metrics.Where(static metric => metric.Reason == "Success"))
            yield return ("cilium_forward_count_total", [("direction", metric.Direction)], metric.Packets);
        foreach (var metric in agent.Monitor.Metrics.Where(static metric => metric.Reason != "Success"))
            yield return ("cilium_drop_count_total", [("direction", metric.Direction), ("reason", metric.Reason)], metric.Packets);
    }
}
