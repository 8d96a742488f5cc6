using System.Net;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Cilium;
using CiliumLab.Simulator.Life;
using CiliumLab.Tests.Cmdlets;
using CiliumLab.Tests.Simulator.Cilium;

namespace CiliumLab.Tests.Cilium;

/// <summary>
/// The simulated lab with Cilium inside this process, so that tests see what runs in its containers, and a prompt that is connected to its
/// API server. Its clock stands still: nothing happens that a test does not do.
/// </summary>
public sealed class ServedCilium : IAsyncLifetime
{
    private readonly ScratchFolder _folder = new();
    private CiliumLabCluster? _lab;

    internal CiliumLabCluster Lab => _lab!;

    internal Prompt Prompt { get; } = new();

    internal ApiServer Server => Lab.Test.Cluster.Server!;

    public async ValueTask InitializeAsync()
    {
        _lab = await CiliumLabCluster.CreateAsync();
        await Lab.Test.Cluster.StartServerAsync(cancellationToken: TestContext.Current.CancellationToken);
        Connect(Prompt);
    }

    public async ValueTask DisposeAsync()
    {
        Prompt.Dispose();
        await Lab.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Connects a prompt; the nodes have no SSH servers, and that is all that connecting complains of.</summary>
    internal void Connect(Prompt prompt)
    {
        _folder.Write("key", "");
        var nodes = string.Concat(Lab.Test.Cluster.Nodes.Select(node => $"  - node: {node.Name}\n    host: 127.0.0.1\n{(node == Lab.Control ? "    role: control-plane\n" : "")}"));
        var inventory = _folder.Write("lab.yaml", $"defaults:\n  port: 1\n  user: nobody\n  key: key\nnodes:\n{nodes}");
        var connected = prompt.Run("Connect-LabCluster $args[0] -Inventory $args[1] -KubeConfig $args[2]", "served-" + Guid.NewGuid().ToString("N")[..8], inventory, _folder.Write("kubeconfig", Server.AdminKubeConfig()));
        Assert.True(connected.Output.Count == 1, string.Join("\n", connected.Errors));
    }

    internal CiliumAgent Agent(string node) => Lab.Cilium.Find(node)!;

    /// <summary>The curl pod asks the service: events on its node, and on the node of the pod that answers.</summary>
    internal void Curl()
    {
        var endpoint = Agent("k8s-ctr").Endpoints.Find("default", "curl-pod")!;
        Assert.Equal(ConnectOutcome.Connected, Lab.Cilium.Packets.Connect(new ConnectRequest(endpoint.Network!, IPAddress.Parse("10.96.33.91"), 80)).Outcome);
    }

    /// <summary>What exec started in the agents' containers and has not ended.</summary>
    internal Task<IReadOnlyList<(ContainerProcesses Of, int Id)>> ProcessesAsync() => ProcessesAsync("kube-system", "k8s-app=cilium");

    /// <summary>What exec started in the first containers of pods and has not ended.</summary>
    internal async Task<IReadOnlyList<(ContainerProcesses Of, int Id)>> ProcessesAsync(string ns, string labels)
    {
        var cluster = Lab.Test.Cluster;
        var found = new List<(ContainerProcesses, int)>();
        await cluster.Loop.DoAsync(() =>
        {
            foreach (var pod in Lab.Test.Pods(ns, labels))
            {
                var processes = cluster.Kubelet(pod.NodeName()!)!.Pods.Find(pod)!.Containers.First().Context!.Processes;
                found.AddRange(processes.Running.Select(id => (processes, id)));
            }
        });
        return found;
    }

    /// <summary>Waits until so many processes run in the agents' containers.</summary>
    internal Task RunningAsync(int count) => UntilAsync(async () => (await ProcessesAsync()).Count == count);

    internal static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
            await Task.Delay(10, patience.Token);
    }
}
