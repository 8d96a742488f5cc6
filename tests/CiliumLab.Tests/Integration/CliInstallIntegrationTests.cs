using CiliumLab.Engine.Cilium;
using CiliumLab.Model;
using CiliumLab.Tests.Cilium;

namespace CiliumLab.Tests.Integration;

/// <summary>cilium-cli on a real node over SSH: a program that runs, and one that does not.</summary>
public sealed class CliInstallIntegrationTests(NodeLab lab) : NodeLabTests(lab)
{
    [Fact]
    public async Task A_program_is_put_in_place_and_one_that_does_not_run_is_taken_away_again()
    {
        using var release = new CliRelease("v0.18.9");
        using var folder = new TemporaryFolder();
        await using var session = Lab.Session();
        var installer = new CliInstaller(session.Shell("k8s-ctr"));
        var broken = Path.Combine(folder.Path, "broken.tar.gz");
        await File.WriteAllBytesAsync(broken, CliRelease.Pack("cilium", "\u007fELF of another machine"), Cancellation);
        var stranger = new CliSource(null, broken, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(broken, Cancellation))), release.Address, release.Address);

        var nothing = await Assert.ThrowsAsync<LabException>(() => installer.InstallAsync(stranger, _ => Task.CompletedTask, Cancellation));
        Assert.Equal(("CliDoesNotRun", 1), (nothing.ErrorId, (await Lab.TryOnNode("k8s-ctr", "test", "-e", "/usr/local/bin/cilium")).ExitCode));

        var first = await installer.InstallAsync(new CliSource("v0.18.9", null, null, release.Address, release.Address), _ => Task.CompletedTask, Cancellation);
        Assert.Equal(("v0.18.9", null, true), (first.Version, first.Before, first.Changed));
        Assert.Equal("root 755", (await Lab.RunOnNode("k8s-ctr", "stat", "-c", "%U %a", "/usr/local/bin/cilium")).Trim());

        var putBack = await Assert.ThrowsAsync<LabException>(() => installer.InstallAsync(stranger, _ => Task.CompletedTask, Cancellation));
        Assert.EndsWith("so the one from before was put back.", putBack.Message, StringComparison.Ordinal);
        Assert.Equal("v0.18.9", await installer.InstalledAsync(Cancellation));
        await Lab.RunOnNode("k8s-ctr", "rm", "/usr/local/bin/cilium");
    }
}
