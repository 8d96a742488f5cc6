using CiliumLab.Engine.Host;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Model;

namespace CiliumLab.Engine.Providers.Vagrant;

/// <summary>Virtual machines that Vagrant makes, with VirtualBox. Everything of theirs that this module writes is in the lab's folder.</summary>
/// <param name="host">The computer that they run on.</param>
internal sealed class VagrantProvider(LocalHost host) : ILabProvider, ILabSnapshots
{
    private const string KubeConfigFile = "kubeconfig";

    public LabProvider Kind => LabProvider.Vagrant;

    public LabDescription Begin(string name, LabTopology topology)
    {
        VagrantTopologyCheck.Require(topology);
        return new LabDescription
        {
            Name = name,
            Provider = LabProvider.Vagrant,
            Topology = topology,
            Nodes =
            [
                .. topology.NodeNames.Select((node, index) => new NodeDescription
                {
                    Node = node,
                    Host = "127.0.0.1",
                    Port = topology.SshPort + index,
                    User = "vagrant",
                    Role = index == 0 ? NodeRole.ControlPlane : NodeRole.Worker,
                }),
            ],
        };
    }

    public async Task<LabDescription> CreateAsync(string name, LabTopology topology, string folder, LabStep step, CancellationToken cancellationToken)
    {
        var lab = Begin(name, topology);
        WriteFiles(name, topology, folder);
        VagrantJoin.Write(folder, caCertificate: null);
        var machines = new VagrantMachines(host, name, folder);
        foreach (var machine in await machines.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            // A machine that is made anew has a new host key.
            if (machine.State == VagrantMachineState.NotCreated)
                KnownHosts.Of(folder).Forget(machine.Node);
        }

        // The workers need to know the cluster's CA before they join, so the control plane comes up alone.
        await machines.UpAsync([topology.NodeNames[0]], provision: true, step, cancellationToken).ConfigureAwait(false);
        lab = await machines.ReachedAsync(lab, topology.NodeNames.Take(1), cancellationToken).ConfigureAwait(false);
        await FetchAsync(lab, folder, step, cancellationToken).ConfigureAwait(false);
        if (topology.WorkerCount > 0)
        {
            await machines.UpAsync([.. topology.NodeNames.Skip(1)], provision: true, step, cancellationToken).ConfigureAwait(false);
            lab = await machines.ReachedAsync(lab, topology.NodeNames.Skip(1), cancellationToken).ConfigureAwait(false);
        }

        await Task.WhenAll(lab.Nodes.Select(node => RequireReachableAsync(lab, node, folder, step, cancellationToken))).ConfigureAwait(false);
        VagrantJoin.Delete(folder);
        return lab with { KubeConfig = Path.Combine(folder, KubeConfigFile) };
    }

    public async Task<LabPower> PowerAsync(LabDescription lab, string folder, CancellationToken cancellationToken)
    {
        var machines = await new VagrantMachines(host, lab.Name, folder).ReadAsync(cancellationToken).ConfigureAwait(false);
        var different = machines.Where(machine => machine.State != VagrantMachineState.Running).ToList();
        if (different.Count == 0)
            return new LabPower(LabPowerState.Running);
        var reason = string.Join(", ", different.Select(machine => $"{machine.Node}: {machine.StateText.Replace('_', ' ')}"));
        if (machines.All(machine => machine.State == VagrantMachineState.NotCreated))
            return new LabPower(LabPowerState.Missing, "Its machines were removed without Remove-LabCluster.");
        return different.Count == machines.Count && machines.All(machine => machine.State != VagrantMachineState.NotCreated)
            ? new LabPower(LabPowerState.Stopped, machines.All(machine => machine.State == VagrantMachineState.PowerOff) ? null : reason)
            : new LabPower(LabPowerState.Partial, reason);
    }

    public async Task<LabDescription> StartAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken)
    {
        var machines = new VagrantMachines(host, lab.Name, folder);
        var now = await machines.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (now.Where(machine => machine.State == VagrantMachineState.NotCreated).Select(machine => machine.Node).ToList() is [_, ..] missing)
        {
            throw new LabException(
                "LabMachinesMissing",
                LabErrorKind.ObjectNotFound,
                $"Lab '{lab.Name}' has no machine {string.Join(", ", missing)} any more: removed without Remove-LabCluster.",
                lab.Name,
                $"Make the lab anew: Remove-LabCluster {lab.Name}, then New-LabCluster {lab.Name} -Provider Vagrant");
        }

        var sleeping = now.Where(machine => machine.State != VagrantMachineState.Running).Select(machine => machine.Node).ToList();
        if (sleeping.Count == 0)
            return lab;
        await machines.UpAsync(sleeping, provision: false, step, cancellationToken).ConfigureAwait(false);
        // A port that somebody else has taken meanwhile is another one now.
        return await machines.ReachedAsync(lab, lab.Nodes.Select(node => node.Node), cancellationToken).ConfigureAwait(false);
    }

    public Task StopAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken) =>
        new VagrantMachines(host, lab.Name, folder).RunAsync(["halt"], step, cancellationToken);

    public async Task RemoveAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken)
    {
        // Nothing was made: the folder goes, and that is all.
        if (!Directory.Exists(Path.Combine(folder, ".vagrant")))
            return;
        // Without its file Vagrant could not be told which machines these are.
        if (lab.Topology is { } topology && !File.Exists(Path.Combine(folder, VagrantFile.Name)))
            WriteFiles(lab.Name, topology, folder);
        await new VagrantMachines(host, lab.Name, folder).RunAsync(["destroy", "--force"], step, cancellationToken).ConfigureAwait(false);
    }

    public async Task<LabSnapshot> CheckpointAsync(
        LabDescription lab, string folder, string name, string? description, bool replace, LabStep step, CancellationToken cancellationToken)
    {
        var power = await PowerAsync(lab, folder, cancellationToken).ConfigureAwait(false);
        if (power.State == LabPowerState.Running)
            return await Snapshots(lab, folder).TakeAsync(name, description, replace, step, cancellationToken).ConfigureAwait(false);
        throw new LabException(
            "LabNotRunning", LabErrorKind.InvalidOperation, $"Lab '{lab.Name}' does not run as a whole{(power.Reason is null ? "" : $" ({power.Reason})")}.", lab.Name, $"Start it with: Start-LabCluster {lab.Name}");
    }

    public Task RestoreAsync(LabDescription lab, string folder, string name, LabStep step, CancellationToken cancellationToken) =>
        Snapshots(lab, folder).RestoreAsync(name, step, cancellationToken);

    public Task<IReadOnlyList<LabSnapshot>> SnapshotsAsync(LabDescription lab, string folder, CancellationToken cancellationToken) =>
        Snapshots(lab, folder).ReadAsync(cancellationToken);

    public Task RemoveSnapshotAsync(LabDescription lab, string folder, string name, CancellationToken cancellationToken) =>
        Snapshots(lab, folder).RemoveAsync(name, cancellationToken);

    public INodeShell Reach(LabDescription lab, NodeDescription node, string folder, SshCredential credential) =>
        new SshNodeShell(node, lab.Name, credential, KnownHosts.Of(folder));

    private static void WriteFiles(string name, LabTopology topology, string folder)
    {
        PrivateFile.Write(Path.Combine(folder, VagrantFile.Name), VagrantFile.Text(name, topology));
        VagrantProvisioning.Write(folder);
    }

    private VagrantSnapshots Snapshots(LabDescription lab, string folder) => new(new VagrantMachines(host, lab.Name, folder), lab.Name, folder);

    private async Task FetchAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken)
    {
        var node = lab.Nodes[0];
        await step("fetching the kubeconfig", node.Node).ConfigureAwait(false);
        var shell = Reach(lab, node, folder, SshCredential.None);
        await using ((IAsyncDisposable)shell)
        {
            var config = await shell.ReadFileAsync("/etc/kubernetes/admin.conf", cancellationToken).ConfigureAwait(false);
            PrivateFile.Write(Path.Combine(folder, KubeConfigFile), System.Text.Encoding.UTF8.GetString(config));
            var authority = await shell.ReadFileAsync("/etc/kubernetes/pki/ca.crt", cancellationToken).ConfigureAwait(false);
            VagrantJoin.Write(folder, System.Text.Encoding.UTF8.GetString(authority));
        }
    }

    private async Task RequireReachableAsync(LabDescription lab, NodeDescription node, string folder, LabStep step, CancellationToken cancellationToken)
    {
        await step("asking for its versions", node.Node).ConfigureAwait(false);
        var shell = Reach(lab, node, folder, SshCredential.None);
        await using ((IAsyncDisposable)shell)
        {
            var summary = await NodeSummary.ReadAsync(shell, cancellationToken).ConfigureAwait(false);
            if (summary.State != NodeState.Reachable)
            {
                throw new LabException(
                    "NodeNotReachable",
                    LabErrorKind.ConnectionError,
                    $"Node '{node.Node}' runs and does not answer: {summary.Reason}",
                    node.Node,
                    $"Go on with the same New-LabCluster {lab.Name} -Provider Vagrant.");
            }
        }
    }
}
