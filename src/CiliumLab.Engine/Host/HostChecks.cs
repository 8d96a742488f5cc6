using System.Runtime.CompilerServices;

namespace CiliumLab.Engine.Host;

/// <summary>Checks this computer for what labs of virtual machines need.</summary>
public static class HostChecks
{
    /// <summary>The checks for a lab, each as soon as it is known.</summary>
    public static IAsyncEnumerable<HostFinding> RunAsync(HostNeeds needs, CancellationToken cancellationToken) => RunAsync(LocalHost.Here, needs, cancellationToken);

    internal static async IAsyncEnumerable<HostFinding> RunAsync(
        LocalHost host, HostNeeds needs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var box = await VirtualBox.FindAsync(host, cancellationToken).ConfigureAwait(false);
        yield return ProgramChecks.VirtualBox(host, box);
        yield return await ProgramChecks.VagrantAsync(host, box, cancellationToken).ConfigureAwait(false);
        if (host.Platform == HostPlatform.Linux)
        {
            yield return KernelChecks.Loaded(host);
            yield return KernelChecks.AtBoot(host);
        }

        foreach (var finding in await ProcessorChecks.RunAsync(host, cancellationToken).ConfigureAwait(false))
            yield return finding;
        yield return NetworkChecks.Allowed(host, box, needs.Topology.NodeNetwork);
        yield return await NetworkChecks.FreeAsync(host, box, needs.Topology.NodeNetwork, cancellationToken).ConfigureAwait(false);
        yield return RoomChecks.Memory(host, needs);
        yield return await RoomChecks.DiskAsync(host, box, needs, cancellationToken).ConfigureAwait(false);
        yield return RoomChecks.Ports(needs);
        if (box is not null)
            yield return await RoomChecks.NamesAsync(box, needs, cancellationToken).ConfigureAwait(false);
    }
}
