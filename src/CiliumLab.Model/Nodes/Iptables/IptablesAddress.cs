using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace CiliumLab.Model;

/// <summary>
/// The addresses that a rule's <c>-s</c> or <c>-d</c> means. Compares with text at the prompt:
/// <c>$rule.Source -eq '10.244.0.0/16'</c>, and <c>'!10.244.0.0/16'</c> for all but those.
/// </summary>
public sealed record IptablesAddress
{
    /// <summary>The base address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The mask; iptables takes any, also one with holes.</summary>
    public required IPAddress Mask { get; init; }

    /// <summary>Whether all other addresses are meant.</summary>
    public bool Negated { get; init; }

    /// <summary>The network; null when the mask has holes or the address has bits outside it.</summary>
    public IPNetwork? Network
    {
        get
        {
            var length = PrefixLength(Mask);
            if (length is null)
                return null;
            var network = new IPNetwork(Address, length.Value);
            return network.BaseAddress.Equals(Address) ? network : null;
        }
    }

    /// <summary>Reads an address with an optional <c>!</c> before it and <c>/length</c> or <c>/mask</c> behind it.</summary>
    /// <exception cref="FormatException">It is no address.</exception>
    public static IptablesAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an address, network or address/mask.");

    /// <summary>Reads an address with an optional <c>!</c> before it and <c>/length</c> or <c>/mask</c> behind it.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IptablesAddress? address)
    {
        address = null;
        var negated = text.StartsWith('!');
        if (negated)
            text = text[1..].TrimStart();
        var slash = text.IndexOf('/');
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var start))
            return false;
        var mask = slash < 0 ? PrefixMask(start, null) : ReadMask(start, text[(slash + 1)..]);
        if (mask is null)
            return false;
        address = new IptablesAddress { Address = start, Mask = mask, Negated = negated };
        return true;
    }

    /// <summary>The address as iptables -L shows it, with <c>!</c> when it is negated.</summary>
    public override string ToString() =>
        $"{(Negated ? "!" : "")}{Address}/{PrefixLength(Mask)?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? Mask.ToString()}";

    private static IPAddress? ReadMask(IPAddress start, ReadOnlySpan<char> text)
    {
        if (text.Length is > 0 and < 4 && !text.ContainsAnyExceptInRange('0', '9'))
            return PrefixMask(start, int.Parse(text, System.Globalization.CultureInfo.InvariantCulture));
        return text.ContainsAny('.', ':') && IPAddress.TryParse(text, out var mask) && mask.AddressFamily == start.AddressFamily ? mask : null;
    }

    private static IPAddress? PrefixMask(IPAddress start, int? length)
    {
        Span<byte> mask = stackalloc byte[start.AddressFamily == AddressFamily.InterNetwork ? 4 : 16];
        var bits = length ?? mask.Length * 8;
        if (bits > mask.Length * 8)
            return null;
        mask[..(bits / 8)].Fill(0xff);
        mask[(bits / 8)..].Clear();
        if (bits % 8 != 0)
            mask[bits / 8] = (byte)(0xff00 >> (bits % 8));
        return new IPAddress(mask);
    }

    private static int? PrefixLength(IPAddress mask)
    {
        Span<byte> bytes = stackalloc byte[16];
        mask.TryWriteBytes(bytes, out var count);
        var length = 0;
        while (length < count * 8 && Bit(bytes, length))
            length++;
        for (var rest = length; rest < count * 8; rest++)
        {
            if (Bit(bytes, rest))
                return null;
        }

        return length;
    }

    private static bool Bit(ReadOnlySpan<byte> bytes, int index) => (bytes[index / 8] & (0x80 >> (index % 8))) != 0;
}
