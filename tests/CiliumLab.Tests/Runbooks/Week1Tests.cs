using System.Management.Automation;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Runbooks;

/// <summary>runbooks/Week1.ps1 on a simulated lab whose time runs fast.</summary>
public sealed class Week1Tests : IDisposable
{
    private const int Steps = 20;

    private static readonly string Runbook = Path.Combine(Repository.Root, "runbooks", "Week1.ps1");

    private readonly string _lab = "week1-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Prompt _prompt = new();

    public void Dispose()
    {
        _prompt.Run("Remove-LabCluster $args[0] -Confirm:$false", _lab);
        _prompt.Dispose();
    }

    [Fact]
    public void Goes_the_whole_way_and_the_second_time_changes_nothing()
    {
        NewLab();

        var (first, screen) = Run();

        Assert.Equal(Steps, first.Count);
        Assert.All(first, step => Assert.True(step.Status == LabStepStatus.Done, step.ToString()));
        Assert.Matches(@"default/curl-pod +webpod +True +20 +20 +200 .* webpod-\w+-\w+ \d+,", screen);
        Assert.Matches(@"default/curl-pod +webpod +False +1 +0 ", screen);
        Assert.Matches(@"Cilium +True +3/3 +1\.17\.5 +Deployed", screen);
        Assert.Matches(@"default/curl-pod -> webpod +Tcp 80 +Flannel, services by kube-proxy: \S*reachable", screen);
        Assert.Matches(@"default/curl-pod +default/webpod +False +10\.96\.\d+\.\d+:80 ", screen);
        Assert.Matches(@"default/curl-pod -> webpod +Tcp 80 +Cilium, services at the socket: \S*reachable", screen);
        Assert.Equal(2, screen.Split("a packet that was sent agrees: webpod-").Length - 1);
        Assert.Matches(@"Tunnel +\S*OnlyReference\S* +flannel\.1 wraps the packet for", screen);
        Assert.Matches(@"default/curl-pod +default/webpod +True +10\.96\.\d+\.\d+:80 ", screen);
        AssertEndState();

        var before = State();
        var (second, again) = Run();

        string[] everyTime =
        [
            "Open the lab", "Reach the application through Cilium", "Look at what is in charge now", "Follow a packet through Cilium",
            "Show that the service is translated at the socket, and never seen on the wire",
        ];
        Assert.Equal(everyTime, second.Where(step => step.Status == LabStepStatus.Done).Select(step => step.Title));
        Assert.Equal(Steps - everyTime.Length, second.Count(step => step.Status == LabStepStatus.AlreadyDone));
        Assert.Equal(Steps - everyTime.Length, again.Split("nothing to do: it is so already").Length - 1);
        Assert.Equal(before, State());
    }

    [Fact]
    public void Stopped_after_every_step_it_goes_on_where_it_was()
    {
        NewLab();

        for (var step = 1; step < Steps; step++)
            StopAt(step + 1);

        var (results, _) = Run();
        Assert.DoesNotContain(results, result => result.Status is LabStepStatus.Failed or LabStepStatus.NotRun);
        AssertEndState();
    }

    [Fact]
    public void A_lab_that_nobody_knows_is_one_failed_step_and_an_exit_code()
    {
        var (results, screen) = Run();

        Assert.Equal((LabStepStatus.Failed, Steps - 1), (results[0].Status, results.Count(result => result.Status == LabStepStatus.NotRun)));
        Assert.Contains($"There is no lab '{_lab}' on this computer", results[0].Failure, StringComparison.Ordinal);
        Assert.Contains("not run: step 1, Open the lab, failed", screen, StringComparison.Ordinal);
        Assert.Equal(1, _prompt.Get("$LASTEXITCODE").Single().BaseObject);
    }

    [Fact]
    public void A_lab_that_is_stopped_is_started_first()
    {
        NewLab();
        _prompt.Get("$null = Stop-LabCluster $args[0] -Confirm:$false", _lab);

        StopAt(3);

        Assert.Equal(LabState.Connected, _prompt.Get("(Get-LabCluster $args[0]).State", _lab).Single().BaseObject);
        Assert.Equal(3, _prompt.Get("Get-LabNode").Count);
    }

    private void NewLab() => _prompt.Get("$null = New-LabCluster $args[0] -Provider Simulator -Speed 20", _lab);

    private (IReadOnlyList<LabStepResult> Results, string Screen) Run()
    {
        var screen = _prompt.Show("& $args[0] -Lab $args[1] -OutVariable global:results", Runbook, _lab);
        return ([.. _prompt.Get("$global:results").Select(result => result.BaseObject).OfType<LabStepResult>()], screen);
    }

    // Ctrl+C when the heading of a step appears.
    private void StopAt(int step)
    {
        using var shell = System.Management.Automation.PowerShell.Create(_prompt.Runspace);
        shell.AddScript("& $args[0] -Lab $args[1]").AddArgument(Runbook).AddArgument(_lab);
        shell.Streams.Information.DataAdded += (_, added) =>
        {
            if (!shell.Streams.Information[added.Index].ToString().StartsWith($"\n── {step}. ", StringComparison.Ordinal))
                return;
            shell.BeginStop(null, null);
            SpinWait.SpinUntil(() => shell.InvocationStateInfo.State != PSInvocationState.Running);
        };
        try
        {
            shell.Invoke();
        }
        catch (PipelineStoppedException)
        {
            // Thrown or not, depending on where the pipeline was; its state tells.
        }

        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
    }

    private void AssertEndState()
    {
        Assert.Equal(CniKind.Cilium, _prompt.Get("(Get-LabClusterNetwork).Cni").Single().BaseObject);
        Assert.Equal(false, _prompt.Get("(Get-LabClusterNetwork).KubeProxy").Single().BaseObject);
        Assert.Empty(_prompt.Get("Get-CniArtifact"));
        Assert.Empty(_prompt.Get("Get-LabPod -Namespace * | Where-Object { $_.Managed -eq $false -or -not $_.Ready }"));
        Assert.Equal(true, _prompt.Get("Test-PodConnectivity -From curl-pod -To webpod -Quiet").Single().BaseObject);
    }

    // What a change would change: objects by their versions, rules without counters, addresses.
    private string State() => string.Join('\n', _prompt.Get(
        """
        Get-LabPod -Namespace * | ForEach-Object { "$($_.Namespace)/$($_.Pod) $($_.Address) $($_.Restarts)" }
        Get-CniValue | ForEach-Object { "$($_.Key)=$($_.Value)" }
        Get-NodeIptablesRule | ForEach-Object { "$($_.Node) $($_.Table) $($_.Chain) $($_.Specification)" }
        Get-NodeRoute | ForEach-Object { "$($_.Node) $($_.Destination) $($_.Gateway) $($_.Interface)" }
        Get-NodeInternalIp | ForEach-Object { "$($_.Node) $($_.Configured)" }
        """).Select(line => (string)line.BaseObject).Order(StringComparer.Ordinal));
}
