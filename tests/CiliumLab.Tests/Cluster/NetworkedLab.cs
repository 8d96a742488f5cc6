using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Cluster.Watching;
using CiliumLab.Model;
using CiliumLab.Simulator.Datapath;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Tests.Simulator.Nodes;
using k8s.Models;
using static CiliumLab.Tests.Cluster.ClusterLab;

namespace CiliumLab.Tests.Cluster;

/// <summary>A whole simulated cluster that lives in real time, with Flannel, and the engine's client over HTTPS.</summary>
internal sealed class NetworkedLab : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();

    private NetworkedLab(SimulatedCluster cluster)
    {
        Cluster = cluster;
        Client = ClusterClient.Open("test", _folder.Write("kubeconfig", cluster.Server!.AdminKubeConfig()));
    }

    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(1);

    public SimulatedCluster Cluster { get; }

    public ClusterClient Client { get; }

    public SimulatedNode Control => Cluster.Nodes[0];

    public static async Task<NetworkedLab> StartAsync()
    {
        var quick = new LifeTiming { ImagePull = TimeSpan.Zero, ContainerStart = TimeSpan.FromMilliseconds(5), ContainerStop = TimeSpan.FromMilliseconds(5), RuntimeCheck = TimeSpan.FromMilliseconds(500) };
        var cluster = await SimulatedCluster.CreateAsync(new SimulatedClusterSettings { Timing = quick }, TimeProvider.System, 5, Token);
        await LabNetworking.AddToAsync(cluster);
        await cluster.StartServerAsync(cancellationToken: Token);
        return new NetworkedLab(cluster);
    }

    public static async Task<NetworkedLab> WithFlannelAsync()
    {
        var lab = await StartAsync();
        foreach (var (node, number) in lab.Cluster.Nodes.Select((node, number) => (node, number)))
        {
            const string Flags = "/var/lib/kubelet/kubeadm-flags.env";
            node.Files.Put(Flags, node.Files.ReadText(Flags).Replace("KUBELET_KUBEADM_ARGS=\"", $"KUBELET_KUBEADM_ARGS=\"--node-ip=192.168.10.{100 + number} ", StringComparison.Ordinal));
            node.Output("systemctl", "restart", "kubelet");
        }

        lab.Helm("repo", "add", "flannel", "https://flannel-io.github.io/flannel/");
        lab.Helm(
            ["install", "flannel", "--namespace", "kube-flannel", "--create-namespace", "flannel/flannel", "-f", "-"],
            "podCidr: \"10.244.0.0/16\"\nflannel:\n  args:\n  - \"--ip-masq\"\n  - \"--kube-subnet-mgr\"\n  - \"--iface=eth1\"\n");
        await lab.Client.WaitAsync<V1EndpointSlice>(
            new ResourceQuery("kube-system") { Labels = "kubernetes.io/service-name=kube-dns" },
            new ClusterWait("both DNS pods", Patience),
            slices => slices.SelectMany(slice => slice.Endpoints ?? []).Count(endpoint => endpoint.Conditions?.Ready == true) == 2 ? null : "not ready",
            Token);
        return lab;
    }

    public async Task<Dictionary<string, LabPod>> PodsAsync(string ns = "default") =>
        await LabPods.ReadAsync(Client, ns, null, Token).ToDictionaryAsync(pod => pod.Pod, cancellationToken: Token);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Cluster.DisposeAsync();
        _folder.Dispose();
    }

    private void Helm(params string[] words) => Helm(words, null);

    private void Helm(string[] words, string? input)
    {
        var said = Control.Run(["helm", .. words], input);
        Assert.True(said.ExitCode == 0, $"helm {string.Join(' ', words)}: {said}");
    }
}
