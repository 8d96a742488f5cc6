using CiliumLab.Tests.Integration;

namespace CiliumLab.Tests.Vagrant;

/// <summary>The Vagrant of this machine, with a home of its own and a stand-in for VirtualBox's command line.</summary>
internal sealed class RealVagrant : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public RealVagrant()
    {
        Directory.CreateDirectory(Home);
        StandIn.Write(Programs, "VBoxManage", "echo 7.0.20r163906");
    }

    /// <summary>Why tests with Vagrant are skipped; null when they are not.</summary>
    public static string? Unavailable { get; } =
        !OperatingSystem.IsLinux() ? "the tests with a real Vagrant run on Linux"
        : HostProgram.Exists("vagrant") ? null
        : "there is no vagrant on this machine; tests/NodeLab/install.sh installs it";

    /// <summary>Vagrant's home.</summary>
    public string Home => Path.Combine(_folder.Path, "home");

    private string Programs => Path.Combine(_folder.Path, "programs");

    /// <summary>Runs Vagrant in a folder.</summary>
    public Task<HostProgramResult> RunAsync(string folder, params string[] arguments) =>
        HostProgram.RunAsync(
            "env",
            ["-C", folder, "vagrant", .. arguments],
            environment: new Dictionary<string, string>
            {
                ["VAGRANT_HOME"] = Home,
                ["VAGRANT_CHECKPOINT_DISABLE"] = "1",
                ["LC_ALL"] = "C.UTF-8",
                // VagrantScene sets another for the whole process, and may be at work meanwhile.
                ["VAGRANT_DEFAULT_PROVIDER"] = "virtualbox",
                ["PATH"] = $"{Programs}:{Environment.GetEnvironmentVariable("PATH")}",
            },
            cancellationToken: TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Dispose();
}
