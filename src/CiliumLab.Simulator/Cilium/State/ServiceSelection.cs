using System.Net;
using CiliumLab.Simulator.Datapath;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Which backend a connection to a service gets, and how its packets are translated there and back.</summary>
/// <param name="agent">The agent whose maps are read.</param>
internal sealed class ServiceSelection(CiliumAgent agent)
{
    private const int Limit = 65536;
    private const int FirstPort = 32768;
    private const int PortCount = 32768;

    private readonly Dictionary<(string Protocol, IPEndPoint Source, IPEndPoint Destination), (IPEndPoint Source, IPEndPoint Destination)> _answers = [];
    private readonly Dictionary<(ushort Service, string Client), uint> _affinity = [];
    private readonly Seed _choice = agent.Seed.Fork("services/choice");

    /// <summary>The service at an address, node ports included; null when there is none.</summary>
    public ServiceFrontend? Find(IPAddress address, int port, string protocol)
    {
        if (port == 0)
            return null;
        var name = protocol.ToUpperInvariant();
        if (agent.Services.Find(address, port, name) is { } frontend)
            return frontend;

        // A node port is served at the addresses of all nodes.
        return agent.Store.Settings.NodePortFirst <= port && port <= agent.Store.Settings.NodePortLast
            && agent.IpCache.Lookup(address)?.Identity is SecurityIdentity.Host or SecurityIdentity.RemoteNode or SecurityIdentity.KubeApiServer
                ? agent.Services.Find(IPAddress.Any, port, name)
                : null;
    }

    /// <summary>Chooses a backend by chance, or the client's own when it shall stay with one; null when there is none.</summary>
    public ServiceBackend? Choose(ServiceFrontend frontend, string client)
    {
        var candidates = frontend.Backends.Where(static backend => backend.State == "active").ToList();
        if (candidates.Count == 0)
            candidates = [.. frontend.Backends];
        if (candidates.Count == 0)
            return null;
        if (!frontend.HasAffinity)
            return candidates[_choice.Next(candidates.Count)];
        if (_affinity.TryGetValue((frontend.Id, client), out var last) && candidates.Find(one => one.Id == last) is { } same)
            return same;
        var chosen = candidates[_choice.Next(candidates.Count)];
        _affinity[(frontend.Id, client)] = chosen.Id;
        return chosen;
    }

    /// <summary>Sends a packet to a backend.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="frontend">The service that it is for.</param>
    /// <param name="backend">Where it goes.</param>
    /// <param name="through">The node's address, when answers must come back through the node; null when they do anyhow.</param>
    public void Translate(Packet packet, ServiceFrontend frontend, ServiceBackend backend, IPAddress? through)
    {
        var client = new IPEndPoint(packet.Source, packet.SourcePort);
        var asked = new IPEndPoint(packet.Destination, packet.Port);
        agent.Conntrack.Record(new ConnectionReport(new ConnectionTuple(PacketReports.ProtocolOf(packet.Protocol), ConnectionDirection.Service, client, asked), SecurityIdentity.Unknown) { RevNat = frontend.Id, BackendId = backend.Id });
        (packet.Destination, packet.Port) = (backend.Address, backend.Port);
        if (through is not null)
            (packet.Source, packet.SourcePort) = (through, FreePort(packet));
        Remember(packet, client, asked);
    }

    /// <summary>Gives a packet that leaves the node's address.</summary>
    public void Masquerade(Packet packet, IPAddress address)
    {
        var pod = new IPEndPoint(packet.Source, packet.SourcePort);
        var there = new IPEndPoint(packet.Destination, packet.Port);
        packet.Source = address;
        packet.SourcePort = FreePort(packet);
        Remember(packet, pod, there);
    }

    /// <summary>Makes an answer one from whoever was asked to whoever asked; nothing when its connection was not translated.</summary>
    public void Reverse(Packet packet)
    {
        if (!_answers.TryGetValue((packet.Protocol, new IPEndPoint(packet.Source, packet.SourcePort), new IPEndPoint(packet.Destination, packet.Port)), out var translated))
            return;
        (packet.Source, packet.SourcePort) = (translated.Source.Address, translated.Source.Port);
        (packet.Destination, packet.Port) = (translated.Destination.Address, translated.Destination.Port);
    }

    private int FreePort(Packet packet)
    {
        var port = packet.SourcePort;
        while (_answers.ContainsKey((packet.Protocol, new IPEndPoint(packet.Destination, packet.Port), new IPEndPoint(packet.Source, port))))
            port = FirstPort + _choice.Next(PortCount);
        return port;
    }

    private void Remember(Packet packet, IPEndPoint client, IPEndPoint asked)
    {
        // The kernel's map throws the least used entries out; a flow of one packet needs its entry only until the answer.
        if (_answers.Count >= Limit)
            _answers.Clear();
        var leaving = new IPEndPoint(packet.Source, packet.SourcePort);
        _answers[(packet.Protocol, new IPEndPoint(packet.Destination, packet.Port), leaving)] = (asked, client);
        if (!leaving.Equals(client))
            agent.Conntrack.Translate(new ConnectionTuple(PacketReports.ProtocolOf(packet.Protocol), ConnectionDirection.Out, client, new IPEndPoint(packet.Destination, packet.Port)), leaving);
    }
}
