using System.Collections.Concurrent;
using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Nodes;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>Get-CiliumEndpoint: the endpoints that agents manage, joined with the cluster's CiliumEndpoints.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumEndpoint")]
[OutputType(typeof(CiliumEndpoint))]
public sealed class GetCiliumEndpointCommand : AgentReadCmdlet<CiliumEndpoint>
{
    // One list of the cluster serves all nodes of a pipeline.
    private readonly ConcurrentDictionary<CiliumAgents, Lazy<Task<EndpointResources>>> _resources = [];

    /// <summary>The endpoints of these pods; wildcards work.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    public string[]? Pod { get; set; }

    /// <summary>The endpoints of pods in these namespaces; wildcards work.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    public string[]? Namespace { get; set; }

    /// <summary>The endpoints with these numbers.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public int[]? EndpointId { get; set; }

    private protected override IAsyncEnumerable<CiliumEndpoint> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        var resources = _resources.GetOrAdd(agents, all => new Lazy<Task<EndpointResources>>(() => Task.Run(() => all.EndpointResourcesAsync(cancellationToken), cancellationToken)));
        return CiliumEndpoints.ReadAsync(agents, resources.Value, node, warn, cancellationToken);
    }

    private protected override Func<CiliumEndpoint, bool> Selector()
    {
        var (pod, space, endpointId) = (Given(nameof(Pod), Pod), Given(nameof(Namespace), Namespace), Given(nameof(EndpointId), EndpointId));
        return item => Wildcards.Match(pod, item.Pod)
            && Wildcards.Match(space, item.Namespace)
            && (endpointId is null || endpointId.Contains(item.EndpointId));
    }
}
