using System.Globalization;
using CiliumLab.Tests.Host;

namespace CiliumLab.Tests.Simulator;

/// <summary>Labs that are gone leave nothing in the process that they lived in; a process of its own, where nothing else happens.</summary>
public sealed class LabLeakTests : IDisposable
{
    private const int Early = 20;
    private const int Late = 100;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_hundred_labs_leave_no_thread_no_file_no_socket_and_no_memory()
    {
        var script = _folder.Write("labs.ps1", $$"""
            $ErrorActionPreference = 'Stop'
            function Measure-Holding {
                foreach ($time in 1..3) {
                    [GC]::Collect()
                    [GC]::WaitForPendingFinalizers()
                }
                $self = [Diagnostics.Process]::GetCurrentProcess()
                $files = if ([IO.Directory]::Exists('/proc/self/fd')) { [IO.Directory]::GetFiles('/proc/self/fd') } else { @() }
                $sockets = 0
                foreach ($file in $files) {
                    if ("$([IO.FileInfo]::new($file).LinkTarget)".StartsWith('socket:')) { $sockets++ }
                }
                "$($self.Threads.Count) $($files.Count) $sockets $([GC]::GetTotalMemory($true))"
            }
            foreach ($number in 1..{{Late}}) {
                $null = New-LabCluster leak -Provider Simulator -Speed 10
                $null = Get-LabNode
                $null = Get-LabPod
                if ($number % 10 -eq 0) { $null = Checkpoint-LabCluster one; $null = Restore-LabCluster one }
                Remove-LabCluster leak -Confirm:$false
                if ($number -in {{Early}}, {{Late}}) { Measure-Holding }
            }
            """);
        var environment = new Dictionary<string, string> { ["XDG_DATA_HOME"] = _folder.Path, ["LOCALAPPDATA"] = _folder.Path };

        var outcome = await HostProcess.RunAsync("", environment, ["-NonInteractive", script]);

        Assert.Equal(("", 0), (outcome.Error, outcome.ExitCode));
        var counts = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray()).ToList();
        var (early, late) = (counts[0], counts[1]);
        var growth = $"threads, files, sockets and bytes after {Early} and after {Late} labs:\n{outcome.Output}";
        Assert.True(late[0] <= early[0] + 8, growth);
        Assert.True(late[1] <= early[1] + 8, growth);
        Assert.True(late[2] <= early[2] + 3, growth);

        // A lab is more than a megabyte.
        Assert.True(late[3] <= early[3] + (8 << 20), growth);
    }
}
