using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Life;

/// <summary>A call of a CNI plugin by the container runtime.</summary>
/// <param name="Node">The node.</param>
/// <param name="Network">The pod's network namespace; it has a loopback and nothing else.</param>
/// <param name="ContainerId">The sandbox's identifier.</param>
/// <param name="Pod">The pod as it was when the call was made.</param>
/// <param name="Configuration">The whole network configuration (conflist) that the runtime read from /etc/cni/net.d.</param>
internal sealed record CniRequest(SimulatedNode Node, NetworkNamespace Network, string ContainerId, StoredObject Pod, JsonObject Configuration)
{
    /// <summary>The interface to make in the pod.</summary>
    public string Interface { get; init; } = "eth0";
}

/// <summary>What a plugin did.</summary>
/// <param name="Address">The pod's address.</param>
internal sealed record CniResult(IPAddress Address);

/// <summary>A plugin could not do what it was asked for.</summary>
/// <param name="message">What it printed as its error.</param>
internal sealed class CniException(string message) : Exception(message);

/// <summary>
/// A CNI plugin. It changes the node's and the pod's network as the real one does. The runtime calls it only while its configuration
/// lies in /etc/cni/net.d and its binary in /opt/cni/bin of the node; members run on the loop.
/// </summary>
internal interface ICniPlugin
{
    /// <summary>The <c>type</c> in the configuration, which is the binary's name.</summary>
    string Type { get; }

    /// <summary>Gives a pod its interface.</summary>
    /// <exception cref="CniException">It cannot.</exception>
    CniResult Add(CniRequest request);

    /// <summary>Takes the interface away; nothing there is no error.</summary>
    /// <exception cref="CniException">It cannot; the runtime will ask again.</exception>
    void Delete(CniRequest request);
}
