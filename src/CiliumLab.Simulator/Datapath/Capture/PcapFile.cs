using System.Buffers.Binary;

namespace CiliumLab.Simulator.Datapath;

/// <summary>The file format of libpcap (pcap-savefile(5)): little endian and microseconds are written, every order and nanoseconds are read.</summary>
internal static class PcapFile
{
    private const uint Magic = 0xa1b2c3d4;
    private const uint NanosecondMagic = 0xa1b23c4d;
    private const int HeaderBytes = 24;
    private const int RecordBytes = 16;
    private const int EthernetType = 1;
    private const int CookedType = 276;

    /// <summary>What a file begins with.</summary>
    public static byte[] Header(bool isCooked, int snapshotLength)
    {
        var bytes = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), 4);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), snapshotLength);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), isCooked ? CookedType : EthernetType);
        return bytes;
    }

    /// <summary>A frame with its header.</summary>
    public static byte[] Record(PacketFrame frame)
    {
        var bytes = new byte[RecordBytes + frame.Bytes.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)frame.Time.ToUnixTimeSeconds());
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), (uint)(frame.Time.Ticks / TimeSpan.TicksPerMicrosecond % 1_000_000));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), frame.Bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), frame.Length);
        frame.Bytes.CopyTo(bytes.AsMemory(RecordBytes));
        return bytes;
    }

    /// <summary>Reads a file.</summary>
    /// <param name="content">Its bytes.</param>
    /// <returns>The frames, whether they are cooked, and the snapshot length; null when it is no such file, or of another kind of network.</returns>
    public static (IReadOnlyList<PacketFrame> Frames, bool IsCooked, int SnapshotLength)? Read(ReadOnlyMemory<byte> content)
    {
        if (content.Length < HeaderBytes)
            return null;
        var isBig = BinaryPrimitives.ReadUInt32BigEndian(content.Span) is Magic or NanosecondMagic;
        if (Number(0) is not (Magic or NanosecondMagic) || Number(20) is not (EthernetType or CookedType))
            return null;
        var ticks = Number(0) == NanosecondMagic ? 0.01 : TimeSpan.TicksPerMicrosecond;
        var isCooked = Number(20) == CookedType;
        var frames = new List<PacketFrame>();
        for (var at = HeaderBytes; at + RecordBytes <= content.Length;)
        {
            var kept = (int)Number(at + 8);
            if (kept < 0 || at + RecordBytes + kept > content.Length)
                break;
            var time = DateTimeOffset.UnixEpoch.AddSeconds(Number(at)).AddTicks((long)(Number(at + 4) * ticks));
            frames.Add(new PacketFrame(time, isCooked, content.Slice(at + RecordBytes, kept), (int)Number(at + 12)));
            at += RecordBytes + kept;
        }

        return (frames, isCooked, (int)Number(16));

        uint Number(int at) => isBig ? BinaryPrimitives.ReadUInt32BigEndian(content.Span[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(content.Span[at..]);
    }
}
