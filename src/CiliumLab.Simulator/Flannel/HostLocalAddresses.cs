using System.Net;
using System.Text;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Files;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Flannel;

/// <summary>
/// The <c>host-local</c> plugin's addresses: one file for each, named by the address, under /var/lib/cni/networks. The next address
/// follows the one given last, so that a freed address is not given again at once.
/// </summary>
/// <param name="node">The node.</param>
/// <param name="name">The network's name.</param>
internal sealed class HostLocalAddresses(SimulatedNode node, string name)
{
    private const string Last = "last_reserved_ip.0";

    private string Folder => $"/var/lib/cni/networks/{name}";

    /// <summary>The gateway of a subnet: its first address.</summary>
    public static IPAddress Gateway(IpPrefix subnet) => subnet[1];

    /// <summary>Takes an address.</summary>
    /// <returns>The address; null when none is left.</returns>
    public IPAddress? Reserve(IpPrefix subnet, string containerId, string link)
    {
        node.Files.MakeFolders(Folder);
        var first = 2;
        var count = (1L << (32 - subnet.Length)) - 3;
        var start = node.Files.Find($"{Folder}/{Last}") is RegularFile file && IPAddress.TryParse(Encoding.UTF8.GetString(file.Content), out var last) ? Offset(subnet, last) + 1 : first;
        for (var step = 0L; step < count; step++)
        {
            var address = subnet[first + ((start - first + step) % count)];
            if (node.Files.Find($"{Folder}/{address}") is not null)
                continue;
            node.Files.Put($"{Folder}/{address}", $"{containerId}\r\n{link}");
            node.Files.Put($"{Folder}/{Last}", address.ToString());
            return address;
        }

        return null;
    }

    /// <summary>Gives a container's addresses back.</summary>
    public void Release(string containerId)
    {
        if (node.Files.Find(Folder) is not Nodes.Files.Folder folder)
            return;
        foreach (var file in folder.Entries.OfType<RegularFile>().Where(file => Encoding.UTF8.GetString(file.Content).StartsWith(containerId + "\r\n", StringComparison.Ordinal)).ToArray())
            node.Files.Remove($"{Folder}/{file.Name}", NodeUser.Root);
    }

    private static long Offset(IpPrefix subnet, IPAddress address)
    {
        for (var offset = 2L; offset < 1L << (32 - subnet.Length); offset++)
        {
            if (subnet[offset].Equals(address))
                return offset;
        }

        return 1;
    }
}
