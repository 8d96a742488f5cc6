using System.Management.Automation;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Get-NodeCniConfig: which CNI configuration a node uses, and which plugins it has.</summary>
[Cmdlet(VerbsCommon.Get, "NodeCniConfig", DefaultParameterSetName = "Config")]
[OutputType(typeof(CniConfig), ParameterSetName = ["Config"])]
[OutputType(typeof(CniBinary), ParameterSetName = ["Binary"])]
public sealed class GetNodeCniConfigCommand : NodeCmdlet
{
    /// <summary>The plugin programs in /opt/cni/bin instead of the files in /etc/cni/net.d.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Binary")]
    public SwitchParameter Binary { get; set; }

    private protected override async Task RunAsync(INodeShell shell, WorkOutput output, CancellationToken cancellationToken)
    {
        if (Binary)
        {
            foreach (var binary in await CniConfigs.ReadBinariesAsync(shell, cancellationToken).ConfigureAwait(false))
                await output.WriteAsync(binary).ConfigureAwait(false);
            return;
        }

        await foreach (var config in CniConfigs.ReadAsync(shell, cancellationToken).ConfigureAwait(false))
            await output.WriteAsync(config).ConfigureAwait(false);
    }
}
