using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Flannel;

/// <summary>flanneld cannot go on.</summary>
/// <param name="message">What it logs before it ends.</param>
internal sealed class FlannelException(string message) : Exception(message);

/// <summary>What flanneld reads from net-conf.json.</summary>
internal sealed record FlannelNetwork
{
    /// <summary>The network of all pods.</summary>
    public required IpPrefix Network { get; init; }

    /// <summary>How packets get to other nodes: <c>vxlan</c> or <c>host-gw</c>.</summary>
    public string Backend { get; init; } = "vxlan";

    /// <summary>The identifier of the virtual network.</summary>
    public uint Vni { get; init; } = 1;

    /// <summary>The UDP port of the tunnel.</summary>
    public int Port { get; init; } = 8472;

    /// <summary>The tunnel's MTU; null for the interface's less the overhead.</summary>
    public int? Mtu { get; init; }

    /// <summary>Whether nodes of the same network are reached without the tunnel.</summary>
    public bool DirectRouting { get; init; }

    /// <summary>Reads net-conf.json.</summary>
    /// <exception cref="FlannelException">It is not what flanneld understands.</exception>
    public static FlannelNetwork Read(string text)
    {
        JsonObject json;
        try
        {
            json = JsonNode.Parse(text) as JsonObject ?? throw new JsonException("no object");
        }
        catch (JsonException error)
        {
            throw new FlannelException($"Failed to create SubnetManager: error parsing subnet config: {error.Message}");
        }

        if (json.Text("Network") is not { } network || !IpPrefix.TryParse(network, out var prefix) || prefix.Family != AddressFamily.InterNetwork)
            throw new FlannelException("Failed to create SubnetManager: error parsing subnet config: please define a correct Network parameter in the flannel config");
        var backend = json.Object("Backend");
        var type = backend.Text("Type") ?? "udp";
        if (type is not ("vxlan" or "host-gw"))
            throw new FlannelException($"Error fetching backend: unknown backend type: {type}");
        return new FlannelNetwork
        {
            Network = prefix.Network,
            Backend = type,
            Vni = (uint)(backend.Number("VNI") ?? 1),
            Port = (int)(backend.Number("Port") ?? 8472),
            Mtu = (int?)backend.Number("MTU"),
            DirectRouting = backend.Flag("DirectRouting"),
        };
    }
}

/// <summary>The arguments of flanneld that matter here.</summary>
/// <param name="Interface">The interface or address that peers reach the node by; null for the one of the default route.</param>
/// <param name="Masquerade">Whether packets that leave the pod network get the node's address.</param>
internal sealed record FlannelArguments(string? Interface, bool Masquerade)
{
    /// <summary>Reads them; what does not matter here is passed over.</summary>
    public static FlannelArguments Read(IReadOnlyList<string> arguments)
    {
        string? wanted = null;
        var masquerade = false;
        for (var index = 0; index < arguments.Count; index++)
        {
            var parts = arguments[index].TrimStart('-').Split('=', 2);
            if (parts[0] == "iface")
                wanted = parts.Length > 1 ? parts[1] : arguments.ElementAtOrDefault(++index);
            else if (parts[0] == "ip-masq")
                masquerade = parts.Length == 1 || parts[1] == "true";
        }

        return new FlannelArguments(wanted, masquerade);
    }
}
