using System.Net;
using System.Net.Sockets;

namespace CiliumLab.Model;

/// <summary>Addresses with ports as Cilium writes them.</summary>
internal static class SocketText
{
    /// <summary>The address with its port; without one for protocols that have none.</summary>
    public static string OfMaybe(IPAddress address, int? port) => port is { } number ? Of(address, number, TransportProtocol.Any) : address.ToString();

    /// <summary><c>10.96.0.10:53/UDP</c>, <c>[fd00::a]:53/UDP</c>; without a protocol when it is any.</summary>
    public static string Of(IPAddress? address, int port, TransportProtocol protocol)
    {
        var host = address is { AddressFamily: AddressFamily.InterNetworkV6 } ? $"[{address}]" : $"{address}";
        return protocol == TransportProtocol.Any
            ? string.Create(null, $"{host}:{port}")
            : string.Create(null, $"{host}:{port}/{protocol.ToString().ToUpperInvariant()}");
    }
}
