using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CiliumLab.Engine.Nodes.Ssh;

/// <summary>A server's public key.</summary>
/// <param name="Type">The key's type, such as <c>ssh-ed25519</c>.</param>
/// <param name="Blob">The key in SSH wire format (RFC 4253, section 6.6).</param>
public sealed record HostKey(string Type, byte[] Blob)
{
    /// <summary>The fingerprint as OpenSSH prints it.</summary>
    public string Fingerprint => "SHA256:" + Convert.ToBase64String(SHA256.HashData(Blob)).TrimEnd('=');

    /// <summary>Reads the type out of the key itself.</summary>
    /// <exception cref="FormatException">It is no key.</exception>
    public static HostKey FromBlob(byte[] blob)
    {
        var length = blob.Length < 4 ? -1 : BinaryPrimitives.ReadInt32BigEndian(blob);
        if (length <= 0 || length > blob.Length - 4)
            throw new FormatException("This is no public key in SSH wire format.");
        return new HostKey(Encoding.ASCII.GetString(blob, 4, length), blob);
    }

    /// <summary>Whether both are the same key.</summary>
    public bool Equals(HostKey? other) => other is not null && Blob.AsSpan().SequenceEqual(other.Blob);

    /// <inheritdoc/>
    public override int GetHashCode() => Fingerprint.GetHashCode(StringComparison.Ordinal);
}
