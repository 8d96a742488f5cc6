using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Cilium;
using CiliumLab.PowerShell.Nodes;

namespace CiliumLab.PowerShell.Bpf;

/// <summary>Get-BpfAttachment: the programs that are attached to interfaces.</summary>
[Cmdlet(VerbsCommon.Get, "BpfAttachment")]
[OutputType(typeof(BpfAttachment))]
public sealed class GetBpfAttachmentCommand : AgentReadCmdlet<BpfAttachment>
{
    /// <summary>The programs of these interfaces; wildcards work.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    public string[]? Interface { get; set; }

    private protected override IAsyncEnumerable<BpfAttachment> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        agents.ReadProgramAsync(node, ["bpftool", "-j", "net", "show"], BpftoolNetText.Parse, warn, cancellationToken);

    private protected override Func<BpfAttachment, bool> Selector()
    {
        var link = Given(nameof(Interface), Interface);
        return item => Wildcards.Match(link, item.Interface);
    }
}
