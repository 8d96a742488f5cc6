using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CiliumLab.Simulator.Nodes.Network;

/// <summary>An address with a prefix length. Unlike <see cref="IPNetwork"/> it may have bits behind the prefix, as an interface's address has.</summary>
internal readonly record struct IpPrefix : IComparable<IpPrefix>
{
    private readonly UInt128 _bits;

    public IpPrefix(IPAddress address, int length)
    {
        Family = address.AddressFamily;
        Length = length;
        _bits = Bits(address);
    }

    private IpPrefix(AddressFamily family, UInt128 bits, int length) => (Family, _bits, Length) = (family, bits, length);

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family { get; }

    /// <summary>How many bits name the network.</summary>
    public int Length { get; }

    /// <summary>The address, bits behind the prefix included.</summary>
    public IPAddress Address => FromBits(Family, _bits);

    /// <summary>The same network without bits behind the prefix.</summary>
    public IpPrefix Network => new(Family, _bits & Mask, Length);

    /// <summary>Whether the prefix is a whole address.</summary>
    public bool IsHost => Length == Width;

    /// <summary>Whether it holds everything.</summary>
    public bool IsDefault => Length == 0;

    /// <summary>The highest address in it, which IPv4 broadcasts to.</summary>
    public IPAddress Last => FromBits(Family, _bits | ~Mask & All);

    private int Width => Family == AddressFamily.InterNetwork ? 32 : 128;

    private UInt128 All => Family == AddressFamily.InterNetwork ? uint.MaxValue : UInt128.MaxValue;

    private UInt128 Mask => Length == 0 ? UInt128.Zero : (All << (Width - Length)) & All;

    /// <summary>A whole address.</summary>
    public static IpPrefix Host(IPAddress address) => new(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);

    /// <summary>Everything.</summary>
    public static IpPrefix Default(AddressFamily family) => new(family, UInt128.Zero, 0);

    /// <summary>Reads <c>10.0.0.0/8</c> or a whole address.</summary>
    public static bool TryParse(string text, out IpPrefix prefix)
    {
        prefix = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var word = slash < 0 ? text : text[..slash];
        if (!TryParseAddress(word, out var address))
            return false;
        var host = Host(address);
        if (slash < 0)
        {
            prefix = host;
            return true;
        }

        if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > host.Length)
            return false;
        prefix = new IpPrefix(address, length);
        return true;
    }

    /// <summary>Reads a prefix that is known to be one.</summary>
    public static IpPrefix Parse(string text) => TryParse(text, out var prefix) ? prefix : throw new FormatException($"'{text}' is no prefix.");

    /// <summary>Reads an address in its usual form; .NET alone would also take <c>1</c> and <c>0x7f.1</c>.</summary>
    public static bool TryParseAddress(string text, out IPAddress address)
    {
        address = IPAddress.None;
        if (!IPAddress.TryParse(text, out var read) || text.Contains('%', StringComparison.Ordinal))
            return false;
        if (read.AddressFamily == AddressFamily.InterNetwork && text.Split('.') is not { Length: 4 })
            return false;
        address = read;
        return true;
    }

    /// <summary>Whether an address is in the network.</summary>
    public bool Contains(IPAddress address) => address.AddressFamily == Family && (Bits(address) & Mask) == (_bits & Mask);

    /// <summary>Whether a whole network is in this one.</summary>
    public bool Contains(IpPrefix other) => other.Family == Family && other.Length >= Length && (other._bits & Mask) == (_bits & Mask);

    /// <summary>The address that lies so many behind the first.</summary>
    public IPAddress this[long offset] => FromBits(Family, (_bits & Mask) + (UInt128)offset);

    /// <summary>By address, then the longer prefix first: as the IPv4 routing trie is walked.</summary>
    public int CompareTo(IpPrefix other)
    {
        var order = _bits.CompareTo(other._bits);
        return order != 0 ? order : other.Length.CompareTo(Length);
    }

    /// <summary>Whole addresses without their length, as ip prints destinations.</summary>
    public override string ToString() => IsHost ? Address.ToString() : $"{Address}/{Length}";

    private static UInt128 Bits(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        return written == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private static IPAddress FromBits(AddressFamily family, UInt128 bits)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (family == AddressFamily.InterNetwork)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)bits);
            return new IPAddress(bytes[..4]);
        }

        BinaryPrimitives.WriteUInt128BigEndian(bytes, bits);
        return new IPAddress(bytes);
    }
}
