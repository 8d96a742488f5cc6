using System.Management.Automation;
using CiliumLab.Model;
using CiliumLab.Tests.Cilium;

namespace CiliumLab.Tests.Bpf;

/// <summary>Get-CiliumBpfMapEvent against agents whose containers the tests look into.</summary>
public sealed class CiliumBpfMapEventTests(ServedCilium lab) : IClassFixture<ServedCilium>
{
    [Fact]
    public async Task What_the_agents_remember_comes_typed_and_ends()
    {
        var events = Events(lab.Prompt.Get("Get-CiliumBpfMapEvent -MapName cilium_lb4_services"));

        Assert.Equal(["k8s-ctr", "k8s-w1", "k8s-w2"], events.Select(one => one.Node!).Distinct().Order());
        var own = events.Where(one => one.Node == "k8s-w1" && one.Key == "10.96.33.91:80/TCP (0)").ToList();
        Assert.All(own, one => Assert.Equal(("cilium_lb4_services_v2", BpfMapAction.Update, BpfEntryState.Sync), (one.MapName, one.Action, one.State)));
        var entry = Assert.IsType<BpfServiceEntry>(own[^1].Entry);
        Assert.Equal(("10.96.33.91:80/TCP", 0, 2), (entry.Frontend, entry.Slot!.Value, entry.BackendCount!.Value));
        Assert.Empty(await lab.ProcessesAsync());
    }

    [Fact]
    public void A_count_is_of_all_nodes_together()
    {
        Assert.Equal(5, lab.Prompt.Get("Get-CiliumBpfMapEvent -MapName cilium_lb4_services, cilium_ipcache -Count 5").Count);
    }

    [Fact]
    public async Task Following_goes_on_with_changes_to_come_and_tells_nothing_twice_after_a_break()
    {
        var map = lab.Agent("k8s-w2").Map("cilium_lb4_source_range");
        map.Update("a", "1");
        using var shell = System.Management.Automation.PowerShell.Create(lab.Prompt.Runspace);
        using var output = new PSDataCollection<BpfMapEvent>();
        var running = shell.AddScript("Get-CiliumBpfMapEvent k8s-w2 cilium_lb4_source_range -Follow -Count 4").InvokeAsync<PSObject, BpfMapEvent>(null, output);
        await ServedCilium.UntilAsync(() => Task.FromResult(output.Count == 1));
        map.Update("b", "2");
        await ServedCilium.UntilAsync(() => Task.FromResult(output.Count == 2));
        var (processes, id) = Assert.Single(await lab.ProcessesAsync());

        processes.Terminate(id);
        map.Update("c", "3");
        map.Delete("a");
        await running;

        Assert.Empty(shell.Streams.Error);
        Assert.Single(shell.Streams.Warning);
        Assert.Equal([("a", "1"), ("b", "2"), ("c", "3"), ("a", null)], output.Select(one => (one.Key, one.Value)));
        Assert.Equal(BpfMapAction.Delete, output[3].Action);
        Assert.Empty(await lab.ProcessesAsync());
    }

    [Fact]
    public async Task A_duration_follows_and_ends_the_command_in_the_container()
    {
        var outcome = lab.Prompt.Run("Get-CiliumBpfMapEvent k8s-w1 cilium_lb_affinity_match -Duration 1");

        Assert.Empty(outcome.Errors);
        Assert.Empty(outcome.Warnings);
        Assert.Empty(await lab.ProcessesAsync());
    }

    [Fact]
    public async Task Ctrl_C_ends_the_commands_in_the_containers()
    {
        using var shell = System.Management.Automation.PowerShell.Create(lab.Prompt.Runspace);
        _ = shell.AddScript("Get-CiliumBpfMapEvent -MapName cilium_lb4_source_range -Follow").BeginInvoke();
        await lab.RunningAsync(3);

        await shell.StopAsync(null, null);

        await lab.RunningAsync(0);
    }

    [Fact]
    public void An_unknown_map_is_an_error_that_names_the_nearest_and_one_without_changes_an_error_that_says_so()
    {
        var unknown = Assert.Single(lab.Prompt.Run("Get-CiliumBpfMapEvent k8s-w1 cilium_lb4_servces").Errors);
        Assert.StartsWith("CiliumMapNotFound,", unknown.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("the nearest is 'cilium_lb4_services_v2'", unknown.ToString(), StringComparison.Ordinal);

        const string Cached = "See what is in this one: Get-CiliumBpfMap -Node k8s-w1 -MapName cilium_runtime_config";
        foreach (var (map, how, action) in new[] { ("cilium_metrics", "", "Invoke-CiliumCommand bpf, metrics, list -Node k8s-w1"), ("cilium_runtime_config", "", Cached), ("cilium_runtime_config", " -Follow", Cached) })
        {
            var refused = Assert.Single(lab.Prompt.Run($"Get-CiliumBpfMapEvent k8s-w1 {map}{how}").Errors);
            Assert.StartsWith("CiliumMapChangesNotKept,", refused.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Equal($"The Cilium agent on node 'k8s-w1' keeps no changes of the map '{map}'.", refused.Exception.Message);
            Assert.EndsWith(action, refused.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }
    }

    private static List<BpfMapEvent> Events(IEnumerable<PSObject> output) => [.. output.Select(item => Assert.IsType<BpfMapEvent>(item.BaseObject))];
}
