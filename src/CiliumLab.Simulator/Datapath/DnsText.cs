using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace CiliumLab.Simulator.Datapath;

/// <summary>The lab's DNS questions (<c>A name</c>) and answers (addresses, or <c>NXDOMAIN</c>) as RFC 1035 has them on the wire.</summary>
internal static class DnsText
{
    private const int HeaderBytes = 12;
    private const ushort NameError = 3;
    private const int AnswerBytes = 16;
    private const byte Ipv4Type = 1;
    private const byte Ipv6Type = 28;

    /// <summary>Whether a message is a question.</summary>
    public static bool IsQuestion(string message) => message.StartsWith("A ", StringComparison.Ordinal) || message.StartsWith("AAAA ", StringComparison.Ordinal);

    /// <summary>A question on the wire: <c>A name</c>, or <c>AAAA name</c>.</summary>
    public static byte[] Question(string message, uint id) => Message(message, id, 0x0100, []);

    /// <summary>An answer on the wire.</summary>
    public static byte[] Answer(string message, string answer, uint id) => answer == "NXDOMAIN"
        ? Message(message, id, 0x8500 | NameError, [])
        : Message(message, id, 0x8500, [.. answer.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)]);

    /// <summary>A message as tcpdump prints it.</summary>
    /// <param name="message">As much of it as was kept.</param>
    /// <param name="length">Its length.</param>
    /// <param name="verbosity">Names in answers from 1, the question in them from 2, times to live from 3.</param>
    public static string Describe(ReadOnlySpan<byte> message, int length, int verbosity)
    {
        if (message.Length < HeaderBytes)
            return "[|domain]";
        var (id, flags) = (BinaryPrimitives.ReadUInt16BigEndian(message), BinaryPrimitives.ReadUInt16BigEndian(message[2..]));
        var (questions, answers) = (BinaryPrimitives.ReadUInt16BigEndian(message[4..]), BinaryPrimitives.ReadUInt16BigEndian(message[6..]));
        var at = HeaderBytes;
        var name = NameAt(message, ref at);
        var type = at + 4 <= message.Length ? BinaryPrimitives.ReadUInt16BigEndian(message[at..]) : 0;
        var question = string.Create(CultureInfo.InvariantCulture, $"{TypeName(type)}? {name}");
        if ((flags & 0x8000) == 0)
            return string.Create(CultureInfo.InvariantCulture, $"{id}{((flags & 0x100) != 0 ? "+" : "")} {question} ({length})");
        at += 4;
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{id}{((flags & 0xf) == NameError ? " NXDomain" : "")}{((flags & 0x400) != 0 ? "*" : "")}{((flags & 0x80) == 0 ? "-" : "")}"));
        if (verbosity > 1 && questions > 0)
            text.Append(" q: ").Append(question);
        text.Append(CultureInfo.InvariantCulture, $" {answers}/{BinaryPrimitives.ReadUInt16BigEndian(message[8..])}/{BinaryPrimitives.ReadUInt16BigEndian(message[10..])}");
        for (var number = 0; number < answers && at + AnswerBytes <= message.Length; number++)
        {
            var start = at;
            var owner = NameAt(message, ref start);
            var size = BinaryPrimitives.ReadUInt16BigEndian(message[(start + 8)..]);
            var data = start + 10;
            if (data + size > message.Length)
                break;
            text.Append(number == 0 ? " " : ", ");
            if (verbosity > 0)
                text.Append(owner).Append(' ');
            if (verbosity > 2)
                text.Append(CultureInfo.InvariantCulture, $"[{BinaryPrimitives.ReadUInt32BigEndian(message[(start + 4)..])}s] ");
            text.Append(CultureInfo.InvariantCulture, $"{TypeName(BinaryPrimitives.ReadUInt16BigEndian(message[start..]))} {(size is 4 or 16 ? new IPAddress(message.Slice(data, size)).ToString() : "")}");
            at = data + size;
        }

        return text.Append(CultureInfo.InvariantCulture, $" ({length})").ToString();
    }

    private static string TypeName(int type) => type switch { Ipv4Type => "A", Ipv6Type => "AAAA", 5 => "CNAME", 12 => "PTR", _ => $"Type{type}" };

    // A name ends with a byte 0, or with a pointer to where it goes on.
    private static string NameAt(ReadOnlySpan<byte> message, ref int at)
    {
        var name = new StringBuilder();
        int? back = null;
        for (var labels = 0; at < message.Length && message[at] > 0 && labels < 128; labels++)
        {
            if (message[at] >= 0xc0)
            {
                if (at + 2 > message.Length)
                    break;
                back ??= at + 2;
                at = BinaryPrimitives.ReadUInt16BigEndian(message[at..]) & 0x3fff;
                continue;
            }

            var end = Math.Min(at + 1 + message[at], message.Length);
            name.Append(Encoding.ASCII.GetString(message[(at + 1)..end])).Append('.');
            at = end;
        }

        at = back ?? at + 1;
        return name.Length == 0 ? "." : name.ToString();
    }

    private static byte[] Message(string question, uint id, int flags, IReadOnlyList<IPAddress> addresses)
    {
        var (type, name) = question.Split(' ') is [var first, var second] ? (first == "A" ? Ipv4Type : Ipv6Type, second) : throw new ArgumentException("a type and a name", nameof(question));
        using var stream = new MemoryStream();
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt16BigEndian(header, (ushort)id);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)flags);
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], 1);
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], (ushort)addresses.Count);
        stream.Write(header);
        foreach (var label in name.TrimEnd('.').Split('.'))
        {
            stream.WriteByte((byte)label.Length);
            stream.Write(Encoding.ASCII.GetBytes(label));
        }

        // End of the name, type, class IN.
        stream.Write([0, 0, type, 0, 1]);
        foreach (var address in addresses)
        {
            // The name as a pointer to the question, type A, class IN, 30 seconds, 4 bytes.
            stream.Write([0xc0, HeaderBytes, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4]);
            stream.Write(address.GetAddressBytes());
        }

        return stream.ToArray();
    }
}
