using System.Net;
using System.Text;

namespace CiliumLab.Simulator.Datapath;

/// <summary>
/// The packets of one connection after the first have the way that the first and its answer had: they are shown to captures, counted
/// and reported at every place of it.
/// </summary>
/// <param name="lab">The datapath.</param>
/// <param name="protocol"><c>tcp</c>, <c>udp</c> or <c>icmp</c>.</param>
/// <param name="there">The way of the first packet.</param>
/// <param name="back">The way of its answer; null when there is none.</param>
/// <param name="number">Where sequence numbers begin.</param>
internal sealed class Conversation(LabPackets lab, string protocol, PacketPath there, PacketPath? back, uint number)
{
    private static readonly TimeSpan Hop = TimeSpan.FromMicroseconds(7);

    private readonly uint _answerNumber = (number * 2654435761) ^ 0x5bd1e995;
    private TimeSpan _elapsed;
    private uint _sent = 1;
    private uint _answered = 1;

    /// <summary>A TCP handshake, as far as it came.</summary>
    /// <param name="isRefused">Nobody listens there.</param>
    public void Open(bool isRefused)
    {
        Carry(there, new PacketSegment(protocol, None, None, false) { Flags = "S", Sequence = number }, isFirst: true);
        if (back is null)
            return;
        Carry(back, new PacketSegment(protocol, None, None, true) { Flags = isRefused ? "R." : "S.", Sequence = isRefused ? 0 : _answerNumber, Acknowledged = number + 1, IsLast = isRefused });
        if (!isRefused)
            Send(".", default);
    }

    /// <summary>A question and its answer, each in one packet; over TCP the connection is closed behind them.</summary>
    public void Ask(string message, string answer)
    {
        if (protocol != "tcp")
        {
            Datagrams(DnsText.IsQuestion(message) ? DnsText.Question(message, number) : Encoding.UTF8.GetBytes(message), DnsText.IsQuestion(message) ? DnsText.Answer(message, answer, number) : Encoding.UTF8.GetBytes(answer));
            return;
        }

        Send("P.", Encoding.UTF8.GetBytes(message));
        Answer(".", default);
        Answer("P.", Encoding.UTF8.GetBytes(answer));
        Send(".", default);
        Send("F.", default);
        Answer("F.", default);
        Send(".", default, isLast: true);
    }

    /// <summary>An echo or a datagram that has been sent, and its answer when one came.</summary>
    public void Datagrams(ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> answer, uint sequence = 1)
    {
        Carry(there, new PacketSegment(protocol, None, None, false) { Payload = payload, Sequence = sequence }, isFirst: true);
        if (back is not null)
            Carry(back, new PacketSegment(protocol, None, None, true) { Payload = answer, Sequence = sequence });
    }

    private static IPEndPoint None { get; } = new(IPAddress.Any, 0);

    private void Send(string flags, ReadOnlyMemory<byte> payload, bool isLast = false)
    {
        Carry(there, new PacketSegment(protocol, None, None, false) { Flags = flags, Payload = payload, Sequence = number + _sent, Acknowledged = _answerNumber + _answered, IsLast = isLast });
        _sent += (uint)payload.Length + (flags == "F." ? 1u : 0);
    }

    private void Answer(string flags, ReadOnlyMemory<byte> payload)
    {
        Carry(back!, new PacketSegment(protocol, None, None, true) { Flags = flags, Payload = payload, Sequence = _answerNumber + _answered, Acknowledged = number + _sent });
        _answered += (uint)payload.Length + (flags == "F." ? 1u : 0);
    }

    // The first packet was judged and counted when its way was found.
    private void Carry(PacketPath path, PacketSegment prototype, bool isFirst = false)
    {
        var isCounted = isFirst || prototype is { IsReply: true, Flags: "S." or "R." or "" };
        foreach (var at in path.Sightings)
        {
            var segment = prototype with { Source = at.Source, Destination = at.Destination };
            _elapsed += Hop;
            if (lab.Taps.IsAny)
                lab.Taps.Show(new PacketCapture(at.Link.Network.Kernel.Clock.GetUtcNow() + _elapsed, at, segment));
            if (at.Outer is not null)
                continue;
            if (!isCounted)
                Count(at, (ulong)segment.Size);
            if (!isFirst && at.Link.Network == at.Link.Network.Kernel.Network)
                lab.ProgramsOf(at.Link.Network.Kernel)?.Observe(at.Hook, at.Link, segment);
        }

        _elapsed += TimeSpan.FromMicroseconds(40 + (30 * path.Hops.Count));
    }

    private static void Count(PacketSighting at, ulong bytes)
    {
        lock (at.Link.Network.Kernel.Gate)
        {
            if (at.IsOutgoing)
                at.Link.Transmitted = at.Link.Transmitted with { Packets = at.Link.Transmitted.Packets + 1, Bytes = at.Link.Transmitted.Bytes + bytes };
            else
                at.Link.Received = at.Link.Received with { Packets = at.Link.Received.Packets + 1, Bytes = at.Link.Received.Bytes + bytes };
        }
    }
}
