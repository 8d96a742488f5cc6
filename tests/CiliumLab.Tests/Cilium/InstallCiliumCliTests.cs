using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Cilium;

/// <summary>Install-CiliumCli on the simulator, with archives from a web server and from files.</summary>
public sealed class InstallCiliumCliTests : IDisposable
{
    private readonly string _lab = "cli-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Prompt _prompt = new();
    private readonly TemporaryFolder _folder = new();
    private readonly CliRelease _release = new("v0.18.9");

    public InstallCiliumCliTests() => _prompt.Get("$null = New-LabCluster $args[0] -Provider Simulator", _lab);

    public void Dispose()
    {
        _prompt.Run("Remove-LabCluster $args[0] -Confirm:$false", _lab);
        _prompt.Dispose();
        _release.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_newest_stable_one_is_fetched_checked_and_put_in_place_once()
    {
        var first = Installed("Install-CiliumCli -Repository $args[0] -Confirm:$false", _release.Address);
        var again = Installed("Install-CiliumCli 0.18.9 -Repository $args[0] -Confirm:$false", _release.Address);

        Assert.Equal(("k8s-ctr", "v0.18.9", "v0.18.5", true, _release.Sha256), (first.Node, first.Version, first.Before, first.Changed, first.Sha256));
        Assert.Equal(("v0.18.9", "v0.18.9", false), (again.Version, again.Before, again.Changed));
        Assert.StartsWith("-rwxr-xr-x", ((NodeCommandResult)_prompt.Get("Invoke-NodeCommand -Node k8s-ctr -Command ls, -l, /usr/local/bin/cilium").Single().BaseObject).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_taken_with_the_checksum_beside_it_or_given()
    {
        var file = Path.Combine(_folder.Path, "cilium.tar.gz");
        File.WriteAllBytes(file, _release.Archive);

        Assert.Equal("CliChecksumUnknown", Refusal("Install-CiliumCli -Path $args[0] -Confirm:$false", file));
        Assert.True(Installed("Install-CiliumCli -Path $args[0] -Sha256 $args[1] -Confirm:$false", file, _release.Sha256.ToUpperInvariant()).Changed);
        File.WriteAllText(file + ".sha256sum", _release.Sha256 + "  cilium.tar.gz\n");
        Assert.False(Installed("Install-CiliumCli -Path $args[0] -Confirm:$false", file).Changed);
    }

    [Fact]
    public void What_is_not_what_was_published_is_refused_and_the_old_one_stays()
    {
        _release.Serve("download/v9.9.9/cilium-linux-amd64.tar.gz", _release.Archive);
        _release.Serve("download/v9.9.9/cilium-linux-amd64.tar.gz.sha256sum", new string('0', 64) + "  cilium-linux-amd64.tar.gz");
        var other = Path.Combine(_folder.Path, "other.tar.gz");
        File.WriteAllBytes(other, CliRelease.Pack("README", "nothing to run"));
        var broken = Path.Combine(_folder.Path, "broken.tar.gz");
        File.WriteAllBytes(broken, [1, 2, 3]);

        Assert.Equal("CliChecksumWrong", Refusal("Install-CiliumCli v9.9.9 -Repository $args[0] -Confirm:$false", _release.Address));
        Assert.Equal("CliDownloadFailed", Refusal("Install-CiliumCli v1.2.3 -Repository $args[0] -Confirm:$false", _release.Address));
        Assert.Equal("CliArchiveInvalid", Refusal("Install-CiliumCli -Path $args[0] -Sha256 $args[1] -Confirm:$false", other, Sha256(other)));
        Assert.Equal("CliArchiveInvalid", Refusal("Install-CiliumCli -Path $args[0] -Sha256 $args[1] -Confirm:$false", broken, Sha256(broken)));
        Assert.Equal("CliChecksumInvalid", Refusal("Install-CiliumCli -Path $args[0] -Sha256 beef -Confirm:$false", other));
        Assert.Equal("CliArchiveNotFound", Refusal("Install-CiliumCli -Path $args[0] -Confirm:$false", other + ".gone"));
        Assert.Empty(_prompt.Get("Install-CiliumCli -Repository $args[0] -WhatIf", _release.Address));
        _release.Serve("stable.txt", "<html>Sign in to this network</html>");
        Assert.Equal("CliVersionUnknown", Refusal("Install-CiliumCli -Repository $args[0] -Confirm:$false", _release.Address));
        Assert.Contains("v0.18.5", ((NodeCommandResult)_prompt.Get("Invoke-NodeCommand -Node k8s-ctr -Command cilium, version").Single().BaseObject).Output, StringComparison.Ordinal);
    }

    private static string Sha256(string path) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));

    private ToolInstallation Installed(string script, params object[] arguments) => (ToolInstallation)Assert.Single(_prompt.Get(script, arguments)).BaseObject;

    private string Refusal(string script, params object[] arguments)
    {
        var error = Assert.Single(_prompt.Run(script, arguments).Errors);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        return error.FullyQualifiedErrorId.Split(',')[0];
    }
}
