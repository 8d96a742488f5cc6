using System.Globalization;

namespace CiliumLab.Model;

/// <summary>A packet in one line, in tcpdump's words.</summary>
internal static class PacketSummary
{
    private static readonly (TcpFlags Flag, char Letter)[] Letters =
    [
        (TcpFlags.Fin, 'F'), (TcpFlags.Syn, 'S'), (TcpFlags.Rst, 'R'), (TcpFlags.Psh, 'P'), (TcpFlags.Ack, '.'), (TcpFlags.Urg, 'U'), (TcpFlags.Ece, 'E'), (TcpFlags.Cwr, 'W'), (TcpFlags.Ae, 'e'),
    ];

    public static string Of(CapturedPacket packet)
    {
        if (packet.Inner is { } inner)
            return string.Create(CultureInfo.InvariantCulture, $"{packet.Tunnel} vni {packet.TunnelId}: {inner.Source} > {inner.Destination} {inner.Summary}");
        if (packet.Arp is { } arp)
            return arp.Operation == 1 ? $"ARP who-has {packet.DestinationAddress}" : $"ARP {packet.SourceAddress} is-at {arp.SenderMac}";
        if (packet.FragmentOffset > 0)
            return string.Create(CultureInfo.InvariantCulture, $"{packet.Protocol} fragment at {packet.FragmentOffset}");
        if (packet.Tcp is { } tcp)
            return string.Create(CultureInfo.InvariantCulture, $"[{FlagLetters(tcp.Flags)}]{(tcp.SequenceNumber is { } sequence ? $" seq {sequence}" : "")}{(tcp.AcknowledgmentNumber is { } acknowledged ? $" ack {acknowledged}" : "")} win {tcp.Window} length {packet.PayloadLength}");
        if (packet.Icmp is { } icmp)
            return Icmp(packet, icmp);
        return packet.Details ?? (packet.SourceAddress is not null
            ? string.Create(CultureInfo.InvariantCulture, $"{packet.Protocol} length {packet.PayloadLength}")
            : string.Create(CultureInfo.InvariantCulture, $"{packet.EtherType} length {packet.Length}"));
    }

    private static string FlagLetters(TcpFlags flags) =>
        flags == TcpFlags.None ? "none" : string.Concat(Letters.Where(letter => (flags & letter.Flag) != 0).Select(letter => letter.Letter));

    private static string Icmp(CapturedPacket packet, IcmpMessage message)
    {
        var name = (packet.Protocol, message.Type, message.Code) switch
        {
            (TransportProtocol.Icmp, 0, _) or (TransportProtocol.IcmpV6, 129, _) => "echo reply",
            (TransportProtocol.Icmp, 8, _) or (TransportProtocol.IcmpV6, 128, _) => "echo request",
            (TransportProtocol.Icmp, 3, 0) => "net unreachable",
            (TransportProtocol.Icmp, 3, 1) => "host unreachable",
            (TransportProtocol.Icmp, 3, 3) or (TransportProtocol.IcmpV6, 1, 4) => "port unreachable",
            (TransportProtocol.Icmp, 3, 4) or (TransportProtocol.IcmpV6, 2, _) => "packet too big",
            (TransportProtocol.Icmp, 3, 9 or 10 or 13) or (TransportProtocol.IcmpV6, 1, 1) => "prohibited",
            (TransportProtocol.Icmp, 3, _) or (TransportProtocol.IcmpV6, 1, _) => "unreachable",
            (TransportProtocol.Icmp, 5, _) or (TransportProtocol.IcmpV6, 137, _) => "redirect",
            (TransportProtocol.Icmp, 11, _) or (TransportProtocol.IcmpV6, 3, _) => "time exceeded",
            (TransportProtocol.IcmpV6, 133, _) => "router solicitation",
            (TransportProtocol.IcmpV6, 134, _) => "router advertisement",
            (TransportProtocol.IcmpV6, 135, _) => "neighbor solicitation",
            (TransportProtocol.IcmpV6, 136, _) => "neighbor advertisement",
            _ => string.Create(CultureInfo.InvariantCulture, $"ICMP type {message.Type} code {message.Code}"),
        };
        var number = message.SequenceNumber is { } sequence ? string.Create(CultureInfo.InvariantCulture, $" id {message.Identifier} seq {sequence}") : "";
        var mtu = message.Mtu is { } most ? string.Create(CultureInfo.InvariantCulture, $" mtu {most}") : "";
        return message.Quoted is { } quoted ? $"{name}{mtu}: {quoted.Source} > {quoted.Destination}" : $"{name}{number}{mtu}";
    }
}
