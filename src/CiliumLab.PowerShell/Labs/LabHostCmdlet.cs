using System.Management.Automation;
using System.Net;
using CiliumLab.Engine.Host;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Labs;

/// <summary>The base of cmdlets that look at this computer for a lab that is to be made on it.</summary>
public abstract class LabHostCmdlet : LabCmdlet
{
    private static readonly LabTopology Usual = new();

    /// <summary>Where the lab's machines are to come from; the simulator needs nothing.</summary>
    [Parameter]
    public LabProvider Provider { get; set; } = LabProvider.Vagrant;

    /// <summary>The lab's name.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "lab";

    /// <summary>A file that says what lab is to be made; what is given as a parameter goes before it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>How many workers there are to be beside the control plane.</summary>
    [Parameter]
    [ValidateRange(0, 250)]
    public int WorkerCount { get; set; } = Usual.WorkerCount;

    /// <summary>The network between the nodes.</summary>
    [Parameter]
    public IPNetwork NodeNetwork { get; set; } = Usual.NodeNetwork;

    /// <summary>Memory of each node, in MiB.</summary>
    [Parameter]
    [ValidateRange(256, 1048576)]
    public int Memory { get; set; } = Usual.Memory;

    /// <summary>The port on this computer that is to lead to the control plane's SSH server.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int SshPort { get; set; } = Usual.SshPort;

    /// <summary>The lab that was asked for; null when its provider needs nothing of this computer.</summary>
    private protected HostNeeds? Needs()
    {
        var plan = Path is null ? null : Require(() => LabFiles.ReadPlan(GetUnresolvedProviderPathFromPSPath(Path)));
        var name = Require(() => LabName.Checked(Given(nameof(Name)) ? Name : plan?.Name ?? Name));
        if ((Given(nameof(Provider)) ? Provider : plan?.Provider ?? Provider) != LabProvider.Vagrant)
            return null;
        var file = plan?.Topology ?? Usual;
        return new HostNeeds(
            name,
            file with
            {
                WorkerCount = Given(nameof(WorkerCount)) ? WorkerCount : file.WorkerCount,
                NodeNetwork = Given(nameof(NodeNetwork)) ? NodeNetwork : file.NodeNetwork,
                Memory = Given(nameof(Memory)) ? Memory : file.Memory,
                SshPort = Given(nameof(SshPort)) ? SshPort : file.SshPort,
            },
            RunspaceLabs.Here.Store.Names().Contains(name, StringComparer.OrdinalIgnoreCase) ? RunspaceLabs.Here.Store.Folder(name) : null);
    }

    private bool Given(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
