using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>Get-CiliumDevice: the devices that agents know, and which of them they selected.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumDevice")]
[OutputType(typeof(CiliumDevice))]
public sealed class GetCiliumDeviceCommand : AgentReadCmdlet<CiliumDevice>
{
    private protected override IAsyncEnumerable<CiliumDevice> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        agents.ReadAsync(node, ["shell", "--", "db/show", "devices"], CiliumDeviceText.Parse, warn, cancellationToken);
}
