using System.Globalization;
using System.Net;

namespace CiliumLab.Simulator.Nodes.Network;

/// <summary>A link layer address of six bytes.</summary>
internal readonly record struct MacAddress(ulong Value) : IComparable<MacAddress>
{
    /// <summary>Reads <c>08:00:27:6b:69:c9</c>.</summary>
    public static bool TryParse(string text, out MacAddress address)
    {
        address = default;
        var parts = text.Split(':');
        if (parts.Length != 6)
            return false;
        ulong value = 0;
        foreach (var part in parts)
        {
            if (part.Length is 0 or > 2 || !byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
                return false;
            value = (value << 8) | octet;
        }

        address = new MacAddress(value);
        return true;
    }

    /// <summary>Reads an address that is known to be one.</summary>
    public static MacAddress Parse(string text) => TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is no MAC address.");

    /// <summary>The address with its modified EUI-64 behind a /64 prefix (RFC 4291, appendix A).</summary>
    public IPAddress Behind(IPAddress prefix)
    {
        var bytes = prefix.GetAddressBytes();
        bytes[8] = (byte)(Octet(0) ^ 2);
        (bytes[9], bytes[10], bytes[11], bytes[12]) = (Octet(1), Octet(2), 0xff, 0xfe);
        (bytes[13], bytes[14], bytes[15]) = (Octet(3), Octet(4), Octet(5));
        return new IPAddress(bytes);
    }

    /// <inheritdoc/>
    public int CompareTo(MacAddress other) => Value.CompareTo(other.Value);

    /// <summary>The octets without leading zeros, as ip prints them in a bridge id.</summary>
    public string Loose => string.Join(':', Enumerable.Range(0, 6).Select(Octet).Select(octet => octet.ToString("x", CultureInfo.InvariantCulture)));

    /// <summary>Twelve hexadecimal digits without colons, as in a bridge id.</summary>
    public string Digits => Value.ToString("x12", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override string ToString() => string.Join(':', Enumerable.Range(0, 6).Select(Octet).Select(octet => octet.ToString("x2", CultureInfo.InvariantCulture)));

    private byte Octet(int index) => (byte)(Value >> ((5 - index) * 8));
}
