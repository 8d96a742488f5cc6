using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Cilium;

/// <summary>The program cilium-health, and its part of <c>cilium-dbg status</c>.</summary>
internal static class HealthCommands
{
    public static IReadOnlyList<AgentCommand> All { get; } = [new("status", "o|output= probe succinct verbose", Status) { Before = Probe }, new("get", "o|output=", Get)];

    /// <summary>As health's models.HealthStatusResponse.</summary>
    public static JsonObject ToJson(CiliumAgent agent) => new()
    {
        ["local"] = new JsonObject { ["name"] = Name(agent, agent.Node.Name) },
        ["nodes"] = new JsonArray([.. agent.Health.Nodes.OrderBy(static node => node.Name, StringComparer.Ordinal).Select(node => (JsonNode)ToJson(agent, node))]),
        ["timestamp"] = GoText.Seconds(agent.Health.ProbedAt),
    };

    /// <summary>The lines about the cluster.</summary>
    public static void Write(GoTabWriter writer, CiliumAgent agent, bool all, bool isSuccinct)
    {
        var nodes = agent.Health.Nodes;
        if (isSuccinct)
        {
            writer.Write($"Cluster health:\t{nodes.Count(IsHealthy)}/{nodes.Count} reachable\t({GoText.Seconds(agent.Health.ProbedAt)})\n");
            writer.Write("Name\tIP\tNode\tEndpoints\n");
        }
        else
        {
            writer.Write($"Probe time:\t{GoText.Seconds(agent.Health.ProbedAt)}\nNodes:\n");
        }

        foreach (var node in nodes.Where(node => all || !isSuccinct || !IsHealthy(node)))
        {
            var name = node.Name + (node.Name == agent.Node.Name ? " (localhost)" : "");
            if (isSuccinct && !all)
            {
                writer.Write($"  {name}\t{node.Host.Address}\t{(node.Host.IsHealthy ? 1 : 0)}/1\t{(node.Endpoint?.IsHealthy == true ? 1 : 0)}/{(node.Endpoint is null ? 0 : 1)}\n");
                continue;
            }

            writer.Write($"  {name}:\n");
            Write(writer, "Host", node.Host);
            if (node.Endpoint is { } endpoint)
                Write(writer, "Endpoint", endpoint);
        }
    }

    private static bool IsHealthy(HealthOfNode node) => node.Host.IsHealthy && node.Endpoint is null or { IsHealthy: true } && node.Host.IsHealthy;

    /// <summary>Asks all nodes when that is wanted, or was not done yet.</summary>
    public static void Probe(AgentCall call)
    {
        if (call.Has("probe") || call.Agent.Health.Nodes.Count == 0)
            call.Agent.Health.Probe();
    }

    private static string Name(CiliumAgent agent, string node) => agent.Configuration.ClusterName == "default" ? node : $"{agent.Configuration.ClusterName}/{node}";

    private static JsonObject ToJson(CiliumAgent agent, HealthOfNode node)
    {
        var json = new JsonObject();
        if (node.Endpoint is { } endpoint)
        {
            json["endpoint"] = endpoint.ToJson();
            json["health-endpoint"] = new JsonObject { ["primary-address"] = endpoint.ToJson(), ["secondary-addresses"] = null };
        }

        json["host"] = new JsonObject { ["primary-address"] = node.Host.ToJson(), ["secondary-addresses"] = null };
        return json.With("name", Name(agent, node.Name));
    }

    private static void Write(GoTabWriter writer, string what, HealthPath path)
    {
        writer.Write($"    {what} connectivity to {path.Address}:\n");
        writer.Write($"      ICMP to stack:\t{(path.EchoNanoseconds is { } echo ? "OK, RTT=" + GoText.Duration(echo) : "Connection timed out")}\n");
        writer.Write($"      HTTP to agent:\t{(path.HttpNanoseconds is { } http ? "OK, RTT=" + GoText.Duration(http) : path.HttpError)}\n");
    }

    private static int Status(AgentCall call)
    {
        if (call.TryDocument(() => ToJson(call.Agent), out var code))
            return code;
        var writer = new GoTabWriter(2);
        Write(writer, call.Agent, all: !call.Has("succinct") || call.Has("verbose"), isSuccinct: call.Has("succinct") && !call.Has("verbose"));
        return call.Print(writer.Flush());
    }

    private static int Get(AgentCall call)
    {
        var uptime = GoText.Duration(call.Agent.Now - call.Agent.StartedAt);
        return call.TryDocument(() => new JsonObject { ["cilium"] = StatusReport.Of(call.Agent), ["system-load"] = new JsonObject { ["last15min"] = "0.10", ["last1min"] = "0.10", ["last5min"] = "0.10" }, ["uptime"] = uptime }, out var code)
            ? code
            : call.Print($"Daemon uptime:\t{uptime}\nNode load:\t0.10 0.10 0.10\n");
    }
}

/// <summary><c>status</c> of cilium-dbg.</summary>
internal static class StatusCommands
{
    public static IReadOnlyList<AgentCommand> All { get; } =
        [new("status", "o|output= all-addresses all-controllers all-nodes all-redirects all-clusters all-health brief verbose timeout=", Status) { Before = HealthCommands.Probe }];

    private static int Status(AgentCall call)
    {
        var agent = call.Agent;
        var report = StatusReport.Of(agent);
        if (call.TryDocument(() => report, out var code))
            return code;
        if (call.Has("brief"))
            return call.Line("OK");
        var isVerbose = call.Has("verbose");
        var writer = new GoTabWriter(2);
        StatusText.Write(writer, agent, report, isVerbose || call.Has("all-addresses"), isVerbose || call.Has("all-controllers"), isVerbose);
        if (agent.Endpoints.Health is null)
            writer.Write("Cluster health:\t\tProbe disabled\n");
        else
            HealthCommands.Write(writer, agent, all: isVerbose || call.Has("all-health"), isSuccinct: true);
        writer.Write($"Modules Health:\tStopped(0) Degraded(0) OK({ShellCommands.Modules(agent).Count})\n");
        return call.Print(writer.Flush());
    }
}
