using System.Diagnostics;
using CiliumLab.Engine.Nodes.Ssh;

namespace CiliumLab.Tests.Nodes;

public sealed class KnownHostsTests : IDisposable
{
    // A public key and its fingerprint, as ssh-keygen made and printed them.
    private const string Blob = "AAAAC3NzaC1lZDI1NTE5AAAAIKtfYz1mJUtPzJ0y1lpYqFWjPEv9xqEaBhzSQjYQx4sE";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_pinned_key_is_found_until_it_is_forgotten()
    {
        var key = HostKey.FromBlob(Convert.FromBase64String(Blob));
        var hosts = KnownHosts.Of(_folder.Path);

        hosts.PinFirst("k8s-w1", key);
        hosts.PinFirst("k8s-w10", key);

        Assert.Equal("ssh-ed25519", KnownHosts.Of(_folder.Path).Find("k8s-w1")!.Type);
        Assert.True(hosts.Forget("k8s-w1"));
        Assert.Null(hosts.Find("k8s-w1"));
        Assert.Equal(key, hosts.Find("k8s-w10"));
        Assert.False(hosts.Forget("k8s-w1"));
    }

    [Fact]
    public void OpenSSH_reads_the_file_and_prints_the_same_fingerprint()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/ssh-keygen"), "ssh-keygen is not installed");
        var key = HostKey.FromBlob(Convert.FromBase64String(Blob));
        var hosts = KnownHosts.Of(_folder.Path);
        hosts.PinFirst("k8s-w1", key);

        using var keygen = Process.Start(new ProcessStartInfo("ssh-keygen", ["-l", "-F", "k8s-w1", "-f", hosts.FilePath]) { RedirectStandardOutput = true })!;
        var said = keygen.StandardOutput.ReadToEnd();

        Assert.Contains(key.Fingerprint, said, StringComparison.Ordinal);
    }
}
