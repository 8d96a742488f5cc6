using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Cilium;

/// <summary>A thing that an agent does over and over.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Every">How often; null for once.</param>
internal sealed record AgentController(string Name, TimeSpan? Every = null)
{
    /// <summary>When it last did it.</summary>
    public DateTimeOffset LastSuccess(CiliumAgent agent) => Every is { } interval
        ? agent.StartedAt + TimeSpan.FromTicks((agent.Now - agent.StartedAt).Ticks / interval.Ticks * interval.Ticks)
        : agent.StartedAt;

    /// <summary>How often it did it.</summary>
    public long Successes(CiliumAgent agent) => Every is { } interval ? 1 + (agent.Now - agent.StartedAt).Ticks / interval.Ticks : 1;

    /// <summary>As models.ControllerStatus.</summary>
    public JsonObject ToJson(CiliumAgent agent) => new()
    {
        ["configuration"] = new JsonObject().With("error-retry", true).With("interval", Every is null ? "0s" : GoText.Duration(Every.Value)),
        ["name"] = Name,
        ["status"] = new JsonObject
        {
            ["last-failure-timestamp"] = "0001-01-01T00:00:00.000Z",
            ["last-success-timestamp"] = GoText.Milliseconds(LastSuccess(agent)),
        }.With("success-count", Successes(agent)),
        ["uuid"] = agent.Seed.Fork("controller/" + Name).NextUuid(),
    };
}

/// <summary>What an agent does over and over, as its status lists it.</summary>
internal static class Controllers
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly AgentController[] OfAgent =
    [
        new("cilium-health-ep", Minute), new("ct-map-pressure", TimeSpan.FromSeconds(30)), new("daemon-validate-config", Minute), new("dns-garbage-collector-job", Minute),
        new("endpoint-gc", TimeSpan.FromMinutes(5)), new("endpoint-periodic-regeneration", TimeSpan.FromMinutes(2)), new("ep-bpf-prog-watchdog", TimeSpan.FromSeconds(30)),
        new("ipcache-inject-labels", Minute), new("k8s-heartbeat", TimeSpan.FromSeconds(30)), new("link-cache", TimeSpan.FromSeconds(15)), new("local-identity-checkpoint"),
        new("node-neighbor-link-updater", TimeSpan.FromSeconds(30)), new("proxy-ports-checkpoint"), new("sync-lb-maps-with-k8s-services"), new("sync-utime", Minute), new("write-cni-file"),
    ];

    /// <summary>An agent's controllers by name.</summary>
    public static IReadOnlyList<AgentController> Of(CiliumAgent agent) =>
    [
        .. OfAgent.Where(controller => controller.Name != "cilium-health-ep" || agent.Endpoints.Health is not null)
            .Concat(agent.Endpoints.All.SelectMany(OfEndpoint)).OrderBy(static controller => controller.Name, StringComparer.Ordinal),
    ];

    /// <summary>The controllers of an endpoint.</summary>
    public static IEnumerable<AgentController> OfEndpoint(CiliumEndpoint endpoint)
    {
        yield return new($"endpoint-{endpoint.Id}-regeneration-recovery");
        yield return new($"resolve-identity-{endpoint.Id}", TimeSpan.FromMinutes(5));
        yield return new($"sync-policymap-{endpoint.Id}", TimeSpan.FromMinutes(15));
        if (endpoint.Kind != EndpointKind.Pod)
            yield break;
        yield return new($"resolve-labels-{endpoint.PodNamespace}/{endpoint.PodName}");
        yield return new($"sync-to-k8s-ciliumendpoint ({endpoint.Id})", TimeSpan.FromSeconds(10));
    }
}
