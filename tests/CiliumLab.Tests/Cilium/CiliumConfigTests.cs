using System.Text.Json.Nodes;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Tests.Cilium;

/// <summary>Get- and Set-CiliumConfig over HTTPS and exec on the simulator.</summary>
public sealed class CiliumConfigTests(CiliumLabFixture lab) : IClassFixture<CiliumLabFixture>
{
    private static readonly string[] Nodes = ["k8s-ctr", "k8s-w1", "k8s-w2"];

    [Fact]
    public void Keys_are_shown_with_what_the_chart_writes_by_default()
    {
        var all = Records("Get-CiliumConfig");
        var changed = Records("Get-CiliumConfig -Changed").ToDictionary(entry => entry.Key);

        Assert.Equal("172.20.0.0/16", Value(all, "cluster-pool-ipv4-cidr"));
        Assert.All(all, entry => Assert.Null(entry.IsChanged));
        Assert.Equal(("native", "tunnel"), (changed["routing-mode"].Value, changed["routing-mode"].Default));
        Assert.Equal(("true", "false", "autoDirectNodeRoutes"), (changed["auto-direct-node-routes"].Value, changed["auto-direct-node-routes"].Default, changed["auto-direct-node-routes"].ChartValue));
        Assert.DoesNotContain("cluster-name", changed.Keys);
        Assert.True(changed.Count < all.Count / 3);
        Assert.Equal(["enable-ipv4", "enable-ipv6"], Records("Get-CiliumConfig enable-ipv?").Select(entry => entry.Key));
    }

    [Fact]
    public void A_key_that_is_not_set_is_an_error_that_names_the_nearest()
    {
        var outcome = lab.Prompt.Run("Get-CiliumConfig dbug, enable-ipv4, nothing-like-*");

        Assert.Equal("enable-ipv4", ((CiliumConfigEntry)Assert.Single(outcome.Output).BaseObject).Key);
        var error = Assert.Single(outcome.Errors);
        Assert.StartsWith("CiliumConfigKeyNotSet,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("Cilium's configuration has no key 'dbug'; the nearest is 'debug'.", error.ToString());
        Assert.Equal("Get-CiliumConfig debug", error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void A_key_is_set_once_agents_start_anew_one_by_one_and_the_other_keys_stay()
    {
        var before = Records("Get-CiliumConfig").ToDictionary(entry => entry.Key, entry => entry.Value);

        var outcome = lab.Prompt.Run("Set-CiliumConfig debug $true -Confirm:$false");

        Assert.Empty(outcome.Errors);
        var set = (CiliumConfigEntry)Assert.Single(outcome.Output).BaseObject;
        Assert.Equal(("debug", "true", "false", true), (set.Key, set.Value, set.Before, set.Changed));
        Assert.Equal(Nodes, set.RestartedNodes);
        Assert.Equal("The next 'helm upgrade' writes debug anew. To keep it: Install-Cni Cilium -Value @{ 'debug.enabled' = $true }", Assert.Single(outcome.Warnings));
        before["debug"] = "true";
        Assert.Equal(before, Records("Get-CiliumConfig").ToDictionary(entry => entry.Key, entry => entry.Value));
        Assert.All(lab.Prompt.Get("Invoke-CiliumCommand config, get, Debug"), result => Assert.Contains("Enabled", ((NodeCommandResult)result.BaseObject).Output, StringComparison.Ordinal));

        var again = Records("Set-CiliumConfig debug true -Confirm:$false").Single();
        Assert.Equal((false, 0), (again.Changed, again.RestartedNodes.Count));
        Assert.Empty(Records("Set-CiliumConfig debug false -WhatIf"));

        Assert.Equal("", string.Join(' ', Records("Get-CiliumConfig debug | Set-CiliumConfig -Value false -NoRestart -Confirm:$false 3> $null").Single().RestartedNodes));
        Assert.Equal("false", Value(Records("Get-CiliumConfig debug"), "debug"));
        _ = lab.Prompt.Get("Set-CiliumConfig debug false -Restart -Confirm:$false; Wait-CiliumStatus");
    }

    [Fact]
    public async Task Agents_that_go_by_other_values_are_told_as_a_difference()
    {
        _ = lab.Prompt.Get("Set-CiliumConfig policy-audit-mode true -NoRestart -Confirm:$false -Force 3> $null");
        using var client = ClusterClient.Open("test", lab.KubeConfig);
        var agent = (LabPod)lab.Prompt.Get("Get-LabPod cilium-* -Namespace kube-system -Node k8s-w1 -Label k8s-app=cilium").Single().BaseObject;
        await client.DeleteAsync<V1Pod>("kube-system", agent.Pod, TestContext.Current.CancellationToken);

        CiliumDifference? found = null;
        while (found is null)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            found = ((CiliumStatus)lab.Prompt.Run("Get-CiliumStatus").Output.Single().BaseObject).Differences.FirstOrDefault(one => one.Setting == "PolicyAuditMode" && one.Values.Count == 3);
        }

        Assert.Equal(("Disabled", "Enabled", "Disabled"), (found.Values["k8s-ctr"], found.Values["k8s-w1"], found.Values["k8s-w2"]));
        _ = lab.Prompt.Get("Set-CiliumConfig policy-audit-mode -Remove -Confirm:$false; Wait-CiliumStatus");
        Assert.StartsWith("CiliumConfigKeyNotSet,", Assert.Single(lab.Prompt.Run("Get-CiliumConfig policy-audit-mode").Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Set-CiliumConfig debg true", "CiliumConfigKeyUnknown", "Cilium's agents know no option 'debg'; the nearest is 'debug'. Nothing was changed.", "Set-CiliumConfig debug VALUE")]
    [InlineData("Set-CiliumConfig frobnicate-the-datapath true", "CiliumConfigKeyUnknown", "Cilium's agents know no option 'frobnicate-the-datapath'. Nothing was changed.", "See the keys that are set: Get-CiliumConfig; a key of another program of Cilium needs -Force.")]
    [InlineData("Set-CiliumConfig debug maybe", "CiliumConfigValueInvalid", "'maybe' is no value of debug: Cilium's agents want true or false there, and do not start with anything else. Nothing was changed.", "See what it is now: Get-CiliumConfig debug")]
    [InlineData("Set-CiliumConfig bpf-lb-map-max plenty", "CiliumConfigValueInvalid", "'plenty' is no value of bpf-lb-map-max: Cilium's agents want a whole number there, and do not start with anything else. Nothing was changed.", "See what it is now: Get-CiliumConfig bpf-lb-map-max")]
    public void What_no_agent_takes_is_refused(string script, string errorId, string message, string remedy)
    {
        var error = Assert.Single(lab.Prompt.Run(script + " -Confirm:$false").Errors);

        Assert.StartsWith(errorId + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(message, error.ToString());
        Assert.Equal(remedy, error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public async Task A_change_that_somebody_else_makes_meanwhile_is_not_overwritten()
    {
        var token = TestContext.Current.CancellationToken;
        await using var session = new LabSession(new LabDescription { Name = "test", KubeConfig = lab.KubeConfig, Nodes = [] }, "", _ => throw new InvalidOperationException());
        var plan = await CiliumConfigChange.PlanAsync(session, new Dictionary<string, string?> { ["monitor-aggregation"] = "none" }, false, token);
        await session.Cluster.MergeAsync<V1ConfigMap>("kube-system", "cilium-config", new JsonObject { ["data"] = new JsonObject { ["somebody-else"] = "was here" } }, token);

        var error = await Assert.ThrowsAsync<LabException>(() => plan.WriteAsync(token));

        Assert.Equal("CiliumConfigConflict", error.ErrorId);
        Assert.Equal("medium", Value(Records("Get-CiliumConfig monitor-aggregation"), "monitor-aggregation"));
        Assert.Equal("was here", Value(Records("Get-CiliumConfig somebody-else"), "somebody-else"));
        _ = lab.Prompt.Get("Set-CiliumConfig somebody-else -Remove -NoRestart -Confirm:$false");
    }

    private static string? Value(IEnumerable<CiliumConfigEntry> entries, string key) => entries.Single(entry => entry.Key == key).Value;

    private IReadOnlyList<CiliumConfigEntry> Records(string script) => [.. lab.Prompt.Get(script).Select(item => (CiliumConfigEntry)item.BaseObject)];
}
