using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CiliumLab.Simulator;

/// <summary>
/// The one source of everything in a lab that looks random: names, identifiers, MAC addresses, ports. The same number gives the same
/// lab. Thread-safe. Unrelated parts take a <see cref="Fork"/> each, so that the order in which they draw does not matter.
/// </summary>
internal sealed class Seed
{
    private const string SuffixLetters = "bcdfghjklmnpqrstvwxz2456789";

    private readonly Lock _gate = new();
    private readonly ulong _number;
    private ulong _state;

    /// <summary>A generator.</summary>
    /// <param name="number">What everything is drawn from.</param>
    public Seed(ulong number) => _state = _number = number;

    /// <summary>A generator of its own whose output depends on this seed's number and the name alone.</summary>
    public Seed Fork(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{_number:x16}/{name}"), hash);
        return new Seed(BinaryPrimitives.ReadUInt64LittleEndian(hash));
    }

    /// <summary>The next 64 bits (splitmix64).</summary>
    public ulong Next()
    {
        lock (_gate)
        {
            _state += 0x9E3779B97F4A7C15;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>A number from zero to below <paramref name="limit"/>.</summary>
    public int Next(int limit) => (int)(Next() % (ulong)limit);

    /// <summary>The next bytes.</summary>
    public byte[] NextBytes(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
            bytes[i] = (byte)Next();
        return bytes;
    }

    /// <summary>A suffix as Kubernetes appends to a generateName: no vowels, nothing that reads as another letter.</summary>
    public string NextSuffix(int length = 5) => string.Create(length, this, static (text, seed) =>
    {
        for (var i = 0; i < text.Length; i++)
            text[i] = SuffixLetters[seed.Next(SuffixLetters.Length)];
    });

    /// <summary>A version 4 UUID in its usual text form.</summary>
    public string NextUuid()
    {
        var bytes = NextBytes(16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>A unicast, locally administered MAC address, as the kernel gives to a virtual link.</summary>
    public string NextMac()
    {
        var bytes = NextBytes(6);
        bytes[0] = (byte)((bytes[0] & 0xFE) | 0x02);
        return string.Join(':', bytes.Select(static b => b.ToString("x2", null)));
    }
}
