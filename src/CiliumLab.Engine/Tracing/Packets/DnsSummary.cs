using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace CiliumLab.Engine.Tracing.Packets;

/// <summary>What a DNS message asks and answers (RFC 1035), in a line: <c>DNS 4660 A? webpod.default.svc.cluster.local</c>.</summary>
internal static class DnsSummary
{
    public const int Port = 53;

    private const int Header = 12;
    private const int MostAnswers = 8;
    private const int LongestName = 255;

    private static readonly string[] Failures = ["", "FormErr", "ServFail", "NXDomain", "NotImp", "Refused"];

    /// <summary>Reads a message; null when it is none, or cut off.</summary>
    public static string? Of(ReadOnlySpan<byte> data)
    {
        if (data.Length < Header || BinaryPrimitives.ReadUInt16BigEndian(data[4..]) == 0)
            return null;
        var flags = BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
        var answers = BinaryPrimitives.ReadUInt16BigEndian(data[6..]);
        var at = Header;
        if (Name(data, ref at) is not { } name || at + 4 > data.Length)
            return null;
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"DNS {BinaryPrimitives.ReadUInt16BigEndian(data)} {Type(BinaryPrimitives.ReadUInt16BigEndian(data[at..]))}? {name}");
        at += 4;
        if ((flags & 0x8000) == 0)
            return line.ToString();
        var code = flags & 0xf;
        line.Append(": ").Append(code != 0 ? code < Failures.Length ? Failures[code] : string.Create(CultureInfo.InvariantCulture, $"error {code}") : answers == 0 ? "no answer" : "");
        for (var answer = 0; answer < Math.Min(answers, (ushort)MostAnswers) && Name(data, ref at) is not null && at + 10 <= data.Length; answer++)
        {
            var (type, length) = (BinaryPrimitives.ReadUInt16BigEndian(data[at..]), BinaryPrimitives.ReadUInt16BigEndian(data[(at + 8)..]));
            var value = at + 10;
            at = value + length;
            if (at > data.Length)
                break;
            line.Append(answer > 0 ? ", " : "").Append(Type(type));
            if ((type, length) is (1, 4) or (28, 16))
                line.Append(CultureInfo.InvariantCulture, $" {new IPAddress(data[value..at])}");
            else if (type is 5 or 12)
                line.Append(CultureInfo.InvariantCulture, $" {Name(data, ref value)}");
        }

        return line.ToString();
    }

    private static string Type(int type) => type switch
    {
        1 => "A",
        2 => "NS",
        5 => "CNAME",
        6 => "SOA",
        12 => "PTR",
        15 => "MX",
        16 => "TXT",
        28 => "AAAA",
        33 => "SRV",
        _ => string.Create(CultureInfo.InvariantCulture, $"TYPE{type}"),
    };

    // A name may point to an earlier one, and made-up ones to themselves.
    private static string? Name(ReadOnlySpan<byte> data, ref int at)
    {
        var name = new StringBuilder();
        var (here, jumped) = (at, false);
        while (here < data.Length && name.Length <= LongestName)
        {
            var length = data[here];
            if (length == 0)
            {
                at = jumped ? at : here + 1;
                return name.Length == 0 ? "." : name.ToString();
            }

            if ((length & 0xc0) == 0xc0)
            {
                if (here + 1 >= data.Length)
                    return null;
                var target = ((length & 0x3f) << 8) | data[here + 1];
                if (!jumped)
                    at = here + 2;
                if (target >= here)
                    return null;
                (here, jumped) = (target, true);
                continue;
            }

            if (length > 63 || here + 1 + length > data.Length)
                return null;
            name.Append(Encoding.Latin1.GetString(data.Slice(here + 1, length))).Append('.');
            here += 1 + length;
        }

        return null;
    }
}
