using System.Buffers.Binary;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Packets;

/// <summary>The options of a TCP header (RFC 9293, 7323, 2018).</summary>
internal ref struct TcpOptions
{
    public int? MaximumSegmentSize;
    public int? WindowScale;
    public bool SackPermitted;
    public List<TcpRange>? Sack;
    public uint? Timestamp;
    public uint? TimestampEcho;

    /// <summary>Reads them, up to the first that is not whole.</summary>
    public static TcpOptions Read(ReadOnlySpan<byte> data)
    {
        var options = default(TcpOptions);
        while (!data.IsEmpty)
        {
            if (data[0] == 0)
                break;
            if (data[0] == 1)
            {
                data = data[1..];
                continue;
            }

            if (data.Length < 2 || data[1] < 2 || data[1] > data.Length)
                break;
            options.Take(data[0], data[2..data[1]]);
            data = data[data[1]..];
        }

        return options;
    }

    private void Take(byte kind, ReadOnlySpan<byte> value)
    {
        switch (kind)
        {
            case 2 when value.Length == 2:
                MaximumSegmentSize = BinaryPrimitives.ReadUInt16BigEndian(value);
                break;
            case 3 when value.Length == 1:
                WindowScale = value[0];
                break;
            case 4 when value.IsEmpty:
                SackPermitted = true;
                break;
            case 5:
                for (Sack ??= []; value.Length >= 8; value = value[8..])
                    Sack.Add(new TcpRange(BinaryPrimitives.ReadUInt32BigEndian(value), BinaryPrimitives.ReadUInt32BigEndian(value[4..])));
                break;
            case 8 when value.Length == 8:
                Timestamp = BinaryPrimitives.ReadUInt32BigEndian(value);
                TimestampEcho = BinaryPrimitives.ReadUInt32BigEndian(value[4..]);
                break;
        }
    }
}
