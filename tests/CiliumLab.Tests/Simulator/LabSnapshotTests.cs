using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;
using CiliumLab.Tests.Host;

namespace CiliumLab.Tests.Simulator;

/// <summary>Snapshots and power at the prompt: what is kept, what is lost, and that everything is reached as before.</summary>
public sealed class LabSnapshotTests : IDisposable
{
    private const string Routes = "(Invoke-NodeCommand -Node k8s-w1 -Command ip, route).Output";
    private const string Mark = "Invoke-NodeCommand -Node k8s-w1 -Sudo -Command tee, /etc/marked -InputText \"here`n\" | Out-Null";
    private const string Marked = "(Invoke-NodeCommand -Node k8s-w1 -Command cat, /etc/marked -ErrorAction Ignore).Output";

    private readonly string _name = "snap-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Prompt _prompt = new();
    private readonly LabCluster _lab;

    public LabSnapshotTests() => _lab = (LabCluster)_prompt.Get("New-LabCluster $args[0] -Provider Simulator", _name).Single().BaseObject;

    public void Dispose()
    {
        _prompt.Run("Get-LabCluster $args[0] -ErrorAction Ignore | Remove-LabCluster -Confirm:$false", _name);
        _prompt.Dispose();
    }

    [Fact]
    public void A_restored_lab_is_reached_as_before_and_has_forgotten_what_came_later()
    {
        var kubeConfig = File.ReadAllText(_lab.KubeConfig!);
        var before = Text(Routes);
        var snapshot = (LabSnapshot)_prompt.Get("Checkpoint-LabCluster first -Description 'as made'").Single().BaseObject;
        Assert.Equal((_name, "first", "as made"), (snapshot.Lab, snapshot.Snapshot, snapshot.Description));

        _prompt.Get(Mark);
        _prompt.Get("Invoke-NodeCommand -Node k8s-w1 -Sudo -Command ip, route, add, 10.99.0.0/16, via, 192.168.10.1; Set-LabFault DiskFull k8s-w2");
        Assert.NotEqual(before, Text(Routes));
        var restored = (LabCluster)_prompt.Get("Get-LabSnapshot | Restore-LabCluster").Single().BaseObject;

        Assert.Equal((_lab.ApiServer, LabState.Connected, true), (restored.ApiServer, restored.State, restored.Current));
        Assert.Equal(kubeConfig, File.ReadAllText(_lab.KubeConfig!));
        Assert.Equal(before, Text(Routes));
        Assert.Empty(Text(Marked));
        Assert.Empty(_prompt.Get("Get-LabFault"));
        _prompt.Get("Set-NodeInternalIp eth1");
    }

    [Fact]
    public void A_lab_that_was_switched_off_boots_with_its_disks_and_without_its_memory()
    {
        _prompt.Get(Mark);
        _prompt.Get("Invoke-NodeCommand -Node k8s-w1 -Sudo -Command ip, route, add, 10.99.0.0/16, via, 192.168.10.1");
        var boot = Text("(Invoke-NodeCommand -Node k8s-w1 -Command cat, /proc/sys/kernel/random/boot_id).Output");

        _prompt.Get("Stop-LabCluster $args[0]", _name);
        var started = (LabCluster)_prompt.Get("Start-LabCluster $args[0]", _name).Single().BaseObject;
        _prompt.Get("Connect-LabCluster $args[0]", _name);

        Assert.Equal(_lab.ApiServer, started.ApiServer);
        Assert.Equal("here\n", Text(Marked).ReplaceLineEndings("\n"));
        Assert.DoesNotContain("10.99.0.0", Text(Routes), StringComparison.Ordinal);
        Assert.NotEqual(boot, Text("(Invoke-NodeCommand -Node k8s-w1 -Command cat, /proc/sys/kernel/random/boot_id).Output"));
    }

    [Fact]
    public void A_stopped_lab_can_be_restored_and_runs_then()
    {
        _prompt.Get("Checkpoint-LabCluster one; Stop-LabCluster $args[0]", _name);
        Assert.StartsWith("LabNotRunning,", Assert.Single(_prompt.Run("Checkpoint-LabCluster two -Lab $args[0]", _name).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);

        var lab = (LabCluster)_prompt.Get("Restore-LabCluster one -Lab $args[0]", _name).Single().BaseObject;

        Assert.Equal((LabState.Disconnected, _lab.ApiServer), (lab.State, lab.ApiServer));
        Assert.Equal(3, _prompt.Get("Get-NodeInfo -Lab $args[0]", _name).Count);
    }

    [Fact]
    public async Task A_snapshot_of_another_process_is_restored_with_all_that_lived_in_it()
    {
        var other = _name + "-other";
        var outcome = await HostProcess.RunAsync("-NonInteractive", "-Command", $$"""
            $ErrorActionPreference = 'Stop'
            $null = New-LabCluster {{other}} -Provider Simulator -Speed 10
            $null = Set-NodeInternalIp eth1
            $null = Install-Cni Cilium -Confirm:$false -WarningAction Ignore
            $null = Install-LabWorkload
            $null = Set-LabFault NodeSlow k8s-w2 -Delay 00:00:00.01
            {{Mark}}
            $null = Checkpoint-LabCluster whole
            Get-CiliumEndpoint | ForEach-Object { "$($_.Node) $($_.EndpointId) $($_.IPv4)" }
            """);
        Assert.Equal(("", 0), (outcome.Error, outcome.ExitCode));
        try
        {
            _prompt.Get("$null = Restore-LabCluster whole -Lab $args[0]; $null = Connect-LabCluster $args[0]", other);

            Assert.Equal(
                outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
                _prompt.Get("Get-CiliumEndpoint | ForEach-Object { \"$($_.Node) $($_.EndpointId) $($_.IPv4)\" }").Select(line => line.ToString()).Order(StringComparer.Ordinal));
            Assert.Equal("NodeSlow", Text("(Get-LabFault).Kind"));
            Assert.Equal("here\n", Text(Marked).ReplaceLineEndings("\n"));
            Assert.All(_prompt.Get("Test-PodConnectivity -From curl-pod -To webpod -Count 2"), reached => Assert.True((bool)reached.Properties["Succeeded"].Value));
            _prompt.Get("Restart-LabWorkload -Confirm:$false");
        }
        finally
        {
            _prompt.Get("Remove-LabCluster $args[0] -Confirm:$false", other);
        }
    }

    [Fact]
    public void Names_are_completed_kept_apart_and_removed()
    {
        _prompt.Get("Checkpoint-LabCluster one; Checkpoint-LabCluster two");

        Assert.Equal(["one", "two"], _prompt.Complete("Restore-LabCluster "));
        var taken = Assert.Single(_prompt.Run("Checkpoint-LabCluster one").Errors);
        Assert.StartsWith("SnapshotExists,", taken.FullyQualifiedErrorId, StringComparison.Ordinal);
        _prompt.Get("Checkpoint-LabCluster one -Force");
        Assert.Equal(["two", "one"], _prompt.Get("(Get-LabSnapshot).Snapshot").Select(name => (string)name.BaseObject));
        _prompt.Get("Remove-LabSnapshot o* -WhatIf; Remove-LabSnapshot t*");
        Assert.Equal("one", Assert.Single(_prompt.Get("(Get-LabSnapshot).Snapshot")).BaseObject);
        Assert.StartsWith("SnapshotNotFound,", Assert.Single(_prompt.Run("Restore-LabCluster two").Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("SnapshotNameInvalid,", Assert.Single(_prompt.Run("Checkpoint-LabCluster '../x'").Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_is_its_owners_and_one_of_another_build_is_refused()
    {
        _prompt.Get("Checkpoint-LabCluster one");
        var file = Path.Combine(_lab.Path, "snapshots", "one.lab");
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var bytes = File.ReadAllBytes(file);
        var builds = System.Text.Encoding.Latin1.GetString(bytes).IndexOf("\"Builds\":\"", StringComparison.Ordinal) + "\"Builds\":\"".Length;
        bytes[builds] = bytes[builds] == (byte)'0' ? (byte)'1' : (byte)'0';
        File.WriteAllBytes(file, bytes);

        var error = Assert.Single(_prompt.Run("Restore-LabCluster one").Errors);

        Assert.StartsWith("SnapshotOfOtherVersion,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(3, _prompt.Get("Get-NodeInfo").Count);
    }

    private string Text(string line) => string.Concat(_prompt.Get(line).Select(item => item.ToString()));
}
