using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;

namespace CiliumLab.Simulator.Cilium;

/// <summary>The image of the agent: what it does depends on the container that it is run in.</summary>
internal sealed class AgentProcess(CiliumInstallation cilium) : IContainerProcess
{
    /// <inheritdoc/>
    public ProcessOutcome Start(ContainerContext context)
    {
        if (!IsAgent(context))
            return ProcessOutcome.Done;
        cilium[context.Node].Start();
        return ProcessOutcome.Runs;
    }

    /// <inheritdoc/>
    public void Stop(ContainerContext context)
    {
        if (IsAgent(context))
            cilium[context.Node].Stop();
    }

    /// <inheritdoc/>
    public string? ReadinessFailure(ContainerContext context) =>
        !IsAgent(context) || (cilium[context.Node].IsReady && !context.Node.Faults.AgentFails()) ? null : "HTTP probe failed with statuscode: 503";

    /// <inheritdoc/>
    public bool MayBecomeUnready => true;

    private static bool IsAgent(ContainerContext context) => context.Name == "cilium-agent";
}

/// <summary>The operator's image.</summary>
internal sealed class OperatorProcess(CiliumInstallation cilium) : IContainerProcess
{
    /// <inheritdoc/>
    public ProcessOutcome Start(ContainerContext context)
    {
        cilium.Operator.Start(context.Pod.Name);
        return ProcessOutcome.Runs;
    }

    /// <inheritdoc/>
    public void Stop(ContainerContext context) => cilium.Operator.Stop(context.Pod.Name);

    /// <inheritdoc/>
    public string? ReadinessFailure(ContainerContext context) => null;
}

/// <summary>Shows agents and operator what changes in the cluster, and lets them do what they do from time to time.</summary>
internal sealed class CiliumController : Controller
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(15);

    private readonly CiliumInstallation _cilium;

    public CiliumController(CiliumInstallation cilium)
        : base(cilium.Cluster.Loop)
    {
        _cilium = cilium;
        Again();
    }

    /// <inheritdoc/>
    public override void Changed(ResourceEvent change)
    {
        var type = change.Object.Type;
        var of = $"{change.Object.Namespace}/{change.Object.Name}";
        if (type == ResourceTypes.Services)
            Enqueue($"service {of}");
        else if (type == ResourceTypes.EndpointSlices && change.Object.Labels.GetValueOrDefault("kubernetes.io/service-name") is { } service)
            Enqueue($"service {change.Object.Namespace}/{service}");
        else if (type == ResourceTypes.Pods && change.Type == ResourceEventType.Modified)
            Enqueue($"pod {of}");
        else if (type == ResourceTypes.Nodes)
            Enqueue($"node {of}");
        else if (type.Group == CustomResources.Group && type.Resource == CustomResources.Nodes)
            Enqueue($"ciliumnode {of}");
        else if (type.Group == CustomResources.Group && type.Resource == CustomResources.Endpoints)
            Enqueue($"endpoint {of}");
        else if (type.Group == CustomResources.Group && type.Resource == CustomResources.Identities)
            Enqueue("identity /");
        else if (PolicyRepository.IsPolicy(type))
            Enqueue("policy /");
        else if (type == ResourceTypes.CustomResourceDefinitions && change.Object.Name.EndsWith("." + CustomResources.Group, StringComparison.Ordinal))
            Enqueue("ciliumnode /");
    }

    /// <inheritdoc/>
    public override void Reconcile(string key)
    {
        var (what, ns, name) = key.Split(' ', '/') is [var first, var second, var third] ? (first, second, third) : (key, "", "");
        if (what is "ciliumnode" or "node")
        {
            _cilium.Operator.UpdateNodes();
            foreach (var waiting in _cilium.Agents)
                waiting.TryBecomeReady();
            _cilium.Operator.ReportNodes();
        }

        foreach (var agent in _cilium.Agents.Where(static agent => agent.IsReady))
        {
            lock (agent.Node.Kernel.Gate)
            {
                switch (what)
                {
                    case "service":
                        agent.UpdateService(ns, name);
                        break;
                    case "pod" when Store.Find(ResourceTypes.Pods, ns, name) is { } pod && pod.NodeName() == agent.Node.Name:
                        agent.Endpoints.Update(pod);
                        break;
                    case "endpoint":
                        agent.Peers.UpdatePod(ns, name);
                        break;
                    case "ciliumnode" when name.Length > 0:
                        agent.Peers.UpdateNode(name);
                        break;
                    case "identity":
                        agent.Endpoints.UpdatePolicies();
                        break;
                    case "policy" when agent.Policies.Update():
                        agent.Endpoints.RegeneratePolicies();
                        break;
                }
            }
        }
    }

    private void Again() => Loop.After(Tick, () =>
    {
        _cilium.Operator.Tick();
        foreach (var waiting in _cilium.Agents)
            waiting.TryBecomeReady();
        foreach (var agent in _cilium.Agents.Where(agent => agent.IsReady && Now - agent.Health.ProbedAt >= HealthProber.Interval))
            agent.Health.Probe();
        Again();
    });
}
