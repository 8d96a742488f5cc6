using System.Management.Automation;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Cluster;

/// <summary>A simulated lab with Flannel and the sample application, made once for all tests of a class.</summary>
public sealed class FlannelLabFixture : IDisposable
{
    public FlannelLabFixture() =>
        Prompt.Get(
            """
            $ConfirmPreference = 'None'
            $null = New-LabCluster $args[0] -Provider Simulator -Speed 20
            $null = Set-NodeInternalIp eth1
            $null = Install-Cni Flannel -Interface eth1
            $null = Install-LabWorkload
            """,
            Name);

    internal string Name { get; } = "api-" + Guid.NewGuid().ToString("N")[..8];

    internal Prompt Prompt { get; } = new();

    public void Dispose()
    {
        Prompt.Run("Remove-LabCluster $args[0] -Confirm:$false", Name);
        Prompt.Dispose();
    }
}

/// <summary>The cmdlets of the cluster and the CNI while the API server is busy, fails, or cuts its watches.</summary>
public sealed class ApiFaultCmdletTests : IClassFixture<FlannelLabFixture>, IDisposable
{
    private readonly FlannelLabFixture _lab;

    public ApiFaultCmdletTests(FlannelLabFixture lab)
    {
        _lab = lab;
        lab.Prompt.Get("$ConfirmPreference = 'None'; Clear-LabFault");
    }

    public static TheoryData<string> Reading =>
    [
        "Get-LabNode",
        "Get-LabPod -Namespace kube-system",
        "Get-LabService",
        "Get-LabClusterNetwork",
        "Get-Cni",
        "Get-CniArtifact",
        "Get-NodeInternalIp",
        "Test-PodConnectivity webpod",
        "Trace-PodPath webpod",
        "Install-LabWorkload",
    ];

    public void Dispose() => _lab.Prompt.Get("Clear-LabFault");

    [Theory]
    [MemberData(nameof(Reading))]
    public void A_server_that_is_busy_or_stumbles_is_asked_again(string script)
    {
        var calm = Told(_lab.Prompt.Get(script));

        _lab.Prompt.Get("Set-LabFault ApiTooManyRequests -RetryAfter 1 -Count 1; Set-LabFault ApiInternalError -Count 1");

        Assert.Equal(calm, Told(_lab.Prompt.Get(script)));
        Assert.Empty(_lab.Prompt.Get("Get-LabFault"));
    }

    [Fact]
    public async Task A_server_that_goes_on_failing_is_one_error_in_its_own_words()
    {
        _lab.Prompt.Get("Set-LabFault ApiInternalError");

        // They wait for the server at the same time, each at a prompt of its own.
        var outcomes = await Task.WhenAll(Reading.Where(row => row.Data is not ("Get-LabNode" or "Get-NodeInternalIp")).Select(row => Task.Run(() => AtAnotherPrompt(row.Data))));

        Assert.All(outcomes, outcome =>
        {
            var error = Assert.Single(outcome.Errors);
            Assert.StartsWith("ClusterFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.EndsWith("says: Internal error occurred: etcdserver: request timed out. It was asked 5 times.", error.ToString(), StringComparison.Ordinal);
            Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        });
    }

    [Fact]
    public void What_nodes_say_themselves_is_told_without_the_server_with_a_warning()
    {
        _lab.Prompt.Get("Set-LabFault ApiInternalError");

        var outcome = _lab.Prompt.Run("Get-LabNode");

        Assert.Equal(["k8s-ctr", "k8s-w1", "k8s-w2"], outcome.Output.Select(node => ((LabNode)node.BaseObject).Node).Order());
        Assert.StartsWith("What the cluster knows about its nodes is missing.", Assert.Single(outcome.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Restart-LabWorkload curl-pod", "curl-pod")]
    [InlineData("Restart-LabWorkload", "curl-pod webpod webpod")]
    [InlineData("$null = Uninstall-LabWorkload; Install-LabWorkload", "curl-pod webpod webpod")]
    public void A_wait_whose_watches_are_cut_goes_on(string script, string pods)
    {
        _lab.Prompt.Get("Set-LabFault WatchCut -EventCount 1");

        var moved = _lab.Prompt.Get(script).Select(pod => (LabPod)pod.BaseObject).ToList();

        Assert.Equal(pods, string.Join(' ', moved.Select(pod => pod.Pod.StartsWith("webpod", StringComparison.Ordinal) ? "webpod" : pod.Pod).Order()));
        Assert.All(moved, pod => Assert.True(pod is { Ready: true, Changed: true }));
        Assert.True((int)_lab.Prompt.Get("(Get-LabFault WatchCut).Hits").Single().BaseObject > 0);
    }

    [Theory]
    [InlineData("Install-Cni Cilium")]
    [InlineData("Restart-LabWorkload")]
    [InlineData("Uninstall-LabWorkload")]
    public void A_change_that_the_server_does_not_let_begin_changes_nothing(string script)
    {
        var before = Told(_lab.Prompt.Get("Get-Cni; Get-LabPod"));
        _lab.Prompt.Get("Set-LabFault ApiInternalError");

        var error = Assert.Single(_lab.Prompt.Run(script).Errors);

        Assert.StartsWith("ClusterFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        _lab.Prompt.Get("Clear-LabFault");
        Assert.Equal(before, Told(_lab.Prompt.Get("Get-Cni; Get-LabPod")));
    }

    private (string Script, IReadOnlyList<ErrorRecord> Errors) AtAnotherPrompt(string script)
    {
        using var prompt = new Prompt();
        return (script, prompt.Run($"$null = Connect-LabCluster $args[0]; {script}", _lab.Name).Errors);
    }

    // What an object says, without what passes by itself: times and durations.
    private static IReadOnlyList<string> Told(IReadOnlyList<PSObject> items) =>
        [.. items.Select(item => $"{item.BaseObject.GetType().Name} {string.Join(' ', item.Properties.Where(property => property.Name is "Node" or "Pod" or "Service" or "Name" or "Cni" or "InCharge" or "Ready" or "Reachable" or "Succeeded" or "Reported").Select(property => property.Value))}").Order()];
}
