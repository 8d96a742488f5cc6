using System.Text.Json.Nodes;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Watching;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;
using k8s.Models;

namespace CiliumLab.Tests.Cni;

/// <summary>What of Flannel and kube-proxy is in the cluster itself, at the prompt of a simulated lab.</summary>
public sealed class RemoveKubeProxyTests : IDisposable
{
    private readonly string _name = "sim-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Prompt _prompt = new();
    private readonly ClusterClient _cluster;

    public RemoveKubeProxyTests()
    {
        var lab = Assert.IsType<LabCluster>(_prompt.Get("New-LabCluster $args[0] -Provider Simulator -WorkerCount 1", _name).Single().BaseObject);
        _cluster = ClusterClient.Open(_name, lab.KubeConfig!);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _cluster.Dispose();
        _prompt.Run("Get-LabCluster $args[0] -ErrorAction Ignore | Remove-LabCluster -Confirm:$false", _name);
        _prompt.Dispose();
    }

    [Fact]
    public async Task The_DaemonSet_goes_first_then_its_pods_and_then_the_chains_of_all_nodes()
    {
        await _cluster.WaitAsync<V1DaemonSet>(
            ResourceQuery.Named("kube-system", "kube-proxy"),
            new ClusterWait("kube-proxy to run", TimeSpan.FromSeconds(60)),
            sets => sets.Single().Status.NumberReady == 2 ? null : "not yet",
            Token);
        var found = Get<CniArtifact>("Get-CniArtifact").Select(item => $"{item.Node} {item.Kind} {item.Name} {item.Detail}").Order().ToList();
        var whatIf = Get<CniArtifactRemoval>("Remove-KubeProxy -WhatIf");
        Assert.Equal(found, whatIf.Select(item => $"{item.Node} {item.Kind} {item.Name} {item.Detail}").Order());
        Assert.NotNull(await _cluster.FindAsync<V1DaemonSet>("kube-system", "kube-proxy", Token));

        var removed = Get<CniArtifactRemoval>("Remove-KubeProxy -Confirm:$false");

        Assert.Equal(found, removed.Select(item => $"{item.Node} {item.Kind} {item.Name} {item.Detail}").Order());
        Assert.Equal([(CniArtifactKind.DaemonSet, null, true), (CniArtifactKind.ConfigMap, null, true)], removed.Take(2).Select(item => (item.Kind, item.Node, item.Removed)));
        Assert.Contains(removed, item => item is { Node: "k8s-w1", Kind: CniArtifactKind.Chain, Name: "KUBE-SERVICES", Removed: true });
        Assert.Null(await _cluster.FindAsync<V1DaemonSet>("kube-system", "kube-proxy", Token));
        Assert.Null(await _cluster.FindAsync<V1ConfigMap>("kube-system", "kube-proxy", Token));
        Assert.Empty((await _cluster.PageAsync<V1Pod>(new ResourceQuery("kube-system") { Labels = "k8s-app=kube-proxy" }, null, null, Token)).Items);
        var daemonSet = _prompt.Get("(Invoke-NodeCommand -Node k8s-ctr -Sudo -- cat $args[0]).Output", $"{removed[0].Backup}/daemonset.json");
        Assert.Equal("kube-proxy", JsonNode.Parse((string)daemonSet.Single().BaseObject)!["spec"]!["template"]!["spec"]!["containers"]![0]!["name"]!.GetValue<string>());
        Assert.Empty(_prompt.Get("Get-CniArtifact; Remove-KubeProxy -Confirm:$false"));
    }

    [Fact]
    public async Task Annotations_of_Flannel_go_and_others_stay()
    {
        await AnnotateAsync("k8s-w1", ("flannel.alpha.coreos.com/public-ip", "192.168.10.101"), ("flannel.alpha.coreos.com/backend-type", "vxlan"), ("example.com/flannel", "mine"));

        Assert.Equal(
            ["k8s-w1 flannel.alpha.coreos.com/backend-type vxlan", "k8s-w1 flannel.alpha.coreos.com/public-ip 192.168.10.101"],
            Get<CniArtifact>("Get-CniArtifact -Kind Annotation").Select(item => $"{item.Node} {item.Name} {item.Detail}"));
        var removed = Get<CniArtifactRemoval>("Remove-FlannelArtifacts -Confirm:$false");

        Assert.Equal(
            ["flannel.alpha.coreos.com/backend-type", "flannel.alpha.coreos.com/public-ip"],
            removed.Where(item => item.Kind == CniArtifactKind.Annotation).Select(item => item.Name));
        var annotations = (await _cluster.ReadAsync<V1Node>(null, "k8s-w1", Token)).Metadata.Annotations;
        Assert.Equal("mine", annotations["example.com/flannel"]);
        Assert.DoesNotContain(annotations.Keys, key => key.StartsWith("flannel.", StringComparison.Ordinal));
        var backup = _prompt.Get("(Invoke-NodeCommand -Node k8s-w1 -Sudo -- cat $args[0]).Output", $"{removed[^1].Backup}/annotations.json");
        Assert.Equal("vxlan", JsonNode.Parse((string)backup.Single().BaseObject)!["metadata"]!["annotations"]!["flannel.alpha.coreos.com/backend-type"]!.GetValue<string>());
    }

    private Task<V1Node> AnnotateAsync(string node, params (string Name, string Value)[] annotations) => _cluster.MergeAsync<V1Node>(
        null,
        node,
        new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["annotations"] = new JsonObject(annotations.Select(annotation => KeyValuePair.Create(annotation.Name, (JsonNode?)annotation.Value))),
            },
        },
        Token);

    private List<T> Get<T>(string line) => [.. _prompt.Get(line).Select(item => Assert.IsType<T>(item.BaseObject))];
}
