using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Cilium;

/// <summary>Get-CiliumStatus on a lab whose pods still have Flannel's addresses, and whose agents fall ill and differ.</summary>
public sealed class CiliumStatusTests : IDisposable
{
    private readonly string _lab = "status-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Prompt _prompt = new();

    public void Dispose()
    {
        _prompt.Run("Remove-LabCluster $args[0] -Confirm:$false", _lab);
        _prompt.Dispose();
    }

    [Fact]
    public void What_is_wrong_is_named_with_its_node_and_since_when()
    {
        Do("$null = New-LabCluster $args[0] -Provider Simulator -Speed 20; $null = Set-NodeInternalIp eth1");
        var absent = Assert.Single(_prompt.Run("Get-CiliumStatus").Errors);
        Assert.StartsWith("CiliumNotInstalled,", absent.FullyQualifiedErrorId, StringComparison.Ordinal);

        Do("$null = Install-Cni Flannel -Interface eth1; $null = Install-LabWorkload; $null = Uninstall-Cni Flannel; $null = Remove-FlannelArtifacts; $null = Remove-KubeProxy; $null = Install-Cni Cilium");
        var fresh = Status();
        Assert.Equal((CiliumHealthState.Warning, "1.17.5", "1.17.5", 5, 2), (fresh.State, fresh.ChartVersion, Assert.Single(fresh.Versions), fresh.Pods, fresh.ManagedPods));
        Assert.Equal(["cilium 3/3", "cilium-envoy 3/3", "cilium-operator 2/2"], fresh.Components.Select(part => part.ToString()).Order());
        Assert.Contains("default/curl-pod", fresh.UnmanagedPods);
        Assert.Equal(3, fresh.UnmanagedPods.Count);
        var warning = Assert.Single(fresh.Warnings, problem => problem.Component == "pods");
        Assert.StartsWith("3 pods have an address of another CNI: default/curl-pod, default/webpod-", warning.Message, StringComparison.Ordinal);

        Do("$null = Restart-LabWorkload -UnmanagedOnly");
        var well = Eventually(status => status.State == CiliumHealthState.Ok);
        Assert.Equal((5, 5, true, 18, 18), (well.Pods, well.ManagedPods, well.HealthMeshComplete, well.ProbedPaths, well.ReachablePaths));
        Assert.Equal(["k8s-ctr", "k8s-w1", "k8s-w2"], well.Agents.Select(agent => agent.Node));

        Do("Set-LabFault CiliumAgentNotReady k8s-w1");
        var ill = Eventually(status => status.Errors.Count > 0);
        Assert.Equal(CiliumHealthState.Failure, ill.State);
        Assert.Contains(ill.Errors, problem => problem is { Component: "cilium", Node: "k8s-w1" } && problem.Message.Length > 0);
        Assert.Contains(ill.Errors, problem => problem.Since is not null);
        Assert.Equal("cilium 2/3", ill.Components.Single(part => part.Name == "cilium").ToString());
        Do("Clear-LabFault");
    }

    private CiliumStatus Eventually(Func<CiliumStatus, bool> condition)
    {
        while (true)
        {
            var status = Status();
            if (condition(status))
                return status;
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    private CiliumStatus Status() => (CiliumStatus)Assert.Single(_prompt.Get("Get-CiliumStatus")).BaseObject;

    private void Do(string script) => _ = _prompt.Get("$ConfirmPreference = 'None'; " + script, _lab);
}
