using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Text;

namespace CiliumLab.Engine.Providers.Vagrant;

/// <summary>
/// What a worker needs to join: a bootstrap token of this lab's own, and the hash by which it knows the cluster's CA. Both are in a file
/// that only its owner may read, that Vagrant hands to the machines, and that is deleted when the lab is made.
/// </summary>
internal static class VagrantJoin
{
    /// <summary>The file inside the lab's folder.</summary>
    public const string File = "secrets/join";

    private const string TokenVariable = "BOOTSTRAP_TOKEN";
    private const string HashVariable = "CA_CERT_HASH";
    private const string TokenLetters = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Writes the file: the token of an earlier attempt or, for a new lab, a random one.</summary>
    /// <param name="labFolder">The lab's folder.</param>
    /// <param name="caCertificate">The cluster's CA in PEM; null while there is no cluster.</param>
    public static void Write(string labFolder, string? caCertificate)
    {
        var path = Path.Combine(labFolder, File);
        var before = System.IO.File.Exists(path) ? EnvironmentFile.Parse(System.IO.File.ReadAllText(path)).Variables : [];
        var token = before.FirstOrDefault(variable => variable.Name == TokenVariable)?.Value ?? NewToken();
        var hash = caCertificate is null ? null : $"{HashVariable}={Hash(caCertificate)}\n";
        PrivateFile.Write(path, $"{TokenVariable}={token}\n{hash}");
    }

    /// <summary>Deletes the file and its folder.</summary>
    public static void Delete(string labFolder)
    {
        var folder = Path.GetDirectoryName(Path.Combine(labFolder, File))!;
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>What <c>kubeadm join --discovery-token-ca-cert-hash</c> takes: SHA-256 of the CA's subject public key info.</summary>
    public static string Hash(string caCertificate)
    {
        using var certificate = X509Certificate2.CreateFromPem(caCertificate);
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    // The form is kubeadm's: six characters that name the token, and sixteen that are the secret.
    private static string NewToken() => RandomNumberGenerator.GetString(TokenLetters, 6) + "." + RandomNumberGenerator.GetString(TokenLetters, 16);
}
