using System.Text.Json.Nodes;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Cluster.Workloads;
using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using k8s.Models;
using static CiliumLab.Tests.Cluster.ClusterLab;

namespace CiliumLab.Tests.Cluster;

/// <summary>Whose an address is, from the API's objects alone: the moment after Flannel was replaced by Cilium.</summary>
public sealed class CniInChargeTests
{
    private static readonly WriteOptions Status = WriteOptions.Status();

    [Fact]
    public async Task Pods_with_an_address_of_the_former_CNI_are_unmanaged_and_exactly_they_are_replaced()
    {
        await using var lab = await WithBothAsync(ciliumReady: 1);

        var pods = await LabPods.ReadAsync(lab.Client, "default", null, Token).ToDictionaryAsync(pod => pod.Pod, pod => pod, cancellationToken: Token);
        var plan = await WorkloadRestart.PlanAsync(lab.Client, new RestartChoice(null, null, UnmanagedOnly: true), Token);

        Assert.All(pods.Values, pod => Assert.Equal(CniKind.Cilium, pod.Cni));
        Assert.Equal(
            ["endpoint True", "fresh True", "host ", "moved False", "old False", "waiting "],
            pods.Values.Select(pod => $"{pod.Pod} {pod.Managed}").Order(StringComparer.Ordinal));
        Assert.Equal(["default/moved", "default/old"], plan.Select(part => part.Target));
        Assert.All(plan, part => Assert.Equal("Delete the pod and make it again", part.Action));
    }

    [Fact]
    public async Task Flannel_stays_in_charge_until_an_agent_of_Cilium_is_ready()
    {
        await using var lab = await WithBothAsync(ciliumReady: 0);

        var cni = await CniInCharge.ReadAsync(lab.Client, Token);

        Assert.Equal((CniKind.Flannel, "kube-flannel-ds"), (cni.Kind, cni.DaemonSet!.Metadata.Name));
        Assert.Equal("10.244.1.0/24", Assert.Single(cni.PodCidrs).ToString());
        Assert.True(cni.Manages(await lab.Client.ReadAsync<V1Pod>("default", "old", Token)));
        Assert.False(cni.Manages(await lab.Client.ReadAsync<V1Pod>("default", "fresh", Token)));
    }

    [Fact]
    public async Task Where_both_use_one_network_the_endpoint_decides()
    {
        await using var lab = await WithBothAsync(ciliumReady: 1, ciliumNetwork: "10.244.1.0/24");

        var cni = await CniInCharge.ReadAsync(lab.Client, Token);

        Assert.False(cni.Manages(await lab.Client.ReadAsync<V1Pod>("default", "old", Token)));
        Assert.True(cni.Manages(await lab.Client.ReadAsync<V1Pod>("default", "endpoint", Token)));
    }

    [Fact]
    public async Task Without_a_CNI_no_address_belongs_to_it()
    {
        await using var lab = await StartAsync();
        AddPod(lab, "old", "10.244.1.7");

        var pod = Assert.Single(await LabPods.ReadAsync(lab.Client, "default", null, Token).ToListAsync(Token));

        Assert.Equal((CniKind.None, false), (pod.Cni, pod.Managed));
    }

    private static async Task<ClusterLab> WithBothAsync(int ciliumReady, string ciliumNetwork = "172.20.1.0/24")
    {
        var lab = await StartAsync();
        lab.Store.Create(ResourceTypes.Nodes, Json("""{"metadata":{"name":"k8s-w1"},"spec":{"podCIDR":"10.244.1.0/24","podCIDRs":["10.244.1.0/24"]}}"""));
        lab.Store.Create(ResourceTypes.Namespaces, Json("""{"metadata":{"name":"kube-flannel"}}"""));
        AddDaemonSet(lab, "kube-flannel", "kube-flannel-ds", 1);
        AddDaemonSet(lab, "kube-system", "cilium", ciliumReady);
        var nodes = Define(lab, "ciliumnodes", "CiliumNode", "Cluster");
        var endpoints = Define(lab, "ciliumendpoints", "CiliumEndpoint", "Namespaced");
        lab.Store.Create(nodes, Json($$$$"""{"apiVersion":"cilium.io/v2","kind":"CiliumNode","metadata":{"name":"k8s-w1"},"spec":{"ipam":{"podCIDRs":["{{{{ciliumNetwork}}}}"]}}}"""));
        AddPod(lab, "old", "10.244.1.7");
        AddPod(lab, "fresh", "172.20.1.8");
        AddPod(lab, "endpoint", "172.20.1.9");
        AddPod(lab, "moved", "172.20.1.10");
        AddPod(lab, "host", "192.168.10.101", hostNetwork: true);
        AddPod(lab, "waiting", null);
        AddEndpoint(lab, endpoints, "endpoint", "172.20.1.9");
        AddEndpoint(lab, endpoints, "moved", "172.20.1.99");
        return lab;
    }

    private static void AddDaemonSet(ClusterLab lab, string ns, string name, int ready)
    {
        lab.Store.Create(ResourceTypes.DaemonSets, Json($$$$"""
            {"metadata":{"name":"{{{{name}}}}","namespace":"{{{{ns}}}}"},"spec":{"selector":{"matchLabels":{"app":"{{{{name}}}}"}},
             "template":{"metadata":{"labels":{"app":"{{{{name}}}}"}},"spec":{"containers":[{"name":"c","image":"x"}] } } } }
            """));
        lab.Store.Edit(ResourceTypes.DaemonSets, ns, name, item => item["status"] = Json($$"""{"numberReady":{{ready}},"currentNumberScheduled":1,"desiredNumberScheduled":1,"numberMisscheduled":0}"""), Status);
    }

    private static ResourceType Define(ClusterLab lab, string plural, string kind, string scope)
    {
        lab.Store.Create(ResourceTypes.CustomResourceDefinitions, Json($$$$"""
            {"metadata":{"name":"{{{{plural}}}}.cilium.io"},"spec":{"group":"cilium.io","scope":"{{{{scope}}}}",
             "names":{"kind":"{{{{kind}}}}","plural":"{{{{plural}}}}","singular":"{{{{kind.ToLowerInvariant()}}}}","listKind":"{{{{kind}}}}List"},
             "versions":[{"name":"v2","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
            """));
        return lab.Store.Catalog.Find("cilium.io", null, plural)!;
    }

    private static void AddPod(ClusterLab lab, string name, string? address, bool hostNetwork = false)
    {
        lab.Store.Create(ResourceTypes.Pods, Json($$$$"""
            {"metadata":{"name":"{{{{name}}}}","namespace":"default"},"spec":{"nodeName":"k8s-w1","hostNetwork":{{{{(hostNetwork ? "true" : "false")}}}},"containers":[{"name":"c","image":"x"}]}}
            """));
        if (address is not null)
            lab.Store.Edit(ResourceTypes.Pods, "default", name, pod => pod["status"] = Json($$"""{"phase":"Running","podIP":"{{address}}","podIPs":[{"ip":"{{address}}"}]}"""), Status);
    }

    private static void AddEndpoint(ClusterLab lab, ResourceType type, string name, string address) =>
        lab.Store.Create(type, Json($$$$"""
            {"apiVersion":"cilium.io/v2","kind":"CiliumEndpoint","metadata":{"name":"{{{{name}}}}","namespace":"default"},"status":{"networking":{"addressing":[{"ipv4":"{{{{address}}}}"}]}}}
            """));

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();
}
