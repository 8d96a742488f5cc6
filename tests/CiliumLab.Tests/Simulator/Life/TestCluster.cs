using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Files;
using CiliumLab.Simulator.Nodes.Network;
using Microsoft.Extensions.Time.Testing;

namespace CiliumLab.Tests.Simulator.Life;

/// <summary>A cluster whose clock stands still until a test moves it.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private TestCluster(SimulatedCluster cluster, FakeTimeProvider clock) => (Cluster, Clock) = (cluster, clock);

    /// <summary>A cluster that comes out of a snapshot with a clock that stands still.</summary>
    public TestCluster(SimulatedCluster cluster)
        : this(cluster, (FakeTimeProvider)cluster.Clock)
    {
    }

    public SimulatedCluster Cluster { get; }

    public FakeTimeProvider Clock { get; }

    public ObjectStore Store => Cluster.Store;

    public static async Task<TestCluster> CreateAsync(bool withNetwork = false, SimulatedClusterSettings? settings = null, ulong seed = 7)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2025, 7, 14, 13, 0, 0, TimeSpan.Zero));
        var cluster = await SimulatedCluster.CreateAsync(settings, clock, seed, TestContext.Current.CancellationToken);
        var test = new TestCluster(cluster, clock);
        if (withNetwork)
            await test.InstallNetworkAsync();
        return test;
    }

    /// <summary>Puts a bridge plugin onto every node, as a chart would.</summary>
    public async Task InstallNetworkAsync()
    {
        Cluster.CniPlugins.Add(new BridgePlugin());
        Cluster.Connections = new FlatConnections(Cluster);
        foreach (var node in Cluster.Nodes)
        {
            node.Files.Put("/opt/cni/bin", new RegularFile("test-bridge") { Content = [1] });
            node.Files.Put("/etc/cni/net.d/10-test.conflist", """{"name":"test","cniVersion":"1.0.0","plugins":[{"type":"test-bridge"}]}""");
        }
        await AdvanceAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Moves the clock from one due time to the next, so that nothing happens late.</summary>
    public async Task AdvanceAsync(TimeSpan time)
    {
        var end = Clock.GetUtcNow() + time;
        await Cluster.SettleAsync(TestContext.Current.CancellationToken);
        while (Clock.GetUtcNow() < end)
        {
            var next = Cluster.Loop.NextDue is { } due && due < end ? due : end;
            if (next > Clock.GetUtcNow())
                Clock.SetUtcNow(next);
            await Cluster.SettleAsync(TestContext.Current.CancellationToken);
        }
        Assert.Empty(Cluster.Loop.Failures);
    }

    public JsonObject Get(ResourceType type, string? ns, string name) => Store.Get(type, ns, name).Json;

    public IReadOnlyList<StoredObject> Pods(string ns, string labels = "") => Store.List(ResourceTypes.Pods, ns, LabelSelector.Parse(labels)).Items;

    public IEnumerable<string> EventsAbout(string name) => Store.List(ResourceTypes.Events).Items
        .Where(e => e.Json.Text("involvedObject", "name") == name)
        .Select(e => $"{e.Json.Text("type")} {e.Json.Text("reason")} {e.Json.Text("source", "component")}: {e.Json.Text("message")}");

    public StoredObject Create(ResourceType type, string json) => Store.Create(type, JsonNode.Parse(json)!.AsObject());

    /// <summary>The lab's exercise: two whoami pods that keep apart, and their service.</summary>
    public async Task DeployWebpodAsync()
    {
        Create(ResourceTypes.Deployments, """
            {"metadata":{"name":"webpod","namespace":"default"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"webpod"}},
             "template":{"metadata":{"labels":{"app":"webpod"}},"spec":{
              "affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"labelSelector":{"matchExpressions":[{"key":"app","operator":"In","values":["webpod"]}]},"topologyKey":"kubernetes.io/hostname"}]}},
              "containers":[{"name":"webpod","image":"traefik/whoami","ports":[{"containerPort":80}]}]}}}}
            """);
        Create(ResourceTypes.Services, """
            {"metadata":{"name":"webpod","namespace":"default","labels":{"app":"webpod"}},"spec":{"clusterIP":"10.96.33.91","selector":{"app":"webpod"},"ports":[{"protocol":"TCP","port":80,"targetPort":80}],"type":"ClusterIP"}}
            """);
        Create(ResourceTypes.Pods, """
            {"metadata":{"name":"curl-pod","namespace":"default","labels":{"app":"curl"}},"spec":{"nodeName":"k8s-ctr","terminationGracePeriodSeconds":0,
             "containers":[{"name":"curl","image":"nicolaka/netshoot","command":["tail"],"args":["-f","/dev/null"]}]}}
            """);
        await AdvanceAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>Runs a command in a pod's first container.</summary>
    public async Task<(string Output, string Error, int Code)> ExecAsync(string pod, params string[] command)
    {
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        var found = Store.Get(ResourceTypes.Pods, "default", pod);
        var run = new ContainerAccess(Cluster).RunAsync(
            new PodExecRequest(found, found.Json.Objects("spec", "containers").First().Text("name")!, command, true),
            new PodExecStreams(Stream.Null, output, error), TestContext.Current.CancellationToken);

        // The program may begin to wait only after the clock was moved, so it is moved until the program has ended.
        while (!run.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(run, Task.Delay(1, TestContext.Current.CancellationToken));
        }

        var code = await run;
        return (Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()), code);
    }

    public async ValueTask DisposeAsync()
    {
        Assert.Empty(Cluster.Loop.Failures);
        await Cluster.DisposeAsync();
    }
}

/// <summary>A plugin with a bridge on each node, addresses from the node's pod CIDR in order, and no way between nodes.</summary>
internal sealed class BridgePlugin : ICniPlugin
{
    private readonly Dictionary<string, int> _last = [];

    public string Type => "test-bridge";

    public string? Refusal { get; set; }

    public CniResult Add(CniRequest request)
    {
        if (Refusal is not null)
            throw new CniException(Refusal);
        var node = request.Node.Kernel.Network;
        var number = int.Parse(request.Node.Name is "k8s-ctr" ? "0" : request.Node.Name[5..], null);
        var prefix = IpPrefix.Parse($"10.244.{number}.0/24");
        var bridge = node.FindLink("test0") ?? node.AddLink(new LinkRequest(LinkKind.Bridge) { Name = "test0" });
        node.SetUp(bridge);
        if (node.OwnerOf(prefix[1]) is null)
            node.AddAddress(bridge, new LinkAddress(prefix[1], 24));
        var last = _last[request.Node.Name] = _last.GetValueOrDefault(request.Node.Name, 1) + 1;
        var veth = node.AddLink(new LinkRequest(LinkKind.Veth)
        {
            Name = "veth" + request.ContainerId[..8],
            Peer = new LinkRequest(LinkKind.Veth) { Name = request.Interface },
            PeerNetwork = request.Network,
        });
        node.SetMaster(veth, bridge);
        node.SetUp(veth);
        var inside = request.Network.FindLink(request.Interface)!;
        request.Network.SetUp(inside);
        request.Network.AddAddress(inside, new LinkAddress(prefix[last], 24));
        request.Network.AddRoute(new Route(IpPrefix.Parse("0.0.0.0/0")) { Gateway = prefix[1], Link = inside }, RouteChange.Add);
        return new CniResult(prefix[last]);
    }

    public void Delete(CniRequest request)
    {
        if (request.Network.FindLink(request.Interface) is { } link)
            request.Network.RemoveLink(link);
    }
}

/// <summary>Everybody reaches everybody, and services lead to their first endpoint.</summary>
internal sealed class FlatConnections(SimulatedCluster cluster) : IConnections
{
    public ConnectReply Connect(ConnectRequest request)
    {
        var (address, port) = (request.Destination, request.Port);
        var service = ServicePort.All(cluster.Store, "").FirstOrDefault(s => s.ClusterIp == address.ToString() && s.Port == port && string.Equals(s.Protocol, request.Protocol, StringComparison.OrdinalIgnoreCase));
        if (service is { Endpoints.Count: 0 })
            return new ConnectReply(ConnectOutcome.Refused);
        if (service is not null && IPEndPoint.TryParse(service.Endpoints[0], out var endpoint))
            (address, port) = (endpoint.Address, endpoint.Port);
        var there = cluster.Nodes.SelectMany(n => n.Kernel.Namespaces).FirstOrDefault(n => n.OwnerOf(address) is not null);
        if (there is null)
            return new ConnectReply(ConnectOutcome.TimedOut);
        if (cluster.Listeners.Find(there, port, request.Protocol) is not { } server)
            return new ConnectReply(ConnectOutcome.Refused);
        var own = request.From.AllAddresses().First(a => a.Address.Family == address.AddressFamily && !IPAddress.IsLoopback(a.Address.Address)).Address.Address;
        return new ConnectReply(ConnectOutcome.Connected) { Server = server, Client = new IPEndPoint(own, 45080), Remote = new IPEndPoint(address, port) };
    }
}
