using System.Buffers.Binary;
using System.Net;

namespace CiliumLab.Engine.Tracing.Packets;

/// <summary>
/// The addresses of a capture, one object for each: there are few of them beside its packets. At most some thousands are kept, so that a
/// scan of a network does not fill the memory.
/// </summary>
internal sealed class KnownAddresses
{
    private const int Most = 4096;

    private readonly Dictionary<uint, IPAddress> _v4 = [];
    private readonly Dictionary<UInt128, IPAddress> _v6 = [];
    private readonly Dictionary<ulong, string> _macs = [];

    /// <summary>Reads four bytes.</summary>
    public IPAddress V4(ReadOnlySpan<byte> bytes)
    {
        var key = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return _v4.TryGetValue(key, out var known) ? known : Add(_v4, key, new IPAddress(bytes[..4]));
    }

    /// <summary>Reads sixteen bytes.</summary>
    public IPAddress V6(ReadOnlySpan<byte> bytes)
    {
        var key = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return _v6.TryGetValue(key, out var known) ? known : Add(_v6, key, new IPAddress(bytes[..16]));
    }

    /// <summary>Reads six bytes.</summary>
    public string Mac(ReadOnlySpan<byte> bytes)
    {
        var key = ((ulong)BinaryPrimitives.ReadUInt32BigEndian(bytes) << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        return _macs.TryGetValue(key, out var known)
            ? known
            : Add(_macs, key, $"{bytes[0]:x2}:{bytes[1]:x2}:{bytes[2]:x2}:{bytes[3]:x2}:{bytes[4]:x2}:{bytes[5]:x2}");
    }

    private static TValue Add<TKey, TValue>(Dictionary<TKey, TValue> known, TKey key, TValue value)
        where TKey : notnull
    {
        if (known.Count >= Most)
            known.Clear();
        known.Add(key, value);
        return value;
    }
}
