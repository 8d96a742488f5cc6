using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using CiliumLab.PowerShell.Labs;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>Install-CiliumCli: puts cilium-cli on the control plane.</summary>
[Cmdlet(VerbsLifecycle.Install, "CiliumCli", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = "Download")]
[OutputType(typeof(ToolInstallation))]
public sealed class InstallCiliumCliCommand : LabScopedCmdlet
{
    /// <summary>The version, such as v0.18.5; the newest stable one when it is not given.</summary>
    [Parameter(Position = 0, ParameterSetName = "Download")]
    [ValidatePattern(@"^v?\d+\.\d+\.\d+\S*$")]
    public string? Version { get; set; }

    /// <summary>Where releases are published: a mirror of the project's own page.</summary>
    [Parameter(ParameterSetName = "Download")]
    [ValidateNotNull]
    public Uri Repository { get; set; } = new("https://github.com/cilium/cilium-cli/releases");

    /// <summary>An archive that was fetched before.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "File")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The archive's published SHA-256; without it, a .sha256sum file beside the archive is read.</summary>
    [Parameter(ParameterSetName = "File")]
    [ValidateNotNullOrEmpty]
    public string? Sha256 { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var shell = Session.ControlPlane;
        var path = ParameterSetName == "File" ? GetUnresolvedProviderPathFromPSPath(Path) : null;
        var source = new CliSource(Version is null || Version[0] == 'v' ? Version : "v" + Version, path, Sha256, Repository, StableAt(Repository));
        if (ShouldProcess(shell.Node, $"Install cilium-cli {source.Version ?? path ?? "(newest stable)"}"))
            Start((output, cancellationToken) => InstallAsync(shell, source, output, cancellationToken));
    }

    // The project writes its stable version in its sources; a mirror has it beside its releases.
    private static Uri StableAt(Uri repository) =>
        repository.Host == "github.com"
            ? new Uri("https://raw.githubusercontent.com/cilium/cilium-cli/main/stable.txt")
            : new Uri(repository.AbsoluteUri.TrimEnd('/') + "/stable.txt");

    private static async Task InstallAsync(INodeShell shell, CliSource source, WorkOutput output, CancellationToken cancellationToken) =>
        await output.WriteAsync(await new CliInstaller(shell).InstallAsync(source, step => output.StepAsync(shell.Node, step).AsTask(), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
}
