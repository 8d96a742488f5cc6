using System.Net;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Datapath;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Network;
using CiliumLab.Tests.Simulator.Life;
using CiliumLab.Tests.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Datapath;

/// <summary>A cluster with helm, flannel's images and the datapath, on a clock that a test moves.</summary>
internal sealed class NetworkedCluster : IAsyncDisposable
{
    public const string FlannelUrl = "https://flannel-io.github.io/flannel/";

    private NetworkedCluster(TestCluster test, LabPackets packets) => (Test, Packets) = (test, packets);

    public TestCluster Test { get; }

    public LabPackets Packets { get; }

    public ObjectStore Store => Test.Store;

    public SimulatedNode Control => Test.Cluster.Nodes[0];

    public static async Task<NetworkedCluster> CreateAsync()
    {
        var test = await TestCluster.CreateAsync();
        return new NetworkedCluster(test, (await LabNetworking.AddToAsync(test.Cluster)).Packets);
    }

    /// <summary>A lab with Flannel over eth1, as the exercise installs it.</summary>
    public static async Task<NetworkedCluster> WithFlannelAsync(bool withInterface = true)
    {
        var lab = await CreateAsync();
        lab.Helm("repo", "add", "flannel", FlannelUrl);
        lab.Store.Create(ResourceTypes.Namespaces, new() { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["name"] = "kube-flannel" } });
        string[] install = ["install", "flannel", "--namespace", "kube-flannel", "flannel/flannel"];
        lab.Helm(withInterface
            ? [.. install, "-f", "-"]
            : install,
            withInterface ? "podCidr: \"10.244.0.0/16\"\nflannel:\n  args:\n  - \"--ip-masq\"\n  - \"--kube-subnet-mgr\"\n  - \"--iface=eth1\"\n" : null);
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(60));
        return lab;
    }

    /// <summary>Installs Cilium with the exercise's values, or with a tunnel, and waits.</summary>
    public async Task InstallCiliumAsync(string mode = "native")
    {
        Helm("repo", "add", "cilium", "https://helm.cilium.io/");
        string[] routing = mode == "native"
            ? ["routingMode=native", "autoDirectNodeRoutes=true", "ipv4NativeRoutingCIDR=172.20.0.0/16", "endpointRoutes.enabled=true", "bpf.masquerade=true"]
            : ["routingMode=tunnel"];
        string[] values =
        [
            "k8sServiceHost=192.168.10.100", "k8sServicePort=6443", "kubeProxyReplacement=true", "ipam.mode=cluster-pool",
            "ipam.operator.clusterPoolIPv4PodCIDRList={172.20.0.0/16}", "installNoConntrackIptablesRules=true", "ipv6.enabled=false", .. routing,
        ];
        foreach (var (node, number) in Test.Cluster.Nodes.Select(static (node, number) => (node, number)))
        {
            const string Flags = "/var/lib/kubelet/kubeadm-flags.env";
            node.Files.Put(Flags, node.Files.ReadText(Flags).Replace("KUBELET_KUBEADM_ARGS=\"", $"KUBELET_KUBEADM_ARGS=\"--node-ip=192.168.10.{100 + number} ", StringComparison.Ordinal));
            node.Output("systemctl", "restart", "kubelet");
        }

        await Test.AdvanceAsync(TimeSpan.FromSeconds(20));
        Helm(["install", "cilium", "cilium/cilium", "--version", "1.17.5", "--namespace", "kube-system", .. values.SelectMany(static value => (string[])["--set", value])]);
        await Test.AdvanceAsync(TimeSpan.FromSeconds(120));
    }

    /// <summary>What helm says; it must succeed.</summary>
    public string Helm(params string[] words) => Helm(words, null);

    public string Helm(string[] words, string? input)
    {
        var said = Control.Run(["helm", .. words], input);
        Assert.True(said.ExitCode == 0, $"helm {string.Join(' ', words)}: {said}");
        return said.Output;
    }

    /// <summary>What helm complains about; it must fail.</summary>
    public string HelmError(params string[] words)
    {
        var said = Control.Run(["helm", .. words], null);
        Assert.Equal(1, said.ExitCode);
        return said.Error;
    }

    public SimulatedNode Node(string name) => Test.Cluster.Nodes.Single(node => node.Name == name);

    public NetworkNamespace PodNetwork(string pod)
    {
        var address = IPAddress.Parse(Test.Get(ResourceTypes.Pods, "default", pod).Text("status", "podIP")!);
        return Test.Cluster.Nodes.SelectMany(node => node.Kernel.Namespaces).Single(network => network.OwnerOf(address) is not null);
    }

    /// <summary>The numbers of what exec started in a pod's container.</summary>
    public async Task<IReadOnlyList<int>> ProcessesAsync(string pod)
    {
        var found = Store.Get(ResourceTypes.Pods, "default", pod);
        IReadOnlyList<int> processes = [];
        await Test.Cluster.Loop.DoAsync(() => processes = [.. Test.Cluster.Kubelet(found.Json.Text("spec", "nodeName")!)!.Pods.Find(found)!.Containers.Single().Context!.Processes.Running]);
        return processes;
    }

    /// <summary>curl in curl-pod: its exit code, and whether a whoami answered.</summary>
    public async Task<(int Code, bool Answered)> CurlAsync(string url)
    {
        var (output, _, code) = await Test.ExecAsync("curl-pod", "curl", "-s", "--connect-timeout", "3", url);
        return (code, output.StartsWith("Hostname: webpod-", StringComparison.Ordinal));
    }

    public ValueTask DisposeAsync() => Test.DisposeAsync();
}
