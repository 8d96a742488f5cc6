using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Model;
using CiliumLab.Tests.Integration;

namespace CiliumLab.Tests.Nodes;

/// <summary>Key files of every form and in every state are read, or refused as what they are.</summary>
public sealed class SshKeyFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ed25519", "RFC4716")]
    [InlineData("ecdsa", "PEM")]
    [InlineData("rsa", "PEM")]
    [InlineData("rsa", "PKCS8")]
    public async Task A_wrong_passphrase_or_a_damaged_file_is_an_authentication_error(string type, string format)
    {
        Assert.SkipUnless(HostProgram.Exists("ssh-keygen"), "ssh-keygen is not installed");
        var path = Path.Combine(_folder.Path, "key");
        (await HostProgram.RunAsync("ssh-keygen", ["-q", "-t", type, "-m", format, "-N", "right", "-f", path], cancellationToken: TestContext.Current.CancellationToken))
            .Succeeded("ssh-keygen");

        Assert.NotEmpty(Methods(path, "right"));
        var locked = Assert.Throws<LabException>(() => Methods(path, null));
        Assert.True(locked.ErrorId == "KeyPassphraseRequired", $"{locked.ErrorId}: {locked.InnerException}");
        for (var i = 0; i < 20; i++)
            Assert.Equal("KeyPassphraseWrong", Assert.Throws<LabException>(() => Methods(path, $"wrong {i}")).ErrorId);

        var whole = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        for (var length = 0; length < whole.Length - 40; length += 17)
        {
            await File.WriteAllTextAsync(path, whole[..length] + whole[(length + 9)..], TestContext.Current.CancellationToken);
            if (Record.Exception(() => Methods(path, "right")) is { } error)
                Assert.IsType<LabException>(error);
        }
    }

    [Fact]
    public void An_agent_socket_with_an_impossible_path_is_no_agent()
    {
        var before = Environment.GetEnvironmentVariable("SSH_AUTH_SOCK");
        try
        {
            Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", "/" + new string('x', 300));

            Assert.Null(SshAgent.Find());
        }
        finally
        {
            Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", before);
        }
    }

    private static Renci.SshNet.AuthenticationMethod[] Methods(string key, string? passphrase) => SshAuthentication.Methods(
        new NodeDescription { Node = "a", Host = "b", Key = key }, "root", new SshCredential { KeyPassphrase = passphrase });
}
