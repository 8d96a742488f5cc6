using System.Net;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cni;

/// <summary>What a CNI is installed into.</summary>
/// <param name="Network">The cluster's network.</param>
/// <param name="InternalIps">The addresses by which the cluster knows its nodes.</param>
internal sealed record CniSurroundings(ClusterNetwork Network, IReadOnlyDictionary<string, IPAddress> InternalIps)
{
    /// <summary>An address that several nodes report, as machines behind a NAT of VirtualBox do; null when each has its own. A tunnel between such nodes leads nowhere.</summary>
    public IPAddress? SharedAddress => InternalIps.Values.CountBy(address => address).FirstOrDefault(address => address.Value > 1).Key;

    /// <summary>Looks.</summary>
    public static async Task<CniSurroundings> ReadAsync(ClusterClient client, CancellationToken cancellationToken)
    {
        var network = ClusterNetworks.ReadAsync(client, cancellationToken);
        var addresses = new Dictionary<string, IPAddress>(StringComparer.Ordinal);
        await foreach (var node in client.ListAsync<V1Node>(ResourceQuery.All, cancellationToken).ConfigureAwait(false))
        {
            if (NetworkTexts.Address(node.Status?.Addresses?.FirstOrDefault(address => address.Type == "InternalIP")?.Address) is { } address)
                addresses[node.Metadata.Name] = address;
        }

        return new CniSurroundings(await network.ConfigureAwait(false), addresses);
    }

    /// <summary>The control plane's interface that has the address by which the cluster knows it; null when that cannot be told.</summary>
    public async Task<string?> InterfaceAsync(LabSession session, CancellationToken cancellationToken)
    {
        var shell = session.ControlPlane;
        if (SharedAddress is not null || !InternalIps.TryGetValue(shell.Node, out var address))
            return null;
        var interfaces = await InterfaceAddresses.ReadAsync(shell, cancellationToken).ConfigureAwait(false);
        return interfaces.FirstOrDefault(link => link.Addresses.Any(own => own.Address.Equals(address)))?.Name;
    }
}
