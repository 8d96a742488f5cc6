using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Cilium;

namespace CiliumLab.PowerShell.Bpf;

/// <summary>Get-BpfMap: the maps that the kernel has.</summary>
[Cmdlet(VerbsCommon.Get, "BpfMap")]
[OutputType(typeof(BpfMap))]
public sealed class GetBpfMapCommand : AgentReadCmdlet<BpfMap>
{
    /// <summary>The maps with these numbers.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public uint[]? MapId { get; set; }

    private protected override IAsyncEnumerable<BpfMap> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        agents.ReadProgramAsync(node, ["bpftool", "-j", "map", "show"], BpftoolMapText.Parse, warn, cancellationToken);

    private protected override Func<BpfMap, bool> Selector()
    {
        var mapId = Given(nameof(MapId), MapId);
        return item => mapId is null || mapId.Contains(item.MapId);
    }
}
