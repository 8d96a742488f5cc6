using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Cni;

/// <summary>What stands in Cilium's way on a lab that had Flannel, at the prompt.</summary>
public sealed class CiliumPreflightTests : IDisposable
{
    private readonly string _lab = "preflight-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Prompt _prompt = new();

    public void Dispose()
    {
        _prompt.Run("Remove-LabCluster $args[0] -Confirm:$false", _lab);
        _prompt.Dispose();
    }

    [Fact]
    public void A_tunnel_that_Flannel_left_stops_one_of_Ciliums_and_is_only_warned_of_by_force()
    {
        _prompt.Get(
            """
            $null = New-LabCluster $args[0] -Provider Simulator -Speed 20
            $null = Set-NodeInternalIp eth1 -Confirm:$false
            $null = Install-Cni Flannel -Interface eth1 -Confirm:$false
            $null = Uninstall-Cni Flannel -Confirm:$false
            """,
            _lab);

        var refused = _prompt.Run("Install-Cni Cilium -Value @{ routingMode = 'tunnel' } -Confirm:$false");
        var error = Assert.Single(refused.Errors);
        Assert.StartsWith("CniRequirementFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("k8s-w1: UDP port 8472 is held by flannel.1, needed is free, for the tunnel", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("Take away what Flannel left: Remove-FlannelArtifacts", error.ErrorDetails.RecommendedAction);
        Assert.Contains("Flannel left things on k8s-ctr, k8s-w1, k8s-w2: see them with Get-CniArtifact, and take them away with Remove-FlannelArtifacts.", refused.Warnings);
        Assert.Empty(_prompt.Get("Get-Cni"));

        var forced = _prompt.Run("Install-Cni Cilium -Value @{ routingMode = 'tunnel' } -Force -WhatIf");
        Assert.Empty(forced.Errors);
        Assert.Contains(forced.Warnings, warning => warning.StartsWith("Not all requirements are met: k8s-ctr: UDP port 8472", StringComparison.Ordinal));

        // Another port, or another protocol, is in nobody's way.
        foreach (var free in (string[])["tunnelPort = 8473", "tunnelProtocol = 'geneve'"])
            Assert.DoesNotContain(_prompt.Run($"Install-Cni Cilium -Value @{{ routingMode = 'tunnel'; {free} }} -Force -WhatIf").Warnings, warning => warning.StartsWith("Not all requirements", StringComparison.Ordinal));

        Assert.Equal(false, _prompt.Get("Test-CiliumRequirement -Feature Base, Tunnel -Quiet").Single().BaseObject);
        Assert.Equal(true, _prompt.Get("Test-CiliumRequirement -Quiet").Single().BaseObject);
        _prompt.Get("$null = Remove-FlannelArtifacts -Confirm:$false");
        Assert.Equal(true, _prompt.Get("Test-CiliumRequirement -Feature Base, Tunnel -Quiet").Single().BaseObject);
    }

    [Fact]
    public void What_cannot_be_asked_does_not_pass_and_an_unknown_version_is_refused_once()
    {
        _prompt.Get("$null = New-LabCluster $args[0] -Provider Simulator", _lab);

        var wrong = _prompt.Run("'k8s-ctr', 'nosuch' | Test-CiliumRequirement -Quiet");
        Assert.Equal(false, wrong.Output.Single().BaseObject);
        Assert.StartsWith("NodeNotFound,", Assert.Single(wrong.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);

        _prompt.Get("$null = Set-LabFault NodeUnreachable k8s-w2 -Confirm:$false");
        var dead = _prompt.Run("Test-CiliumRequirement -Quiet");
        Assert.Equal((false, "k8s-w2"), ((bool)dead.Output.Single().BaseObject, (string)Assert.Single(dead.Errors).TargetObject));

        var old = Assert.Single(_prompt.Run("Install-Cni Cilium -Version 1.9.0 -Confirm:$false").Errors);
        Assert.StartsWith("CiliumVersionUnknown,", old.FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
