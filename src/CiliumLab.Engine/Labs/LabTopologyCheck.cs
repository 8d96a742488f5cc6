using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;

namespace CiliumLab.Engine.Labs;

/// <summary>Refuses topologies that cannot work, before anything is made.</summary>
internal static partial class LabTopologyCheck
{
    /// <summary>Checks networks, versions and sizes.</summary>
    /// <exception cref="LabException"><c>TopologyInvalid</c>, naming the value and what it collides with; <c>DetachedNotSupported</c>.</exception>
    public static void Require(LabTopology topology, LabProvider provider)
    {
        if (topology.Detached && provider != LabProvider.Simulator)
        {
            throw new LabException(
                "DetachedNotSupported",
                LabErrorKind.InvalidArgument,
                $"Only simulated labs live in a process that -Detached could be about; the machines of a lab of {provider} run on their own.",
                provider,
                "Leave -Detached out, or make the lab with -Provider Simulator.");
        }

        (string Name, IPNetwork Network)[] networks =
            [("-PodCidr", topology.PodCidr), ("-ServiceCidr", topology.ServiceCidr), ("-NodeNetwork", topology.NodeNetwork)];
        foreach (var (name, network) in networks)
        {
            if (network.BaseAddress.AddressFamily != AddressFamily.InterNetwork)
                throw Invalid(name, network, "it is not an IPv4 network");
        }

        for (var one = 0; one < networks.Length; one++)
        {
            for (var other = one + 1; other < networks.Length; other++)
            {
                if (Overlap(networks[one].Network, networks[other].Network))
                    throw Invalid(networks[one].Name, networks[one].Network, $"it overlaps {networks[other].Name} {networks[other].Network}");
            }
        }

        if (topology.PodCidr.PrefixLength > 24 - BitsFor(topology.WorkerCount + 1))
            throw Invalid("-PodCidr", topology.PodCidr, $"it has no room for {topology.WorkerCount + 1} node networks of /24");
        if (topology.ServiceCidr.PrefixLength is < 12 or > 28)
            throw Invalid("-ServiceCidr", topology.ServiceCidr, "its prefix must be from /12 to /28");
        if (!topology.NodeNetwork.Contains(topology.NodeAddress(topology.WorkerCount)))
            throw Invalid("-NodeNetwork", topology.NodeNetwork, $"it has no address {topology.NodeAddress(topology.WorkerCount)} for the last node");
        if (!Version().IsMatch(topology.KubernetesVersion))
            throw Invalid("-KubernetesVersion", topology.KubernetesVersion, "a version is three numbers, such as 1.33.2");
        if (!Version().IsMatch(topology.ContainerdVersion))
            throw Invalid("-ContainerdVersion", topology.ContainerdVersion, "a version is three numbers, such as 1.7.27");
    }

    private static int BitsFor(int nodes) => nodes <= 1 ? 0 : 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)(nodes - 1));

    private static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);

    /// <summary>The error for a value that cannot be.</summary>
    internal static LabException Invalid(string parameter, object value, string reason) =>
        new(
            "TopologyInvalid",
            LabErrorKind.InvalidArgument,
            $"{parameter} {value} cannot be used: {reason}.",
            value,
            $"Choose another value for {parameter}; see Get-Help New-LabCluster -Parameter {parameter.TrimStart('-')}");

    [GeneratedRegex(@"\A\d+\.\d+\.\d+\z")]
    private static partial Regex Version();
}
