using System.Management.Automation;
using System.Net;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Labs;

/// <summary>New-LabCluster: makes a lab, brings it up and makes it the current one.</summary>
[Cmdlet(VerbsCommon.New, "LabCluster", DefaultParameterSetName = "Parameters", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(LabCluster))]
public sealed class NewLabClusterCommand : LabCmdlet
{
    private static readonly LabTopology Usual = new();

    /// <summary>The lab's name.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "lab";

    /// <summary>Where the lab's machines come from.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Parameters")]
    [Parameter(ParameterSetName = "Path")]
    public LabProvider Provider { get; set; }

    /// <summary>A file that says what lab to make; what is given as a parameter goes before it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

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

    /// <summary>The Vagrant box that machines are made from.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(BoxCompleter))]
    [ValidateNotNullOrEmpty]
    public string Box { get; set; } = Usual.Box;

    /// <summary>The box's version.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? BoxVersion { get; set; }

    /// <summary>The port on this computer that leads to the control plane's SSH server.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int SshPort { get; set; } = Usual.SshPort;

    /// <summary>Lets kubelets report the address of the NAT interface, for lessons that repair it.</summary>
    [Parameter]
    public SwitchParameter KeepNatNodeIp { get; set; }

    /// <summary>The simulator's seed: the same seed gives the same names and identifiers.</summary>
    [Parameter]
    public long Seed { get; set; } = Usual.Seed;

    /// <summary>How many seconds pass in the simulated lab in one second of this computer.</summary>
    [Parameter]
    [ValidateRange(1, 60)]
    public int Speed { get; set; } = Usual.Speed;

    /// <summary>Lets a simulated lab live in a background process that every session of its owner reaches.</summary>
    [Parameter]
    public SwitchParameter Detached { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var connections = RunspaceLabs.Here;
        var plan = Path is null ? null : Require(() => LabFiles.ReadPlan(GetUnresolvedProviderPathFromPSPath(Path)));
        var name = Require(() => LabName.Checked(Given(nameof(Name)) ? Name : plan?.Name ?? Name));
        var provider = Given(nameof(Provider)) ? Provider : plan?.Provider ?? Require(() => NoProvider(Path!));
        var lifecycle = new LabLifecycle(connections);
        var topology = Topology(plan?.Topology ?? Require(() => lifecycle.BegunTopology(name, provider)) ?? Usual);
        if (!ShouldProcess($"{name} ({provider}, {topology.WorkerCount + 1} nodes)", "Make and start lab"))
            return;
        Start(async (output, cancellationToken) =>
        {
            var lab = await lifecycle.CreateAsync(
                name, provider, topology, (step, node) => output.StepAsync(node ?? name, step).AsTask(), cancellationToken).ConfigureAwait(false);
            await connections.ConnectAsync(lab, Engine.Nodes.Ssh.SshCredential.None).ConfigureAwait(false);
            await LabClusters.WriteAsync(lab, connections, output, cancellationToken, new LabPower(LabPowerState.Running)).ConfigureAwait(false);
        });
    }

    private bool Given(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    // What was typed goes before what the file says, or what an attempt was begun with that did not come to its end.
    private LabTopology Topology(LabTopology file) => file with
    {
        WorkerCount = Given(nameof(WorkerCount)) ? WorkerCount : file.WorkerCount,
        KubernetesVersion = (Given(nameof(KubernetesVersion)) ? KubernetesVersion : file.KubernetesVersion).TrimStart('v'),
        ContainerdVersion = (Given(nameof(ContainerdVersion)) ? ContainerdVersion : file.ContainerdVersion).TrimStart('v'),
        PodCidr = Given(nameof(PodCidr)) ? PodCidr : file.PodCidr,
        ServiceCidr = Given(nameof(ServiceCidr)) ? ServiceCidr : file.ServiceCidr,
        NodeNetwork = Given(nameof(NodeNetwork)) ? NodeNetwork : file.NodeNetwork,
        Cpu = Given(nameof(Cpu)) ? Cpu : file.Cpu,
        Memory = Given(nameof(Memory)) ? Memory : file.Memory,
        Box = Given(nameof(Box)) ? Box : file.Box,
        BoxVersion = Given(nameof(BoxVersion)) ? BoxVersion : Given(nameof(Box)) ? null : file.BoxVersion,
        SshPort = Given(nameof(SshPort)) ? SshPort : file.SshPort,
        KeepNatNodeIp = Given(nameof(KeepNatNodeIp)) ? KeepNatNodeIp : file.KeepNatNodeIp,
        Seed = Given(nameof(Seed)) ? Seed : file.Seed,
        Speed = Given(nameof(Speed)) ? Speed : file.Speed,
        Detached = Given(nameof(Detached)) ? Detached : file.Detached,
    };

    private static LabProvider NoProvider(string file) =>
        throw new LabException(
            "LabProviderMissing",
            LabErrorKind.InvalidArgument,
            $"Neither '{file}' nor -Provider says where the lab's machines come from.",
            file,
            "Add -Provider Vagrant or -Provider Simulator, or a line 'provider: Vagrant' to the file.");
}
