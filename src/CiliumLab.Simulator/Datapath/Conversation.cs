using System.Net;
using System.Text;
using CiliumLab.Simulator.Nodes.Network;

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
    private const int WindowUnit = 128;
    private const int HeaderBytes = 40;
    private const int TimestampBytes = 12;

    private static readonly TimeSpan Hop = TimeSpan.FromMicroseconds(7);

    private readonly uint _answerNumber = (number * 2654435761) ^ 0x5bd1e995;
    private TimeSpan _pause = Hop;
    private bool _hasBegun;
    private int _questions;
    private int _packets;
    private int _answers;
    private uint _sent = 1;
    private uint _answered = 1;
    private uint _stamp;
    private uint _answerStamp;

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

    /// <summary>The number of a question.</summary>
    public ushort QuestionId(int question) => (ushort)(number + (uint)(question * 7919));

    /// <summary>Questions that are sent together, and their answers, each in one packet; over TCP the connection is closed behind them.</summary>
    public void Ask(IReadOnlyList<(string Question, string Answer)> messages)
    {
        if (protocol != "tcp")
        {
            var bytes = messages.Select(pair => Datagram(pair.Question, pair.Answer)).ToList();
            foreach (var (question, _) in bytes)
                Carry(there, new PacketSegment(protocol, None, None, false) { Payload = question }, isFirst: !_hasBegun && _packets == 0);
            if (back is null)
                return;
            foreach (var (_, answer) in bytes)
                Carry(back, new PacketSegment(protocol, None, None, true) { Payload = answer });
            return;
        }

        foreach (var (question, answer) in messages)
            Ask(question, answer);
    }

    private (byte[] Question, byte[] Answer) Datagram(string question, string answer)
    {
        if (!DnsText.IsQuestion(question))
            return (Encoding.UTF8.GetBytes(question), Encoding.UTF8.GetBytes(answer));
        var id = QuestionId(_questions++);
        return (DnsText.Question(question, id), back is null ? [] : DnsText.Answer(question, answer, id));
    }

    private void Ask(string message, string answer)
    {
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

    // The first packet was judged and counted when its way was found; the question for a hardware address is asked once.
    private void Carry(PacketPath path, PacketSegment prototype, bool isFirst = false)
    {
        var isCounted = !_hasBegun && (isFirst || prototype is { IsReply: true, Flags: "S." or "R." or "" });
        var isNew = prototype.IsReply ? _answers == 0 : _packets == 0;
        var numbered = Numbered(prototype, path);
        foreach (var at in path.Sightings)
        {
            if (at.Arp is not null && !isNew)
                continue;
            var segment = numbered with { Source = at.Source, Destination = at.Destination };
            if (lab.Taps.IsAny)
                lab.Taps.Show(new PacketCapture(lab.Taps.Next(at.Link.Network.Kernel.Clock.GetUtcNow(), _pause), at, segment));
            _pause = Hop;
            if (at.Outer is not null || at.Arp is not null || at.Link.Kind == LinkKind.Loopback)
                continue;
            if (!isCounted)
                Count(at, (ulong)segment.Size);
            if (!isFirst && at.Link.Network == at.Link.Network.Kernel.Network)
                lab.ProgramsOf(at.Link.Network.Kernel)?.Observe(at.Hook, at.Link, segment);
        }

        _hasBegun |= prototype.IsReply;
        _pause = TimeSpan.FromMicroseconds(40 + (30 * path.Hops.Count));
    }

    // What each side's kernel writes into its packets.
    private PacketSegment Numbered(PacketSegment segment, PacketPath path)
    {
        var count = segment.IsReply ? _answers++ : _packets++;
        var start = segment.IsReply ? _answerNumber * 40503 : number * 40503;
        var hasNone = segment is { IsReply: true, Flags: "S." or "R." };
        segment = segment with { Identification = hasNone ? (ushort)0 : (ushort)((start >> 16) + count) };
        if (protocol != "tcp" || path.Sightings.Count == 0)
            return segment;
        var from = path.Sightings[0].Link;
        var now = (uint)from.Network.Kernel.Clock.GetUtcNow().ToUnixTimeMilliseconds() + start + (uint)(count / 2);
        var echoed = segment.IsReply ? _stamp : _answerStamp;
        _ = segment.IsReply ? _answerStamp = now : _stamp = now;
        return segment with { Window = Window(segment, from.Mtu), LargestSegment = (ushort)(Math.Min(from.Mtu, 65535) - HeaderBytes), Stamp = now, EchoedStamp = echoed };
    }

    // Linux begins with the most whole segments that fit into 16 bits, and counts in units of 128 bytes then.
    private ushort Window(PacketSegment segment, int mtu)
    {
        var most = Math.Min(mtu, 65535) - HeaderBytes - (segment.IsReply ? TimestampBytes : 0);
        var window = ushort.MaxValue / most * most;
        return segment.Flags switch
        {
            "S" or "S." => (ushort)window,
            ['R', ..] => 0,
            _ => (ushort)((window - (segment.IsReply ? _sent - 1 : 0) + WindowUnit - 1) / WindowUnit),
        };
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
