using System.Diagnostics;
using System.Text.Json;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;
using CiliumLab.Tests.Host;
using CiliumLab.Tests.Integration;

namespace CiliumLab.Tests.Simulator.Detached;

/// <summary>A lab in a process of its own at the prompts of several sessions, each a real process.</summary>
public sealed class DetachedLabTests : IDisposable
{
    private const string Mark = "Invoke-NodeCommand -Node k8s-w1 -Sudo -Command tee, /etc/marked -InputText 'here' | Out-Null";
    private const string Marked = "(Invoke-NodeCommand -Node k8s-w1 -Command cat, /etc/marked -ErrorAction Ignore).Output";

    private readonly string _name = "detached-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Prompt _prompt = new();

    public void Dispose()
    {
        _prompt.Run("Get-LabCluster $args[0] -ErrorAction Ignore | Remove-LabCluster -Confirm:$false", _name);
        _prompt.Dispose();
    }

    [Fact]
    public async Task It_outlives_the_session_that_made_it_and_every_other_one_reaches_it()
    {
        await ElsewhereAsync($"$null = New-LabCluster {_name} -Provider Simulator -Detached; {Mark}; $null = Set-LabFault NodeSlow k8s-w2 -Delay 00:00:00.01");

        var known = Lab("Get-LabCluster $args[0]");
        Assert.Equal((LabState.Disconnected, true), (known.State, known.Detached));
        Assert.Equal(LabState.Connected, Lab("Connect-LabCluster $args[0]").State);
        Assert.Equal(
            ["k8s-ctr Reachable", "k8s-w1 Reachable", "k8s-w2 Reachable"],
            Text("Get-LabNode | ForEach-Object { \"$($_.Node) $($_.State)\" }").Order(StringComparer.Ordinal));
        Assert.Equal(["here"], Text(Marked));
        Assert.Equal(["NodeSlow k8s-w2"], Text("Get-LabFault | ForEach-Object { \"$($_.Kind) $($_.Node)\" }"));
        Assert.All(_prompt.Get("Set-NodeInternalIp eth1 -Node k8s-w1"), result => Assert.True((bool)result.Properties["Changed"].Value));
        Assert.Equal("192.168.10.101\n", (await ElsewhereAsync($"(Get-NodeInternalIp -Lab {_name} -Node k8s-w1).Reported.ToString()")).Output);
    }

    [Fact]
    public async Task Kubectl_reaches_it_with_its_kubeconfig()
    {
        Assert.SkipUnless(HostProgram.Exists("kubectl"), "kubectl is not installed");
        await ElsewhereAsync($"New-LabCluster {_name} -Provider Simulator -Detached");

        var nodes = await HostProgram.RunAsync(
            "kubectl", ["--kubeconfig", Lab("Get-LabCluster $args[0]").KubeConfig!, "get", "node", "-o", "name"], cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("node/k8s-ctr\nnode/k8s-w1\nnode/k8s-w2\n", nodes.Succeeded("kubectl"));
    }

    [Fact]
    public async Task A_snapshot_of_one_session_is_restored_in_another()
    {
        await ElsewhereAsync($"$null = New-LabCluster {_name} -Provider Simulator -Detached; $null = Checkpoint-LabCluster clean; {Mark}; $null = Stop-LabCluster {_name}");
        var before = Lab("Get-LabCluster $args[0]");
        Assert.Equal(LabState.Stopped, before.State);

        var restored = Lab("Get-LabSnapshot -Lab $args[0] | Restore-LabCluster");

        Assert.Equal(before.ApiServer, restored.ApiServer);
        _prompt.Get("Connect-LabCluster $args[0]", _name);
        Assert.Equal([""], Text(Marked));
        Assert.Equal("3\n", (await ElsewhereAsync($"@(Get-LabNode -Lab {_name} | Where-Object State -eq Reachable).Count")).Output);
    }

    [Fact]
    public void Removing_it_leaves_no_process_and_no_file()
    {
        var lab = Lab("New-LabCluster $args[0] -Provider Simulator -Detached");
        using var process = HostOf(lab);
        Assert.False(process.HasExited);

        _prompt.Get("Remove-LabCluster $args[0] -Confirm:$false", _name);

        Assert.True(process.HasExited);
        Assert.False(Directory.Exists(lab.Path));
    }

    [Fact]
    public async Task Stopped_in_one_session_it_is_started_in_another_as_it_was()
    {
        var lab = Lab("New-LabCluster $args[0] -Provider Simulator -Detached");
        _prompt.Get(Mark);
        using var process = HostOf(lab);

        await ElsewhereAsync($"$null = Stop-LabCluster {_name}");

        Assert.True(process.HasExited);
        Assert.Equal(LabState.Stopped, Lab("Get-LabCluster $args[0]").State);
        Assert.All(_prompt.Run("Get-NodeInfo").Errors, error => Assert.StartsWith("LabNotRunning,", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        await ElsewhereAsync($"$null = Start-LabCluster {_name}");
        Assert.Equal((LabState.Connected, lab.ApiServer), (Lab("Get-LabCluster $args[0]").State, Lab("Get-LabCluster $args[0]").ApiServer));
        Assert.Equal(["here"], Text(Marked));
    }

    [Fact]
    public async Task Its_process_told_to_end_keeps_the_lab()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no SIGTERM");
        var lab = Lab("New-LabCluster $args[0] -Provider Simulator -Detached");
        _prompt.Get(Mark);
        using var process = HostOf(lab);

        await HostProgram.RunAsync("sh", ["-c", $"kill -s TERM {process.Id}"], cancellationToken: TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(LabState.Stopped, Lab("Get-LabCluster $args[0]").State);
        Assert.False(File.Exists(Path.Combine(lab.Path, "host.json")));
        _prompt.Get("Start-LabCluster $args[0]", _name);
        Assert.Equal(["here"], Text(Marked));
    }

    [Fact]
    public async Task Its_process_killed_it_is_stopped_and_starts_again_from_its_disk()
    {
        var lab = Lab("New-LabCluster $args[0] -Provider Simulator -Detached");
        await KillAsync(lab);

        Assert.Equal(LabState.Stopped, Lab("Get-LabCluster $args[0]").State);
        Assert.All(_prompt.Run("Get-NodeInfo").Errors, error => Assert.StartsWith("LabNotRunning,", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.Equal(lab.ApiServer, Lab("Start-LabCluster $args[0]").ApiServer);
        Assert.Equal(3, _prompt.Get("Get-LabNode | Where-Object State -eq Reachable").Count);
    }

    [Fact]
    public async Task What_a_killed_process_left_is_taken_for_nobody_elses()
    {
        var lab = Lab("New-LabCluster $args[0] -Provider Simulator -Detached");
        await KillAsync(lab);
        using var other = HostProcess.Start("-NoModule", "-Command", "'begun'; $null = [Console]::In.ReadLine(); 'alive'");
        Assert.Equal("begun", await other.ReadLineAsync());
        var file = Path.Combine(lab.Path, "host.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace($"{Pid(lab)}", $"{other.Id}", StringComparison.Ordinal));

        Assert.Equal(LabState.Stopped, Lab("Get-LabCluster $args[0]").State);
        _prompt.Get("Stop-LabCluster $args[0]; Remove-LabCluster $args[0] -Confirm:$false", _name);

        Assert.Equal("alive\n", (await other.EndAsync("\n")).Output);
        Assert.False(Directory.Exists(lab.Path));
    }

    [Fact]
    public async Task Two_sessions_that_start_it_at_once_get_the_same_one()
    {
        var lab = Lab("New-LabCluster $args[0] -Provider Simulator -Detached");
        _prompt.Get("Stop-LabCluster $args[0]", _name);

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ElsewhereAsync($"$null = Start-LabCluster {_name}")));

        using var process = HostOf(lab);
        Assert.Equal(3, _prompt.Get("Get-LabNode -Lab $args[0] | Where-Object State -eq Reachable", _name).Count);
        _prompt.Get("Remove-LabCluster $args[0] -Confirm:$false", _name);
        Assert.True(process.HasExited);
    }

    [Fact]
    public async Task One_session_that_stops_it_and_one_that_starts_it_do_not_meet_half_way()
    {
        Lab("New-LabCluster $args[0] -Provider Simulator -Detached");

        for (var time = 0; time < 3; time++)
        {
            await Task.WhenAll(ElsewhereAsync($"$null = Stop-LabCluster {_name}"), ElsewhereAsync($"$null = Start-LabCluster {_name}"));
            _prompt.Get("$null = Start-LabCluster $args[0]", _name);
            Assert.Equal(3, _prompt.Get("Get-LabNode -Lab $args[0] | Where-Object State -eq Reachable", _name).Count);
        }
    }

    [Fact]
    public void Machines_of_Vagrant_cannot_be_detached()
    {
        var error = Assert.Single(_prompt.Run("New-LabCluster $args[0] -Provider Vagrant -Detached", _name).Errors);

        Assert.StartsWith("DetachedNotSupported,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Single(_prompt.Run("Get-LabCluster $args[0]", _name).Errors);
    }

    private static async Task<HostOutcome> ElsewhereAsync(string command)
    {
        var outcome = await HostProcess.RunAsync("-NonInteractive", "-Command", command);
        Assert.Equal(("", 0), (outcome.Error, outcome.ExitCode));
        return outcome;
    }

    private static int Pid(LabCluster lab)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(lab.Path, "host.json")));
        return file.RootElement.GetProperty("Pid").GetInt32();
    }

    private static Process HostOf(LabCluster lab) => Process.GetProcessById(Pid(lab));

    private static async Task KillAsync(LabCluster lab)
    {
        using var process = HostOf(lab);
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private LabCluster Lab(string line) => Assert.IsType<LabCluster>(_prompt.Get(line, _name).Single().BaseObject);

    private IEnumerable<string> Text(string line) => _prompt.Get(line, _name).Select(item => item.ToString());
}
