using System.Net;
using System.Net.Sockets;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Life;

/// <summary>What a kubelet reads when it starts: kubeadm's flags.</summary>
/// <param name="NodeIp">--node-ip; null when it is not given.</param>
internal sealed record KubeletFlags(IPAddress? NodeIp)
{
    /// <summary>Where kubeadm keeps them.</summary>
    public const string Path = "/var/lib/kubelet/kubeadm-flags.env";

    /// <summary>Reads a node's flags; what is missing or unreadable is not given.</summary>
    public static KubeletFlags Of(SimulatedNode node)
    {
        string text;
        try
        {
            text = node.Files.ReadText(Path);
        }
        catch (KernelException)
        {
            return new KubeletFlags((IPAddress?)null);
        }
        foreach (var word in text.Split([' ', '"', '\n', '\'', '='], StringSplitOptions.RemoveEmptyEntries).SkipWhile(static w => w != "--node-ip").Skip(1).Take(1))
        {
            if (IPAddress.TryParse(word.Split(',')[0], out var address))
                return new KubeletFlags(address);
        }
        return new KubeletFlags((IPAddress?)null);
    }

    /// <summary>The address of the interface with the default route: VirtualBox's NAT in this lab, and what pods of the host get.</summary>
    public IPAddress? HostIp(SimulatedNode node) => NodeIp ?? DefaultAddress(node.Kernel.Network);

    /// <summary>
    /// The node's InternalIP: --node-ip; else the address that the API server on this very machine advertises, to which its name leads;
    /// else that of the interface with the default route. The recorded lab shows this split between control plane and workers.
    /// </summary>
    public IPAddress? InternalIp(SimulatedNode node, IPAddress advertised) =>
        NodeIp ?? (node.Kernel.Network.OwnerOf(advertised) is not null ? advertised : DefaultAddress(node.Kernel.Network));

    private static IPAddress? DefaultAddress(NetworkNamespace network)
    {
        var route = network.Routes(AddressFamily.InterNetwork).FirstOrDefault(static r => r.Destination.IsDefault && r.Table == Route.MainTable);
        return route?.Link is not { } link
            ? null
            : network.AllAddresses().Where(a => a.Link == link && a.Address.Family == AddressFamily.InterNetwork).Select(static a => a.Address.Address).FirstOrDefault();
    }
}
