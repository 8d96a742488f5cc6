using System.Management.Automation;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Enable-NodeKernelModule: loads kernel modules now and at every boot.</summary>
[Cmdlet(VerbsLifecycle.Enable, "NodeKernelModule", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(KernelModule))]
public sealed class EnableNodeKernelModuleCommand : NodeCmdlet
{
    /// <summary>The modules, such as vxlan or br_netfilter.</summary>
    [Parameter(Position = 0, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [NodeName]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    public override string[]? Node { get; set; }

    private protected override async Task RunAsync(INodeShell shell, WorkOutput output, CancellationToken cancellationToken)
    {
        foreach (var name in Name)
        {
            try
            {
                var module = await KernelModules.EnableAsync(
                    shell, name, change => output.ShouldProcessAsync(shell.Node, change), Warn(shell, output), cancellationToken).ConfigureAwait(false);
                if (module is not null)
                    await output.WriteAsync(module).ConfigureAwait(false);
            }
            catch (LabException error)
            {
                // The other modules may still be had.
                await output.ErrorAsync(error).ConfigureAwait(false);
            }
        }
    }
}
