using System.Management.Automation;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Simulator;

/// <summary>A simulated lab at the prompt: the same cmdlets as for real nodes.</summary>
public sealed class SimulatorLabTests : IDisposable
{
    private readonly string _name = "sim-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Prompt _prompt = new();

    public void Dispose()
    {
        _prompt.Run("Get-LabCluster $args[0] -ErrorAction Ignore | Remove-LabCluster -Confirm:$false", _name);
        _prompt.Dispose();
    }

    [Fact]
    public void A_new_lab_is_the_current_one_and_its_nodes_answer()
    {
        var lab = Assert.IsType<LabCluster>(_prompt.Get("New-LabCluster $args[0] -Provider Simulator -WorkerCount 1", _name).Single().BaseObject);

        Assert.Equal((_name, LabProvider.Simulator, LabState.Connected, true), (lab.Name, lab.Provider, lab.State, lab.Current));
        Assert.Equal(["k8s-ctr", "k8s-w1"], lab.Nodes);
        Assert.Equal("127.0.0.1", lab.ApiServer!.Host);
        Assert.Contains(lab.ApiServer.Authority, File.ReadAllText(lab.KubeConfig!), StringComparison.Ordinal);
        var node = Assert.IsType<LabNode>(_prompt.Get("Get-LabNode k8s-w1").Single().BaseObject);
        Assert.Equal((NodeState.Reachable, NodeRole.Worker, "1.33.2", "1.7.27", "6.8.0-53-generic"), (node.State, node.Role, node.KubernetesVersion, node.ContainerdVersion, node.KernelVersion));
    }

    [Fact]
    public void Networks_are_the_users()
    {
        _prompt.Get("New-LabCluster $args[0] -Provider Simulator -NodeNetwork 172.30.5.0/24 -ServiceCidr 10.50.0.0/16", _name);

        var addresses = _prompt.Get("Get-NodeInterface -Name eth1 | ForEach-Object { $_.Addresses } | ForEach-Object { [string]$_.Address }");
        Assert.Equal(
            ["172.30.5.100", "172.30.5.101", "172.30.5.102"],
            addresses.Select(address => (string)address.BaseObject).Where(address => address.StartsWith("172", StringComparison.Ordinal)).Order());
        Assert.NotEmpty(_prompt.Get("Get-NodeIptablesRule k8s-w1 -Table nat -Chain KUBE-SERVICES | Where-Object { $_.Text -match '10.50.0.1' }"));
    }

    [Fact]
    public void The_control_plane_has_helm_and_the_charts_do_their_work()
    {
        _prompt.Get("New-LabCluster $args[0] -Provider Simulator", _name);

        _prompt.Get("""
            Invoke-NodeCommand -Node k8s-ctr -- helm repo add flannel https://flannel-io.github.io/flannel/ | Where-Object ExitCode -ne 0 | ForEach-Object { throw $_.Error }
            Invoke-NodeCommand -Node k8s-ctr -- helm install flannel flannel/flannel --namespace kube-flannel --create-namespace | Where-Object ExitCode -ne 0 | ForEach-Object { throw $_.Error }
            """);

        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (_prompt.Run("Get-NodeInterface -Name flannel.1").Output.Count < 3)
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60), string.Join('\n', _prompt.Get("Invoke-NodeCommand -Node k8s-ctr -Sudo -- crictl ps -a | ForEach-Object Output")));
    }

    [Fact]
    public void Setting_the_internal_address_changes_once()
    {
        _prompt.Get("New-LabCluster $args[0] -Provider Simulator", _name);

        Assert.All(_prompt.Get("Set-NodeInternalIp eth1"), result => Assert.True((bool)result.Properties["Changed"].Value));
        Assert.All(_prompt.Get("Set-NodeInternalIp eth1"), result => Assert.False((bool)result.Properties["Changed"].Value));
    }

    [Fact]
    public void A_stopped_lab_says_how_to_start_it_and_a_removed_one_leaves_nothing()
    {
        var folder = (string)_prompt.Get("(New-LabCluster $args[0] -Provider Simulator).Path", _name).Single().BaseObject;

        Assert.Equal(LabState.Stopped, _prompt.Get("(Stop-LabCluster $args[0]).State", _name).Single().BaseObject);
        var error = Assert.Single(_prompt.Run("Get-LabNode -Lab $args[0]", _name).Errors);
        Assert.StartsWith("LabNotRunning,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Start-LabCluster", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(LabState.Disconnected, _prompt.Get("(Start-LabCluster $args[0]).State", _name).Single().BaseObject);
        Assert.Equal(3, _prompt.Get("Get-LabNode -Lab $args[0]", _name).Count);

        _prompt.Get("Remove-LabCluster $args[0] -Confirm:$false", _name);
        Assert.False(Directory.Exists(folder));
        Assert.StartsWith("LabNotFound,", Assert.Single(_prompt.Run("Get-LabCluster $args[0]", _name).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIf_makes_and_removes_nothing()
    {
        Assert.Empty(_prompt.Get("New-LabCluster $args[0] -Provider Simulator -WhatIf", _name));
        Assert.Single(_prompt.Run("Get-LabCluster $args[0]", _name).Errors);

        _prompt.Get("New-LabCluster $args[0] -Provider Simulator", _name);
        _prompt.Get("Remove-LabCluster $args[0] -WhatIf; Stop-LabCluster $args[0] -WhatIf", _name);
        Assert.Equal(LabState.Connected, _prompt.Get("(Get-LabCluster $args[0]).State", _name).Single().BaseObject);
    }

    [Theory]
    [InlineData("-PodCidr 10.96.0.0/16", "it overlaps -ServiceCidr 10.96.0.0/16")]
    [InlineData("-PodCidr 10.244.0.0/23 -WorkerCount 4", "it has no room for 5 node networks of /24")]
    [InlineData("-NodeNetwork 192.168.10.0/26", "it has no address 192.168.10.102 for the last node")]
    [InlineData("-KubernetesVersion latest", "a version is three numbers")]
    [InlineData("-ServiceCidr fd00::/112", "it is not an IPv4 network")]
    public void A_topology_that_cannot_be_is_refused_before_anything_is_made(string parameters, string reason)
    {
        var error = Assert.Single(_prompt.Run($"New-LabCluster $args[0] -Provider Simulator {parameters}", _name).Errors);

        Assert.StartsWith("TopologyInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.Contains(reason, error.ToString(), StringComparison.Ordinal);
        Assert.Single(_prompt.Run("Get-LabCluster $args[0]", _name).Errors);
    }

    [Fact]
    public void A_name_that_is_taken_is_refused_and_the_lab_that_has_it_stays()
    {
        _prompt.Get("New-LabCluster $args[0] -Provider Simulator", _name);

        var error = Assert.Single(_prompt.Run("New-LabCluster $args[0] -Provider Simulator", _name).Errors);

        Assert.StartsWith("LabExists,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(3, _prompt.Get("Get-LabNode -Lab $args[0]", _name).Count);
    }
}
