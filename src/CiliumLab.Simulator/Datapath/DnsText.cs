using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace CiliumLab.Simulator.Datapath;

/// <summary>The lab's DNS questions (<c>A name</c>) and answers (addresses, or <c>NXDOMAIN</c>) as RFC 1035 has them on the wire.</summary>
internal static class DnsText
{
    private const int HeaderBytes = 12;
    private const ushort NameError = 3;

    /// <summary>Whether a message is a question.</summary>
    public static bool IsQuestion(string message) => message.StartsWith("A ", StringComparison.Ordinal);

    /// <summary>A question on the wire.</summary>
    public static byte[] Question(string message, uint id) => Message(message[2..], id, 0x0100, []);

    /// <summary>An answer on the wire.</summary>
    public static byte[] Answer(string message, string answer, uint id) => answer == "NXDOMAIN"
        ? Message(message[2..], id, 0x8580 | NameError, [])
        : Message(message[2..], id, 0x8580, [.. answer.Split(' ').Select(IPAddress.Parse)]);

    private static byte[] Message(string name, uint id, int flags, IReadOnlyList<IPAddress> addresses)
    {
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

        // End of the name, type A, class IN.
        stream.Write([0, 0, 1, 0, 1]);
        foreach (var address in addresses)
        {
            // The name as a pointer to the question, type A, class IN, 30 seconds, 4 bytes.
            stream.Write([0xc0, HeaderBytes, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4]);
            stream.Write(address.GetAddressBytes());
        }

        return stream.ToArray();
    }
}
