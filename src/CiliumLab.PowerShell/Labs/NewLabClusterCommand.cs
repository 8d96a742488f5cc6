using System.Management.Automation;
using System.Net;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Labs;

/// <summary>New-LabCluster: makes a lab, brings it up and makes it the current one.</summary>
[Cmdlet(VerbsCommon.New, "LabCluster", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(LabCluster))]
public sealed class NewLabClusterCommand : LabCmdlet
{
    private static readonly LabTopology Usual = new();

    /// <summary>The lab's name.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "lab";

    /// <summary>Where the lab's machines come from.</summary>
    [Parameter(Mandatory = true)]
    public LabProvider Provider { get; set; }

    /// <summary>How many workers there are beside the control plane.</summary>
    [Parameter]
    [ValidateRange(0, 250)]
    public int WorkerCount { get; set; } = Usual.WorkerCount;

    /// <summary>The Kubernetes version.</summary>
    [Parameter]
    public string KubernetesVersion { get; set; } = Usual.KubernetesVersion;

    /// <summary>The container runtime's version.</summary>
    [Parameter]
    public string ContainerdVersion { get; set; } = Usual.ContainerdVersion;

    /// <summary>The network that pod networks are cut from.</summary>
    [Parameter]
    public IPNetwork PodCidr { get; set; } = Usual.PodCidr;

    /// <summary>The network of the services' addresses.</summary>
    [Parameter]
    public IPNetwork ServiceCidr { get; set; } = Usual.ServiceCidr;

    /// <summary>The network between the nodes.</summary>
    [Parameter]
    public IPNetwork NodeNetwork { get; set; } = Usual.NodeNetwork;

    /// <summary>Processors of each node.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int Cpu { get; set; } = Usual.Cpu;

    /// <summary>Memory of each node, in MiB.</summary>
    [Parameter]
    [ValidateRange(256, 1048576)]
    public int Memory { get; set; } = Usual.Memory;

    /// <summary>The simulator's seed: the same seed gives the same names and identifiers.</summary>
    [Parameter]
    public long Seed { get; set; } = Usual.Seed;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var connections = RunspaceLabs.Here;
        var name = Require(() => LabName.Checked(Name));
        if (!ShouldProcess($"{name} ({Provider}, {WorkerCount + 1} nodes)", "Make and start lab"))
            return;
        Start(async (output, cancellationToken) =>
        {
            var lab = await new LabLifecycle(connections).CreateAsync(
                name, Provider, Topology(), (step, node) => output.StepAsync(node ?? name, step).AsTask(), cancellationToken).ConfigureAwait(false);
            await connections.ConnectAsync(lab, Engine.Nodes.Ssh.SshCredential.None).ConfigureAwait(false);
            await LabClusters.WriteAsync(lab, connections, output, cancellationToken).ConfigureAwait(false);
        });
    }

    private LabTopology Topology() => new()
    {
        WorkerCount = WorkerCount,
        KubernetesVersion = KubernetesVersion.TrimStart('v'),
        ContainerdVersion = ContainerdVersion.TrimStart('v'),
        PodCidr = PodCidr,
        ServiceCidr = ServiceCidr,
        NodeNetwork = NodeNetwork,
        Cpu = Cpu,
        Memory = Memory,
        Seed = Seed,
    };
}
