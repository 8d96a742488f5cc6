using CiliumLab.Engine.Text;

namespace CiliumLab.Engine.Host;

/// <summary>VirtualBox on this computer, through its command line.</summary>
internal sealed class VirtualBox
{
    private const string Name = "VBoxManage";

    private readonly string _program;

    private VirtualBox(string program, string command, string said, Version? version, string text)
    {
        _program = program;
        Command = command;
        Said = said;
        Version = version;
        VersionText = text;
    }

    /// <summary>How a user starts its command line in PowerShell.</summary>
    public string Command { get; }

    /// <summary>What it said when it was asked for its version and gave none.</summary>
    public string Said { get; }

    /// <summary>Its version; null when it gives none.</summary>
    public Version? Version { get; }

    /// <summary>The version in its own words.</summary>
    public string VersionText { get; }

    /// <summary>Looks for it; null when it is not installed.</summary>
    public static async Task<VirtualBox?> FindAsync(LocalHost host, CancellationToken cancellationToken)
    {
        // Its installers for Windows and macOS do not change the PATH of programs that run already, or at all.
        string?[] alsoIn = host.Platform switch
        {
            HostPlatform.Windows => [Environment.GetEnvironmentVariable("VBOX_MSI_INSTALL_PATH"), Environment.GetEnvironmentVariable("VBOX_INSTALL_PATH")],
            HostPlatform.MacOS => ["/usr/local/bin", "/Applications/VirtualBox.app/Contents/MacOS"],
            _ => [],
        };
        if (host.Find(Name, alsoIn) is not { } program)
            return null;
        var command = host.Find(Name) is null ? $"& '{program.Replace("'", "''", StringComparison.Ordinal)}'" : Name;
        var result = await LocalHost.RunAsync(program, ["--version"], cancellationToken).ConfigureAwait(false);
        return VirtualBoxText.Version(result.Output) is var (version, text)
            ? new VirtualBox(program, command, "", version, text)
            : new VirtualBox(program, command, (result.Output + result.Error).Trim(), null, "");
    }

    /// <summary>The output of <c>VBoxManage list WHAT</c>, or what it said when it failed.</summary>
    public async Task<(string Output, string? Failure)> ListAsync(string what, CancellationToken cancellationToken)
    {
        var result = await LocalHost.RunAsync(_program, ["list", what], cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 ? (result.Output, null) : ("", LocalProgram.FirstLine(result.Error + result.Output));
    }
}
