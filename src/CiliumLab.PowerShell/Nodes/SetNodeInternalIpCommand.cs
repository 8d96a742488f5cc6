using System.Management.Automation;
using System.Net;
using CiliumLab.Engine.Cluster.Nodes;
using CiliumLab.Engine.Labs;
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

    private protected override Func<INodeShell, WorkOutput, CancellationToken, Task> Work()
    {
        var (session, choice) = (Session, Choice());
        return (shell, output, cancellationToken) => RunAsync(session, choice, shell, output, cancellationToken);
    }

    private protected override Task RunAsync(INodeShell shell, WorkOutput output, CancellationToken cancellationToken) =>
        RunAsync(Session, Choice(), shell, output, cancellationToken);

    private NodeIpChoice Choice() => ParameterSetName == "Interface" ? new NodeIpChoice(Interface, []) : new NodeIpChoice(null, Address);

    private static async Task RunAsync(
        LabSession session, NodeIpChoice choice, INodeShell shell, WorkOutput output, CancellationToken cancellationToken)
    {
        await output.StepAsync(shell.Node, "reading the kubelet's flags").ConfigureAwait(false);
        var result = await KubeletNodeIp.SetAsync(
            shell, choice, change => output.ShouldProcessAsync(shell.Node, change), TimeProvider.System, cancellationToken).ConfigureAwait(false);
        if (result is null)
            return;
        if (!session.HasCluster)
        {
            await output.WriteAsync(result).ConfigureAwait(false);
            return;
        }

        try
        {
            var reported = await ClusterNodes.WaitForInternalIpAsync(
                session.Cluster, shell.Node, result.Configured, step => output.StepAsync(shell.Node, step).AsTask(), cancellationToken).ConfigureAwait(false);
            await output.WriteAsync(result with { Reported = reported }).ConfigureAwait(false);
        }
        catch (LabException)
        {
            // What was done is done, whether the cluster shows it or not.
            await output.WriteAsync(result).ConfigureAwait(false);
            throw;
        }
    }
}
