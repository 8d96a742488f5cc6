using System.Management.Automation;
using CiliumLab.Engine.Bpf;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Cilium;
using CiliumLab.PowerShell.Nodes;

namespace CiliumLab.PowerShell.Bpf;

/// <summary>Get-CiliumBpfFilesystem: what is pinned in the BPF file system of nodes, or how it is mounted.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumBpfFilesystem")]
[OutputType(typeof(BpfMount), typeof(BpfPin))]
public sealed class GetCiliumBpfFilesystemCommand : AgentReadCmdlet<object>
{
    /// <summary>Only what is pinned at these paths; wildcards work.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>How the file system is mounted, instead of what is pinned in it.</summary>
    [Parameter]
    public SwitchParameter Mount { get; set; }

    private protected override IAsyncEnumerable<object> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        BpfFilesystem.ReadAsync(agents, node, warn, cancellationToken);

    private protected override bool Selects(object item) => Mount ? item is BpfMount : item is BpfPin pin && Wildcards.Match(Path, pin.Path);
}
