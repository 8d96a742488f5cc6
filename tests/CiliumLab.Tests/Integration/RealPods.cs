using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Simulator.Api;
using CiliumLab.Tests.Cluster;

namespace CiliumLab.Tests.Integration;

/// <summary>
/// A Kubernetes API that has the objects of what flannel.sh lays on the real nodes, and runs what exec asks for in the network, and in the cgroup, of
/// those pods: with the nodes' own programs, on the real kernel.
/// </summary>
internal sealed class RealPods : IAsyncDisposable, IPodExecutor
{
    /// <summary>The address of webpod that kube-proxy's rules serve.</summary>
    public const string Service = "10.96.33.91";

    /// <summary>The address of curl-pod, which is on the control plane.</summary>
    public const string CurlPod = "10.244.0.2";

    private readonly NodeLab _lab;
    private readonly ClusterLab _cluster;

    private RealPods(NodeLab lab, ClusterLab cluster)
    {
        (_lab, _cluster) = (lab, cluster);
        cluster.Api.Server.Executor = this;
    }

    public string KubeConfig => _cluster.KubeConfig;

    public static async Task<RealPods> StartAsync(NodeLab lab)
    {
        var pods = new RealPods(lab, await ClusterLab.StartAsync());
        var store = pods._cluster.Store;
        foreach (var (node, index) in lab.Nodes.Select((node, index) => (node, index)))
        {
            store.Create(ResourceTypes.Nodes, Json($$"""{"metadata":{"name":"{{node}}"},"spec":{"podCIDR":"10.244.{{index}}.0/24","podCIDRs":["10.244.{{index}}.0/24"]} }"""));
            store.Edit(ResourceTypes.Nodes, null, node, item => item["status"] = Json($$"""{"addresses":[{"type":"InternalIP","address":"192.168.10.10{{index}}"}],"conditions":[{"type":"Ready","status":"True"}]}"""), WriteOptions.Status());
        }

        store.Create(ResourceTypes.Namespaces, Json("""{"metadata":{"name":"kube-flannel"}}"""));
        store.Create(ResourceTypes.DaemonSets, Json("""
            {"metadata":{"name":"kube-flannel-ds","namespace":"kube-flannel"},"spec":{"selector":{"matchLabels":{"app":"flannel"}},
             "template":{"metadata":{"labels":{"app":"flannel"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """));
        pods.AddPod("curl-pod", 0);
        pods.AddPod("webpod-1", 1);
        pods.AddPod("webpod-2", 2);
        pods.AddService("webpod", IPAddress.Parse(Service));
        return pods;
    }

    /// <summary>A service with both webpods behind it; whether an address is served is the kernel's matter.</summary>
    public void AddService(string name, IPAddress address)
    {
        _cluster.Store.Create(ResourceTypes.Services, Json($$$"""{"metadata":{"name":"{{{name}}}","namespace":"default"},"spec":{"clusterIP":"{{{address}}}","clusterIPs":["{{{address}}}"],"selector":{"app":"webpod"},"ports":[{"port":80,"protocol":"TCP"}]}}"""));
        _cluster.Store.Create(ResourceTypes.EndpointSlices, Json($$$"""
            {"metadata":{"name":"{{{name}}}-1","namespace":"default","labels":{"kubernetes.io/service-name":"{{{name}}}"} },"addressType":"IPv4","ports":[{"port":80,"protocol":"TCP"}],
             "endpoints":[{"addresses":["10.244.1.2"],"conditions":{"ready":true} },{"addresses":["10.244.2.2"],"conditions":{"ready":true} }]}
            """));
    }

    /// <summary>The folder of a pod's cgroup, as this machine sees it.</summary>
    public async Task<string> CgroupAsync(string address, string node)
    {
        var group = (await _lab.RunOnNode(node, "systemctl", "show", "-P", "ControlGroup", $"pod-{address}.service")).Trim();
        return $"{_lab.RootFolder(node)}/sys/fs/cgroup{group}";
    }

    public LabSession Session()
    {
        var inventory = _lab.InventoryFile();
        var description = LabYaml.Read(File.ReadAllText(inventory), inventory, "real") with { KubeConfig = KubeConfig };
        return LabSessionFactory.Open(description, Directory.CreateDirectory(Path.Combine(_lab.Folder, "paths-" + Guid.NewGuid().ToString("N"))).FullName, SshCredential.None);
    }

    /// <inheritdoc/>
    public async Task<int> RunAsync(PodExecRequest request, PodExecStreams streams, CancellationToken cancellationToken)
    {
        const string Entering = """
            cd "/sys/fs/cgroup$(systemctl show -P ControlGroup "$0")" && echo $$ > cgroup.procs && cd / && exec nsenter --net="/proc/$(systemctl show -P MainPID "$0")/ns/net" "$@"
            """;
        var unit = $"pod-{(string?)request.Pod.Json["status"]!["podIP"]}.service";
        using var process = _lab.StartOnNode((string)request.Pod.Json["spec"]!["nodeName"]!, ["bash", "-c", Entering, unit, .. request.Command]);
        // As a kubelet does, it leaves a command alone whose client goes away.
        await Task.WhenAll(
            process.StandardOutput.BaseStream.CopyToAsync(streams.Output, cancellationToken),
            process.StandardError.BaseStream.CopyToAsync(streams.Error, cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private void AddPod(string name, int index)
    {
        var store = _cluster.Store;
        store.Create(ResourceTypes.Pods, Json($$$"""{"metadata":{"name":"{{{name}}}","namespace":"default","labels":{"app":"{{{name[..^2]}}}"} },"spec":{"nodeName":"{{{_lab.Nodes[index]}}}","containers":[{"name":"c","image":"i"}]}}"""));
        var address = $"10.244.{index}.2";
        store.Edit(
            ResourceTypes.Pods, "default", name,
            item => item["status"] = Json($$"""{"phase":"Running","podIP":"{{address}}","podIPs":[{"ip":"{{address}}"}],"conditions":[{"type":"Ready","status":"True"}]}"""),
            WriteOptions.Status());
    }

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();
}
