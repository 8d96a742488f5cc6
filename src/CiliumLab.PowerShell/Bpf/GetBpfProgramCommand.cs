using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Cilium;

namespace CiliumLab.PowerShell.Bpf;

/// <summary>Get-BpfProgram: the programs that the kernel has loaded.</summary>
[Cmdlet(VerbsCommon.Get, "BpfProgram")]
[OutputType(typeof(BpfProgram))]
public sealed class GetBpfProgramCommand : AgentReadCmdlet<BpfProgram>
{
    /// <summary>The programs with these numbers.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public uint[]? ProgramId { get; set; }

    private protected override IAsyncEnumerable<BpfProgram> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        agents.ReadProgramAsync(node, ["bpftool", "-j", "prog", "show"], BpftoolProgramText.Parse, warn, cancellationToken);

    private protected override Func<BpfProgram, bool> Selector()
    {
        var programId = Given(nameof(ProgramId), ProgramId);
        return item => programId is null || programId.Contains(item.ProgramId);
    }
}
