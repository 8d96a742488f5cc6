using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CiliumLab.Engine.Providers.Vagrant;
using CiliumLab.Tests.Integration;

namespace CiliumLab.Tests.Vagrant;

public sealed class VagrantJoinTests
{
    [Fact]
    public async Task The_hash_is_the_one_that_openssl_and_kubeadm_s_documentation_make()
    {
        Assert.SkipUnless(HostProgram.Exists("openssl"), "there is no openssl on this machine");
        using var folder = new ScratchFolder();
        var certificate = folder.Write("ca.crt", NewCertificate());

        var spki = await HostProgram.RunAsync(
            "bash",
            ["-c", "openssl x509 -pubkey -in \"$0\" | openssl rsa -pubin -outform der 2>/dev/null | openssl dgst -sha256 -hex | sed 's/^.* //'", certificate],
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("sha256:" + spki.Succeeded("openssl").Trim(), VagrantJoin.Hash(File.ReadAllText(certificate)));
    }

    [Fact]
    public void A_token_has_kubeadm_s_form_is_random_and_stays_when_the_hash_comes()
    {
        using var one = new ScratchFolder();
        using var two = new ScratchFolder();
        VagrantJoin.Write(one.Path, null);
        VagrantJoin.Write(two.Path, null);
        var first = File.ReadAllText(Path.Combine(one.Path, "secrets", "join"));

        Assert.Matches(@"\ABOOTSTRAP_TOKEN=[a-z0-9]{6}\.[a-z0-9]{16}\n\z", first);
        Assert.NotEqual(first, File.ReadAllText(Path.Combine(two.Path, "secrets", "join")));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(one.Path, "secrets", "join")));

        var certificate = NewCertificate();
        VagrantJoin.Write(one.Path, certificate);
        Assert.Equal($"{first}CA_CERT_HASH={VagrantJoin.Hash(certificate)}\n", File.ReadAllText(Path.Combine(one.Path, "secrets", "join")));

        VagrantJoin.Delete(one.Path);
        Assert.False(Directory.Exists(Path.Combine(one.Path, "secrets")));
    }

    internal static string NewCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=kubernetes", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
        return certificate.ExportCertificatePem();
    }
}
