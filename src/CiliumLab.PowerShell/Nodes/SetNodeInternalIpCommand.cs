using System.Management.Automation;
using System.Net;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Kubelet;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Set-NodeInternalIp: tells the kubelet which of the node's addresses to use.</summary>
[Cmdlet(VerbsCommon.Set, "NodeInternalIp", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = "Interface")]
[OutputType(typeof(NodeInternalIp))]
public sealed class SetNodeInternalIpCommand : NodeCmdlet
{
    /// <summary>The interface whose address is used, on every node its own.</summary>
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "Interface")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(InterfaceNameCompleter))]
    public string Interface { get; set; } = "";

    /// <summary>The address, or one of each family on a dual-stack node; the node must have it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Address")]
    [ValidateCount(1, 2)]
    public IPAddress[] Address { get; set; } = [];

    /// <inheritdoc/>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [NodeName]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    public override string[]? Node { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Address is [var first, var second] && first.AddressFamily == second.AddressFamily)
        {
            ThrowTerminatingError(LabErrors.ToRecord(new LabException(
                "AddressesOfOneFamily",
                LabErrorKind.InvalidArgument,
                $"{first} and {second} are of the same family; a kubelet takes one IPv4 and one IPv6 address.",
                second,
                "Give one address, or one of each family.")));
        }
    }

    private protected override async Task RunAsync(INodeShell shell, WorkOutput output, CancellationToken cancellationToken)
    {
        var choice = ParameterSetName == "Interface" ? new NodeIpChoice(Interface, []) : new NodeIpChoice(null, Address);
        var result = await KubeletNodeIp.SetAsync(
            shell, choice, change => output.ShouldProcessAsync(shell.Node, change), TimeProvider.System, cancellationToken).ConfigureAwait(false);
        if (result is not null)
            await output.WriteAsync(result).ConfigureAwait(false);
    }
}
