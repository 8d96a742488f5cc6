using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Nodes;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>Get-CiliumService: the services that agents serve, with their backends.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumService")]
[OutputType(typeof(CiliumService))]
public sealed class GetCiliumServiceCommand : AgentReadCmdlet<CiliumService>
{
    /// <summary>The services of these names; wildcards work.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>The services in these namespaces; wildcards work.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    public string[]? Namespace { get; set; }

    private protected override IAsyncEnumerable<CiliumService> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        agents.ServicesAsync(node, warn, cancellationToken);

    private protected override Func<CiliumService, bool> Selector()
    {
        var space = Given(nameof(Namespace), Namespace);
        return item => Wildcards.Match(Name, item.Name)
            && Wildcards.Match(space, item.Namespace);
    }
}
