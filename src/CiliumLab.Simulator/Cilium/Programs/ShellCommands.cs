using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Cilium;

/// <summary><c>shell -- db/show</c>: StateDB's tables.</summary>
internal static class ShellCommands
{
    // Components of the agent that report their health; endpoints add their own.
    private static readonly string[] Components =
    [
        "agent.controlplane.auth.observer-job-auth-gc-identity-events", "agent.controlplane.auth.timer-job-auth-gc-cleanup", "agent.controlplane.bgp-control-plane.job-diffstore-events",
        "agent.controlplane.cilium-restapi-server", "agent.controlplane.daemon", "agent.controlplane.dynamic-lifecycle-manager", "agent.controlplane.endpoint-manager", "agent.controlplane.envoy-proxy.timer-job-version-check",
        "agent.controlplane.identity.timer-job-id-alloc-update-policy-maps", "agent.controlplane.l2-announcer.job-l2-announcer-lease-gc", "agent.controlplane.nat-stats.timer-job-nat-stats", "agent.controlplane.node-manager",
        "agent.controlplane.service-manager", "agent.controlplane.stale-endpoint-cleanup.job-endpoint-cleanup", "agent.datapath.agent-liveness-updater.timer-job-agent-liveness-updater", "agent.datapath.iptables.ipset",
        "agent.datapath.l2-responder.job-l2-responder-reconciler", "agent.datapath.maps.bwmap", "agent.datapath.mtu.job-mtu-updater", "agent.datapath.node-address.job-node-address-update", "agent.datapath.sysctl.job-reconcile",
        "agent.infra.k8s-synced-crdsync.job-sync-crds", "agent.infra.metrics.timer-job-collect", "agent.infra.shell.job-listener",
    ];

    public static IReadOnlyList<AgentCommand> All { get; } = [new("shell", "", Shell), new("statedb dump", "", static call => call.Line(GoJson.Indented(new JsonObject { ["devices"] = DevicesJson(call.Agent), ["health"] = HealthJson(call.Agent) })))];

    /// <summary>The modules that report their health.</summary>
    public static IReadOnlyList<string> Modules(CiliumAgent agent) =>
    [
        .. Components.Concat(agent.Endpoints.All.SelectMany(static endpoint => ((string[])["cep-k8s-sync", "datapath-regenerate", "policymap-sync"]).Select(part =>
            $"agent.controlplane.endpoint-manager.cilium-endpoint-{endpoint.Id}{(endpoint.PodName.Length > 0 ? $" ({endpoint.PodNamespace}/{endpoint.PodName})" : "")}.{part}"))).Order(StringComparer.Ordinal),
    ];

    private static int Shell(AgentCall call)
    {
        var words = call.Arguments;
        if (call.First != "db/show")
            throw AgentCommandException.Fatal(words.Count == 0 ? "the shell needs a terminal and is not simulated; give it a command: shell -- db/show devices" : $"{words[0]}: unknown command");
        var format = "table";
        var rest = new List<string>();
        for (var index = 1; index < words.Count; index++)
        {
            if (words[index] is "-f" or "--format" && index + 1 < words.Count)
                format = words[++index];
            else if (words[index].Split('=', 2) is ["--format" or "-f", var value])
                format = value;
            else
                rest.Add(words[index]);
        }

        var isJson = format == "json";
        if (!isJson && format != "table")
            throw AgentCommandException.Fatal($"unknown format \"{format}\", expected table, json or yaml");
        return rest.FirstOrDefault() switch
        {
            "devices" => call.Print(isJson ? Documents(DevicesJson(call.Agent)) : Devices(call.Agent)),
            "health" => call.Print(isJson ? Documents(HealthJson(call.Agent)) : Health(call.Agent)),
            null => throw AgentCommandException.Fatal("db/show: expected table name"),
            var other => throw AgentCommandException.Fatal($"db/show: table \"{other}\" not found"),
        };
    }

    private static string Documents(JsonArray rows) => string.Concat(rows.Select(static row => GoJson.Indented(row) + "\n"));

    private static string Devices(CiliumAgent agent)
    {
        var writer = new GoTabWriter().Row("Name", "Index", "Selected", "Type", "MTU", "HWAddr", "Flags", "Addresses");
        foreach (var row in agent.Devices)
        {
            writer.Row(row.Link.Name, row.Link.Index.ToString(null, null), row.IsSelected ? "true" : "false", row.Type, row.Link.Mtu.ToString(null, null), row.HardwareAddress, row.Flags,
                string.Join(", ", row.Link.Addresses.Select(static address => address.Address)));
        }

        return writer.Flush();
    }

    private static JsonArray DevicesJson(CiliumAgent agent) => [.. agent.Devices.Select(static row => (JsonNode?)row.ToJson())];

    private static string Health(CiliumAgent agent)
    {
        var writer = new GoTabWriter().Row("Module", "Component", "Level", "Message", "LastOK", "UpdatedAt", "Count");
        foreach (var module in Modules(agent))
            writer.Row(ModuleOf(module), ComponentOf(module), "OK", "Running", GoText.Since(agent.StartedAt, agent.Now)[..^4], GoText.Since(agent.StartedAt, agent.Now)[..^4], "1");
        return writer.Flush();
    }

    private static JsonArray HealthJson(CiliumAgent agent) =>
    [
        .. Modules(agent).Select(module => (JsonNode?)new JsonObject
        {
            ["ID"] = new JsonObject { ["Module"] = GoJson.Array(ModuleOf(module).Split('.')), ["Component"] = GoJson.Array(ComponentOf(module).Split('.', StringSplitOptions.RemoveEmptyEntries)) },
            ["Level"] = "OK",
            ["Message"] = "Running",
            ["Error"] = "",
            ["LastOK"] = GoText.Seconds(agent.StartedAt),
            ["Updated"] = GoText.Seconds(agent.StartedAt),
            ["Stopped"] = "0001-01-01T00:00:00Z",
            ["Final"] = "",
            ["Count"] = 1,
        }),
    ];

    private static string ModuleOf(string module) => string.Join('.', module.Split('.').Take(3));

    private static string ComponentOf(string module) => string.Join('.', module.Split('.').Skip(3));
}
