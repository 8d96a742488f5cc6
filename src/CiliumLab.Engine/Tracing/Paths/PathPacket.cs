using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>A packet on its way.</summary>
/// <param name="Source">The sender's address, as it stands in the packet now.</param>
/// <param name="Destination">The receiver's.</param>
/// <param name="Port">The receiver's port; null for ICMP.</param>
/// <param name="Protocol">The protocol.</param>
internal sealed record PathPacket(IPAddress Source, IPAddress Destination, int? Port, TransportProtocol Protocol)
{
    /// <summary>Whether its destination was translated.</summary>
    public bool Translated { get; init; }

    /// <summary>The mark that rules put on it.</summary>
    public uint Mark { get; init; }

    /// <summary>The packet with another receiver.</summary>
    public PathPacket To(IPEndPoint end) => this with { Destination = end.Address, Port = end.Port };

    /// <summary>The receiver with its port, where it has one.</summary>
    public string Receiver => Port is { } port ? new IPEndPoint(Destination, port).ToString() : Destination.ToString();

    /// <inheritdoc/>
    public override string ToString() => $"{Source} > {Receiver}";
}
