using System.Net;

namespace CiliumLab.Model;

/// <summary>Networks around addresses whose host part is not zero, which <see cref="IPNetwork"/> itself refuses.</summary>
public static class Networks
{
    /// <summary>The network of that length which holds the address.</summary>
    public static IPNetwork Containing(IPAddress address, int prefixLength)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(prefixLength - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - kept));
        }

        return new IPNetwork(new IPAddress(bytes), Math.Clamp(prefixLength, 0, bytes.Length * 8));
    }
}
