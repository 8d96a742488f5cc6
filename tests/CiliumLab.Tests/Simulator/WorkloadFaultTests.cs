using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Simulator;

/// <summary>Faults that whoever deploys and tries out a workload meets.</summary>
public sealed class WorkloadFaultTests : IDisposable
{
    private readonly string _name = "workload-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Prompt _prompt = new();

    public WorkloadFaultTests() => _prompt.Get(
        "$null = New-LabCluster $args[0] -Provider Simulator -Speed 20; $null = Set-NodeInternalIp eth1; $null = Install-Cni Flannel -Interface eth1 -Confirm:$false", _name);

    public void Dispose()
    {
        _prompt.Run("Remove-LabCluster $args[0] -Confirm:$false", _name);
        _prompt.Dispose();
    }

    [Fact]
    public void An_image_that_cannot_be_pulled_is_named_and_comes_when_it_can()
    {
        _prompt.Get("$null = Set-LabFault ImagePullFailing k8s-w* -Image '*whoami*'");

        var error = Assert.Single(_prompt.Run("Install-LabWorkload -Timeout 0:0:2").Errors);

        Assert.StartsWith("WorkloadNotReady,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("traefik/whoami", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, _prompt.Get("Get-LabPod webpod* | Where-Object Reason -match 'Err|BackOff'").Count);
        Assert.Empty(_prompt.Get("Get-LabPod curl-pod | Where-Object Reason"));
        Assert.All(_prompt.Get("Get-LabFault"), fault => Assert.True(((LabFault)fault.BaseObject).Hits > 0));

        _prompt.Get("Clear-LabFault; $null = Install-LabWorkload");

        Assert.Empty(_prompt.Get("Get-LabPod webpod* | Where-Object Reason"));
    }

    [Fact]
    public void A_command_in_a_pod_that_is_cut_off_is_an_error_and_no_answer()
    {
        _prompt.Get("$null = Install-LabWorkload; $null = Set-LabFault ExecCut -Bytes 10 -Count 1");

        var cut = _prompt.Run("Test-PodConnectivity -From curl-pod -To webpod -Count 1");

        Assert.Empty(cut.Output);
        var error = Assert.Single(cut.Errors);
        Assert.Contains("pod 'default/curl-pod' broke", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Get-LabPod", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(_prompt.Get("Get-LabFault"));
        Assert.Equal(true, _prompt.Get("(Test-PodConnectivity -From curl-pod -To webpod -Count 1).Succeeded").Single().BaseObject);
    }
}
