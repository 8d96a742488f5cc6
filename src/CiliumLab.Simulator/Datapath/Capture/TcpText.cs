using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace CiliumLab.Simulator.Datapath;

/// <summary>TCP as tcpdump 4.99 prints it: sequence numbers count from a connection's first packet that acknowledges something.</summary>
/// <param name="options">How.</param>
internal sealed class TcpText(PacketTextOptions options)
{
    private const int Syn = 2;
    private const int Ack = 0x10;

    private readonly Dictionary<(IPEndPoint Low, IPEndPoint High), (uint Low, uint High)> _first = [];

    /// <summary>What is behind the addresses.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="end">Where IP ends.</param>
    public string Describe(PacketFrame frame, int end)
    {
        var at = frame.Transport;
        var header = (frame.Octet(at + 12) >> 4) * 4;
        var length = end - at - header;
        if (options.IsQuiet)
            return string.Create(CultureInfo.InvariantCulture, $"tcp {length}");
        var flags = frame.Octet(at + 13);
        var (sequence, acknowledged) = (frame.Number(at + 4), frame.Number(at + 8));
        if (!options.AbsoluteSequence && (flags & Ack) != 0)
            (sequence, acknowledged) = Relative(frame, flags, sequence, acknowledged);
        var text = new StringBuilder($"Flags [{FlagLetters(flags)}]");
        if (options.Verbosity > 0)
            text.Append(CultureInfo.InvariantCulture, $", cksum 0x{frame.Word(at + 16):x4} ({(frame.ChecksumIsGood(6, end) ? "correct" : "incorrect")})");
        if (options.Verbosity > 1 || length > 0 || (flags & 7) != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $", seq {sequence}");
            if (length > 0)
                text.Append(CultureInfo.InvariantCulture, $":{unchecked(sequence + (uint)length)}");
        }

        if ((flags & Ack) != 0)
            text.Append(CultureInfo.InvariantCulture, $", ack {acknowledged}");
        text.Append(CultureInfo.InvariantCulture, $", win {frame.Word(at + 14)}");
        if (header > 20 && at + header <= frame.Bytes.Length)
            text.Append(CultureInfo.InvariantCulture, $", options [{Options(frame.Bytes.Span[(at + 20)..(at + header)])}]");
        text.Append(CultureInfo.InvariantCulture, $", length {length}");
        if (length > 0 && frame.Ports is { } ports && (ports.Source is 80 or 8080 || ports.Destination is 80 or 8080))
            text.Append(": ").Append(Http(frame.Bytes.Span[Math.Min(at + header, frame.Bytes.Length)..Math.Min(end, frame.Bytes.Length)], length));
        return text.ToString();
    }

    private (uint Sequence, uint Acknowledged) Relative(PacketFrame frame, int flags, uint sequence, uint acknowledged)
    {
        var (source, destination) = (new IPEndPoint(frame.Source!, frame.Ports!.Value.Source), new IPEndPoint(frame.Destination!, frame.Ports!.Value.Destination));
        var isReverse = string.CompareOrdinal(source.ToString(), destination.ToString()) > 0;
        var key = isReverse ? (destination, source) : (source, destination);
        if ((flags & Syn) != 0 || !_first.TryGetValue(key, out var first))
        {
            _first[key] = isReverse ? (acknowledged - 1, sequence) : (sequence, acknowledged - 1);
            return (sequence, acknowledged);
        }

        return isReverse ? (sequence - first.High, acknowledged - first.Low) : (sequence - first.Low, acknowledged - first.High);
    }

    private static string FlagLetters(int flags)
    {
        var letters = string.Concat(((int Bit, string Letter)[])[(1, "F"), (2, "S"), (4, "R"), (8, "P"), (16, "."), (32, "U"), (64, "E"), (128, "W")]
            is var known ? known.Where(one => (flags & one.Bit) != 0).Select(static one => one.Letter) : []);
        return letters.Length == 0 ? "none" : letters;
    }

    private static string Options(ReadOnlySpan<byte> bytes)
    {
        var parts = new List<string>();
        while (!bytes.IsEmpty && bytes[0] != 0)
        {
            if (bytes[0] == 1)
            {
                parts.Add("nop");
                bytes = bytes[1..];
                continue;
            }

            if (bytes.Length < 2 || bytes[1] < 2 || bytes[1] > bytes.Length)
                break;
            parts.Add(bytes[0] switch
            {
                2 => string.Create(CultureInfo.InvariantCulture, $"mss {BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])}"),
                3 => string.Create(CultureInfo.InvariantCulture, $"wscale {bytes[2]}"),
                4 => "sackOK",
                8 => string.Create(CultureInfo.InvariantCulture, $"TS val {BinaryPrimitives.ReadUInt32BigEndian(bytes[2..])} ecr {BinaryPrimitives.ReadUInt32BigEndian(bytes[6..])}"),
                var kind => string.Create(CultureInfo.InvariantCulture, $"unknown-{kind}"),
            });
            bytes = bytes[bytes[1]..];
        }

        return string.Join(',', parts);
    }

    private string Http(ReadOnlySpan<byte> payload, int length)
    {
        var lines = Encoding.ASCII.GetString(payload).Split("\r\n");
        var isStart = lines[0].StartsWith("HTTP/", StringComparison.Ordinal) || lines[0].Split(' ') is ["GET" or "HEAD" or "POST" or "PUT" or "DELETE" or "OPTIONS" or "PATCH" or "CONNECT" or "TRACE", ..];
        if (options.Verbosity == 0)
            return isStart ? $"HTTP: {lines[0]}" : "HTTP";
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"HTTP, length: {length}"));
        if (!isStart)
            return text.ToString();
        var shown = string.Join('\n', lines);
        foreach (var line in (shown.EndsWith('\n') ? shown[..^1] : shown).Split('\n'))
            text.Append("\n\t").Append(line);
        return text.ToString();
    }
}
