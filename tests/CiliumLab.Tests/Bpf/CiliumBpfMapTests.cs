using System.Management.Automation;
using System.Management.Automation.Internal;
using CiliumLab.Model;
using CiliumLab.Tests.Cilium;

namespace CiliumLab.Tests.Bpf;

/// <summary>Get-CiliumBpfMap, over the API server and exec.</summary>
public sealed class CiliumBpfMapTests(CiliumLabFixture lab) : IClassFixture<CiliumLabFixture>
{
    [Fact]
    public void Without_a_name_every_node_lists_its_maps()
    {
        var maps = lab.Records<CiliumBpfMap>("Get-CiliumBpfMap");

        Assert.Equal(["k8s-ctr", "k8s-w1", "k8s-w2"], maps.Select(map => map.Node!).Distinct().Order());
        var ipcache = Assert.Single(maps, map => map is { Node: "k8s-w1", MapName: "cilium_ipcache" });
        Assert.Equal((true, 0, "/sys/fs/bpf/tc/globals/cilium_ipcache"), (ipcache.IsCached, ipcache.ErrorCount, ipcache.Path));
        Assert.Equal(ipcache.EntryCount, lab.Records<BpfIpCacheEntry>("Get-CiliumBpfMap k8s-w1 cilium_ipcache").Count);
        Assert.All(maps.Where(map => map.MapName == "cilium_metrics"), map => Assert.Equal((false, null), (map.IsCached, map.EntryCount)));
    }

    [Theory]
    [InlineData("cilium_ipcache")]
    [InlineData("cilium_ipcache_v2")]
    [InlineData("Cilium_IpCache_v3")]
    public void A_map_answers_to_the_name_of_any_version(string name)
    {
        var web = lab.Records<LabPod>("Get-LabPod webpod*");
        var entries = lab.Records<BpfIpCacheEntry>($"Get-CiliumBpfMap k8s-ctr {name}");

        var found = entries.Where(entry => web.Any(pod => pod.Address!.Equals(entry.Prefix.BaseAddress))).ToList();
        Assert.Equal(2, found.Count);
        Assert.All(found, entry => Assert.Equal(("cilium_ipcache", "k8s-ctr", BpfEntryState.Sync), (entry.MapName, entry.Node, entry.State)));
        Assert.Equal(lab.Records<CiliumIdentity>("Get-CiliumIdentity k8s-ctr").Single(identity => identity.Labels.GetValueOrDefault("k8s:app") == "webpod").IdentityId, found.Select(entry => entry.IdentityId).Distinct().Single());
    }

    [Fact]
    public void Endpoints_services_backends_and_reverse_translations_are_typed_and_fit_together()
    {
        var web = lab.Records<LabPod>("Get-LabPod webpod*").Select(pod => pod.Address!).ToList();
        var frontend = lab.Records<LabService>("Get-LabService webpod").Single().ClusterIp!;
        var slots = lab.Records<BpfServiceEntry>("Get-CiliumBpfMap k8s-w1 cilium_lb4_services").Where(entry => entry.Address.Equals(frontend)).OrderBy(entry => entry.Slot).ToList();

        Assert.Equal([0, 1, 2], slots.Select(slot => slot.Slot!.Value));
        Assert.Equal((2, 80, TransportProtocol.Tcp), (slots[0].BackendCount!.Value, slots[0].Port, slots[0].Protocol));
        var backends = lab.Records<BpfBackendEntry>("Get-CiliumBpfMap k8s-w1 cilium_lb4_backends_v3").ToDictionary(backend => backend.BackendId);
        Assert.Equal(web.Select(address => address.ToString()).Order(), slots.Skip(1).Select(slot => backends[slot.BackendId!.Value].Address.ToString()).Order());
        var reverse = Assert.Single(lab.Records<BpfReverseNatEntry>("Get-CiliumBpfMap k8s-w1 cilium_lb4_reverse_nat"), entry => entry.ServiceId == slots[0].ServiceId);
        Assert.Equal((frontend, 80), (reverse.Address, reverse.Port));
        var own = lab.Records<CiliumEndpoint>("Get-CiliumEndpoint k8s-w1").Where(endpoint => endpoint.IPv4 is not null).ToDictionary(endpoint => endpoint.EndpointId, endpoint => endpoint.IPv4!.ToString());
        var addresses = lab.Records<BpfEndpointEntry>("Get-CiliumBpfMap k8s-w1 cilium_lxc").Where(entry => !entry.IsLocalHost).ToDictionary(entry => entry.EndpointId!.Value, entry => entry.Address.ToString());
        Assert.Equal(own.OrderBy(pair => pair.Key), addresses.OrderBy(pair => pair.Key));
    }

    [Theory]
    [InlineData("cilium_ipcache")]
    [InlineData("cilium_lxc")]
    [InlineData("cilium_lb4_services_v2")]
    [InlineData("cilium_lb4_backends_v3")]
    [InlineData("cilium_runtime_config")]
    public void A_map_is_read_to_its_end_without_a_complaint(string map)
    {
        var outcome = lab.Prompt.Run($"Get-CiliumBpfMap -MapName {map}");

        Assert.Empty(outcome.Warnings);
        Assert.Empty(outcome.Errors);
        Assert.NotEmpty(outcome.Output);
    }

    [Fact]
    public void A_policy_map_gives_policy_entries_with_their_endpoint()
    {
        var endpoint = lab.Records<CiliumEndpoint>("Get-LabPod webpod* | Get-CiliumEndpoint")[0];
        var map = lab.Records<CiliumBpfMap>($"Get-CiliumBpfMap {endpoint.Node}").Single(map => map.MapName.EndsWith($"_{endpoint.EndpointId:d5}", StringComparison.Ordinal));

        var entries = lab.Records<BpfPolicyEntry>($"Get-CiliumBpfMap {endpoint.Node} {map.MapName.Replace("_v2", "", StringComparison.Ordinal)}");

        Assert.NotEmpty(entries);
        Assert.All(entries, entry => Assert.Equal((endpoint.EndpointId, map.MapName), (entry.EndpointId!.Value, entry.MapName)));
    }

    [Fact]
    public void Maps_without_a_record_of_their_own_are_keys_and_values()
    {
        var entries = lab.Records<BpfMapEntry>("Get-CiliumBpfMap k8s-w1 cilium_runtime_config");

        Assert.Equal(256, entries.Count);
        Assert.All(entries, entry => Assert.Equal(typeof(BpfMapEntry), entry.GetType()));
        Assert.Contains(entries, entry => entry is { Key: "0", Value.Length: > 0 });
    }

    [Fact]
    public void A_map_and_its_node_come_down_the_pipeline()
    {
        var entries = lab.Records<BpfBackendEntry>("Get-CiliumBpfMap | Where-Object MapName -like cilium_lb4_backends* | Get-CiliumBpfMap");

        Assert.Equal(["k8s-ctr", "k8s-w1", "k8s-w2"], entries.Select(entry => entry.Node!).Distinct().Order());
        Assert.Empty(lab.Prompt.Get("[pscustomobject]@{ Node = 'k8s-w1'; MapName = $null } | Get-CiliumBpfMap"));
    }

    [Fact]
    public void An_unknown_map_is_an_error_that_names_the_nearest()
    {
        var error = Assert.Single(lab.Prompt.Run("Get-CiliumBpfMap k8s-w1 cilium_ipcahce").Errors);

        Assert.StartsWith("CiliumMapNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("The Cilium agent on node 'k8s-w1' has no map 'cilium_ipcahce'; the nearest is 'cilium_ipcache'.", error.ToString());
        Assert.Equal(("k8s-w1", ErrorCategory.ObjectNotFound), (error.TargetObject, error.CategoryInfo.Category));
        Assert.Contains("Get-CiliumBpfMap k8s-w1", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cilium_metrics", "Read the kernel's map with: Invoke-CiliumCommand bpf, metrics, list -Node k8s-w1")]
    [InlineData("cilium_skip_lb4", "Read the kernel's map in the agent's container: bpftool map dump pinned /sys/fs/bpf/tc/globals/cilium_skip_lb4")]
    public void A_map_that_the_agent_keeps_no_copy_of_says_what_reads_it(string map, string action)
    {
        var error = Assert.Single(lab.Prompt.Run($"Get-CiliumBpfMap k8s-w1 {map}").Errors);

        Assert.StartsWith("CiliumMapNotCached,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(action, error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void Tab_completes_the_names_that_the_agents_have()
    {
        // The first press may still wait for the agents.
        Assert.True(SpinWait.SpinUntil(() => lab.Prompt.Complete("Get-CiliumBpfMap k8s-w1 cilium_lb4_b").Count > 0, TimeSpan.FromSeconds(20)));
        Assert.Equal(["cilium_lb4_backends_v3"], lab.Prompt.Complete("Get-CiliumBpfMap k8s-w1 cilium_lb4_b"));
        Assert.Contains("cilium_ipcache", lab.Prompt.Complete("Get-CiliumBpfMap -MapName "));
    }

    [Fact]
    public void The_list_shows_what_a_person_looks_for()
    {
        var screen = new StringDecorated(lab.Prompt.Show("Get-CiliumBpfMap k8s-w1")).ToString(OutputRendering.PlainText);

        Assert.Matches(@"k8s-w1 +cilium_ipcache +\d+ +0 True +/sys/fs/bpf/tc/globals/cilium_ipcache", screen);
        Assert.All(screen.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 120, line));
    }
}
