using System.Text;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Cilium;
using CiliumLab.Simulator.Datapath;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Tests.Simulator.Life;
using CiliumLab.Tests.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Cilium;

/// <summary>The lab with Cilium as its chart leaves it: the recorded ConfigMap, agents, operator and Envoy, and the exercise's pods.</summary>
internal sealed class CiliumLabCluster : IAsyncDisposable
{
    private const string Namespace = "kube-system";

    private CiliumLabCluster(TestCluster test, CiliumInstallation cilium) => (Test, Cilium) = (test, cilium);

    /// <summary>The same lab out of a snapshot.</summary>
    public CiliumLabCluster(TestCluster restored)
        : this(restored, null!)
    {
    }

    public TestCluster Test { get; }

    public CiliumInstallation Cilium { get; }

    public ObjectStore Store => Test.Store;

    public SimulatedNode Control => Test.Cluster.Nodes[0];

    public static async Task<CiliumLabCluster> CreateAsync()
    {
        var test = await TestCluster.CreateAsync();
        var networking = await LabNetworking.AddToAsync(test.Cluster);
        test.Store.Delete(ResourceTypes.DaemonSets, Namespace, "kube-proxy");
        test.Store.Edit(ResourceTypes.Nodes, null, "k8s-w1", static node => node.Ensure("spec")["unschedulable"] = true);
        await test.AdvanceAsync(TimeSpan.FromSeconds(40));
        foreach (var (node, number) in test.Cluster.Nodes.Select(static (node, number) => (node, number)))
        {
            const string Flags = "/var/lib/kubelet/kubeadm-flags.env";
            node.Files.Put(Flags, node.Files.ReadText(Flags).Replace("KUBELET_KUBEADM_ARGS=\"", $"KUBELET_KUBEADM_ARGS=\"--node-ip=192.168.10.{100 + number} ", StringComparison.Ordinal));
            node.Output("nft", "flush", "ruleset");
            node.Output("systemctl", "restart", "kubelet");
        }

        await test.AdvanceAsync(TimeSpan.FromSeconds(20));
        var lab = new CiliumLabCluster(test, networking.Cilium);
        lab.Install();
        await test.AdvanceAsync(TimeSpan.FromSeconds(90));
        test.Store.Edit(ResourceTypes.Nodes, null, "k8s-w1", static node => node.Ensure("spec").Remove("unschedulable"));
        await test.DeployWebpodAsync();
        await test.AdvanceAsync(TimeSpan.FromSeconds(60));
        return lab;
    }

    /// <summary>Runs a program in the agent's container of a node, as exec does.</summary>
    public async Task<(string Output, string Error, int Code)> RunAsync(int node, string command)
    {
        var pod = Store.List(ResourceTypes.Pods, Namespace, LabelSelector.Parse("k8s-app=cilium")).Items.Single(pod => pod.NodeName() == Test.Cluster.Nodes[node].Name && !pod.IsTerminating);
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        var code = await new ContainerAccess(Test.Cluster).RunAsync(
            new PodExecRequest(pod, "cilium-agent", command.Split(' '), false), new PodExecStreams(Stream.Null, output, error), TestContext.Current.CancellationToken);
        return (Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()), code);
    }

    /// <summary>The output of a command that must succeed.</summary>
    public async Task<string> OutputAsync(int node, string command)
    {
        var said = await RunAsync(node, command);
        Assert.True(said.Code == 0, $"{command}: {said.Output}{said.Error}[{said.Code}]");
        return said.Output;
    }

    /// <summary>The document of a command with <c>-o json</c>.</summary>
    public async Task<JsonNode> JsonAsync(int node, string command)
    {
        var text = await OutputAsync(node, command + " -o json");
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        return JsonNode.Parse(text)!;
    }

    public async ValueTask DisposeAsync() => await Test.DisposeAsync();

    private void Install()
    {
        var data = new JsonObject();
        foreach (var line in Fixture.Read("transcript/137-cilium-config-view.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            data[line.Split(' ')[0]] = line[line.Split(' ')[0].Length..].Trim();
        Store.Create(ResourceTypes.ConfigMaps, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "cilium-config", ["namespace"] = Namespace }, ["data"] = data });
        Workload(ResourceTypes.DaemonSets, "cilium", "k8s-app", "cilium", "cilium-agent", "quay.io/cilium/cilium:v1.17.5", null);
        Workload(ResourceTypes.DaemonSets, "cilium-envoy", "k8s-app", "cilium-envoy", "cilium-envoy", "quay.io/cilium/cilium-envoy:v1.32.6", null);
        Workload(ResourceTypes.Deployments, "cilium-operator", "io.cilium/app", "operator", "cilium-operator", "quay.io/cilium/operator-generic:v1.17.5", 2);
        Test.Create(ResourceTypes.Services, """
            {"metadata":{"name":"hubble-peer","namespace":"kube-system"},"spec":{"clusterIP":"10.96.239.219","internalTrafficPolicy":"Local","selector":{"k8s-app":"cilium"},
             "ports":[{"name":"peer-service","port":443,"protocol":"TCP","targetPort":4244}]}}
            """);
    }

    private void Workload(ResourceType type, string name, string key, string label, string container, string image, int? replicas)
    {
        var spec = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { [key] = label } },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [key] = label } },
                ["spec"] = new JsonObject
                {
                    ["hostNetwork"] = true,
                    ["terminationGracePeriodSeconds"] = 1,
                    ["tolerations"] = new JsonArray(new JsonObject { ["operator"] = "Exists" }),
                    ["containers"] = new JsonArray(new JsonObject
                    {
                        ["name"] = container,
                        ["image"] = image,
                        ["readinessProbe"] = new JsonObject { ["httpGet"] = new JsonObject { ["path"] = "/healthz", ["port"] = 9879 }, ["periodSeconds"] = 2 },
                    }),
                },
            },
        };
        if (replicas is { } count)
            spec["replicas"] = count;
        Store.Create(type, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace }, ["spec"] = spec });
    }
}
