using System.Management.Automation;
using CiliumLab.Engine.Bpf;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Cilium;
using CiliumLab.PowerShell.Completion;

namespace CiliumLab.PowerShell.Bpf;

/// <summary>Get-CiliumBpfMap: the maps that agents have, or what is in one of them.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumBpfMap")]
[OutputType(
    typeof(CiliumBpfMap), typeof(BpfMapEntry), typeof(BpfIpCacheEntry), typeof(BpfEndpointEntry), typeof(BpfServiceEntry), typeof(BpfBackendEntry),
    typeof(BpfReverseNatEntry), typeof(BpfSourceRangeEntry), typeof(BpfPolicyEntry))]
public sealed class GetCiliumBpfMapCommand : AgentReadCmdlet<object>
{
    /// <summary>The maps whose entries are wanted; the list of maps when it is not given.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CiliumMapNameCompleter))]
    public string[]? MapName { get; set; }

    private protected override Func<INodeShell, Action<TextWarning>, CancellationToken, IAsyncEnumerable<object>> Reader()
    {
        var (agents, names) = (Require(() => Session.Agents), Given(nameof(MapName), MapName));
        return (shell, warn, cancellationToken) => ReadAsync(agents, shell.Node, names, warn, cancellationToken);
    }

    private protected override IAsyncEnumerable<object> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        ReadAsync(agents, node, Given(nameof(MapName), MapName), warn, cancellationToken);

    private static IAsyncEnumerable<object> ReadAsync(CiliumAgents agents, string node, string[]? names, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        names is null
            ? CiliumMaps.ListAsync(agents, node, warn, cancellationToken)
            : names.ToAsyncEnumerable().SelectMany(name => CiliumMaps.EntriesAsync(agents, node, name, warn, cancellationToken));
}
