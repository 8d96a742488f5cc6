using System.Buffers.Binary;
using System.Globalization;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Packets;

/// <summary>
/// Reads a capture as tcpdump writes it (-w), packet by packet while it arrives, in either byte order, with micro- or nanoseconds.
/// Format: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html.
/// </summary>
/// <param name="stream">The capture; read once, from where it stands, and not disposed.</param>
/// <param name="origin">Where it was made.</param>
public sealed class PcapReader(Stream stream, CaptureOrigin origin)
{
    private const int FileHeader = 24;
    private const int RecordHeader = 16;
    private const int Room = 64 * 1024;

    // What tcpdump itself takes for the largest packet; a larger one is a sign of a damaged file.
    private const int LargestPacket = 256 * 1024;

    private const uint Microseconds = 0xa1b2c3d4;
    private const uint Nanoseconds = 0xa1b23c4d;
    private const uint NextGeneration = 0x0a0d0d0a;

    private readonly KnownAddresses _known = new();
    private byte[] _buffer = new byte[Room];
    private int _start;
    private int _end;
    private long _offset;
    private bool _isBigEndian;
    private bool _isNano;
    private int _linkType;
    private bool _isOpen;

    /// <summary>Gets the bytes of the file header and of each packet as they come, for who wants to keep the capture; null when nobody does.</summary>
    public Action<ReadOnlyMemory<byte>>? Copy { get; init; }

    /// <summary>Waits for the file's header, which tcpdump writes when it has begun to listen.</summary>
    /// <returns>False when nothing comes at all.</returns>
    /// <exception cref="LabException"><c>CaptureNotUnderstood</c>.</exception>
    public bool Open()
    {
        if (_isOpen)
            return true;
        if (!Has(FileHeader))
            return _end == _start ? false : throw NotUnderstood($"it has only {_end - _start} bytes");
        ReadFileHeader();
        Take(FileHeader);
        return _isOpen = true;
    }

    /// <summary>Reads to the end; waits, on the thread that enumerates, while there is nothing.</summary>
    /// <exception cref="LabException">
    /// <c>CaptureNotUnderstood</c> when it is no capture, <c>CaptureDamaged</c> when it is damaged or ends within a packet; what came before has
    /// been returned then. A capture without a byte has no packets and is no error.
    /// </exception>
    public IEnumerable<CapturedPacket> Read()
    {
        if (!Open())
            yield break;
        for (var number = 1L; Has(RecordHeader); number++)
        {
            var captured = RecordLength(number);
            if (!Has(RecordHeader + captured))
                throw CutOff(number);
            var packet = Packet(number, captured);
            Take(RecordHeader + captured);
            yield return packet;
        }

        if (_end > _start)
            throw CutOff(null);
    }

    private void ReadFileHeader()
    {
        var header = _buffer.AsSpan(_start, FileHeader);
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(header);
        _isBigEndian = magic is not (Microseconds or Nanoseconds) && BinaryPrimitives.ReverseEndianness(magic) is Microseconds or Nanoseconds;
        if (_isBigEndian)
            magic = BinaryPrimitives.ReverseEndianness(magic);
        if (magic == NextGeneration)
            throw NotUnderstood("it is a pcapng file", "Write it anew in the older format first: tcpdump -r FILE -w FILE.pcap, or editcap -F pcap FILE FILE.pcap");
        if (magic is not (Microseconds or Nanoseconds))
            throw NotUnderstood(string.Create(CultureInfo.InvariantCulture, $"it begins with 0x{BinaryPrimitives.ReadUInt32BigEndian(header):x8}"));
        _isNano = magic == Nanoseconds;
        // The upper bits tell about checksums of frames.
        _linkType = (int)(U32(header[20..]) & 0xffff);
        if (!LinkLayer.IsKnown(_linkType))
            throw NotUnderstood($"packets of link type {_linkType} are not read", "Capture on an Ethernet interface, or on any.");
    }

    private int RecordLength(long number)
    {
        var captured = U32(_buffer.AsSpan(_start + 8, 4));
        return captured <= LargestPacket ? (int)captured : throw Damaged(number, $"claims to have {captured} bytes");
    }

    private CapturedPacket Packet(long number, int captured)
    {
        var record = _buffer.AsSpan(_start, RecordHeader);
        var ticks = (U32(record) * TimeSpan.TicksPerSecond) + (_isNano ? U32(record[4..]) / TimeSpan.NanosecondsPerTick : U32(record[4..]) * TimeSpan.TicksPerMicrosecond);
        var parts = new PacketParts { Length = (int)Math.Min(U32(record[12..]), int.MaxValue), CapturedLength = captured };
        parts.IsTruncated = captured < parts.Length;
        LinkLayer.Read(_linkType, _buffer.AsSpan(_start + RecordHeader, captured), _known, ref parts);
        return parts.ToPacket(origin, number, DateTimeOffset.UnixEpoch.AddTicks(ticks));
    }

    private uint U32(ReadOnlySpan<byte> bytes) => _isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private void Take(int count)
    {
        Copy?.Invoke(_buffer.AsMemory(_start, count));
        _start += count;
        _offset += count;
    }

    private bool Has(int count) => _end - _start >= count || Fill(count);

    private bool Fill(int count)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (count > _buffer.Length)
            Array.Resize(ref _buffer, count + Room);
        while (_end < count)
        {
            var read = stream.Read(_buffer.AsSpan(_end));
            if (read == 0)
                return false;
            _end += read;
        }

        return true;
    }

    private static LabException NotUnderstood(string why, string? action = null) => new(
        "CaptureNotUnderstood",
        LabErrorKind.InvalidData,
        $"This is no capture that can be read: {why}.",
        "capture",
        action ?? "Give a file that tcpdump -w wrote.");

    private LabException Damaged(long number, string how) => new(
        "CaptureDamaged",
        LabErrorKind.InvalidData,
        $"The capture is damaged: packet {number}, at byte {_offset}, {how}.",
        "capture",
        "The packets before it are whole; capture again for those after it.");

    private LabException CutOff(long? number) => new(
        "CaptureDamaged",
        LabErrorKind.InvalidData,
        number is null ? $"The capture ends within a packet's header, at byte {_offset}." : $"The capture ends within packet {number}, which begins at byte {_offset}.",
        "capture",
        "The packets before it are whole; the capture was cut off, or its file is still being written.");
}
