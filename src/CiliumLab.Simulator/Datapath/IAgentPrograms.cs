using System.Net;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Datapath;

/// <summary>Where an agent's programs see a packet.</summary>
internal enum AgentHook
{
    /// <summary>A packet comes from a pod (tc ingress of its lxc interface).</summary>
    FromContainer,

    /// <summary>A packet goes to a pod.</summary>
    ToContainer,

    /// <summary>A packet comes from a device of the node.</summary>
    FromNetwork,

    /// <summary>A packet goes to a device of the node.</summary>
    ToNetwork,
}

/// <summary>What a program decided.</summary>
/// <param name="Note">What it did, for whoever follows the packet; null for nothing.</param>
internal sealed record AgentVerdict(string? Note = null)
{
    /// <summary>The kernel goes on with the packet.</summary>
    public static AgentVerdict Pass { get; } = new();

    /// <summary>The packet is dropped.</summary>
    public bool IsDrop { get; init; }

    /// <summary>The interface that it is sent to without the kernel's routing; null for none.</summary>
    public Link? Redirect { get; init; }

    /// <summary>The neighbour that a redirected packet goes to, or the far node when the interface is a tunnel; null for its destination itself.</summary>
    public IPAddress? NextHop { get; init; }
}

/// <summary>What socket load balancing made of a destination.</summary>
/// <param name="Backend">Where the connection really goes; null when the service has no backend.</param>
internal sealed record SocketTranslation(IPEndPoint? Backend);

/// <summary>The programs that an agent has loaded on its node. Members may be called from any thread.</summary>
internal interface IAgentPrograms
{
    /// <summary>connect() or sendmsg() of a process on the node or in one of its pods.</summary>
    /// <returns>Null when the destination is no service.</returns>
    SocketTranslation? TranslateSocket(NetworkNamespace from, IPAddress destination, int port, string protocol);

    /// <summary>A packet passes a hook. The program may change it.</summary>
    AgentVerdict Handle(AgentHook hook, Link link, Packet packet);

    /// <summary>Another packet of a connection whose first one passed takes the same way.</summary>
    void Observe(AgentHook hook, Link link, PacketSegment segment);
}
