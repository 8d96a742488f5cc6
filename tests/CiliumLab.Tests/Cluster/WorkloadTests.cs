using CiliumLab.Engine.Cluster.Connectivity;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Engine.Cluster.Services;
using CiliumLab.Engine.Cluster.Workloads;
using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using static CiliumLab.Tests.Cluster.ClusterLab;

namespace CiliumLab.Tests.Cluster;

/// <summary>The sample application, its restart and who reaches it, in a cluster with Flannel.</summary>
public sealed class WorkloadTests
{
    [Fact]
    public async Task The_application_is_spread_answers_evenly_and_moves_when_it_is_restarted()
    {
        await using var lab = await NetworkedLab.WithFlannelAsync();

        var installed = await InstallAsync(lab);
        var again = await InstallAsync(lab);

        Assert.Equal(["curl-pod on k8s-ctr", "webpod on k8s-w1", "webpod on k8s-w2"], installed.Select(pod => $"{pod.Pod.Split('-')[0]}{(pod.Pod == "curl-pod" ? "-pod" : "")} on {pod.Node}").Order(StringComparer.Ordinal));
        Assert.All(installed, pod => Assert.Equal((true, CniKind.Flannel, true, null), (pod.Managed, pod.Cni, pod.Changed, pod.Reason)));
        Assert.All(again, pod => Assert.False(pod.Changed));
        Assert.Equal(installed.Select(pod => pod.Pod).Order(), again.Select(pod => pod.Pod).Order());

        await ReachAsync(lab, "webpod");
        var spread = await TestAsync(lab, "webpod", 20);
        Assert.Equal((true, 20, 20, 200), (spread.Succeeded, spread.Sent, spread.Answered, spread.Status));
        Assert.Equal(installed.Where(pod => pod.Owner is not null).Select(pod => pod.Pod).Order(), spread.RespondedBy.Select(responder => responder.Name).Order());
        Assert.Equal(20, spread.RespondedBy.Sum(responder => responder.Count));
        Assert.NotNull(spread.Latency);

        var before = await lab.PodsAsync();
        var restarted = await RestartAsync(lab, new RestartChoice("default", null, UnmanagedOnly: false));
        Assert.Equal(3, restarted.Count);
        Assert.Equal("curl-pod", Assert.Single(restarted, pod => before.ContainsKey(pod.Pod)).Pod);
        Assert.Equal(before.Values.Select(pod => pod.Address!.ToString()).Order(), restarted.Select(pod => pod.PreviousAddress!.ToString()).Order());
        Assert.Equal(["k8s-ctr", "k8s-w1", "k8s-w2"], restarted.Select(pod => pod.Node).Order());
        await ReachAsync(lab, "webpod");

        // One pod only: its neighbour stays.
        var chosen = restarted.First(pod => pod.Owner is not null);
        var moved = Assert.Single(await RestartAsync(lab, new RestartChoice("default", name => name == chosen.Pod, UnmanagedOnly: false)));
        Assert.Equal((chosen.Address, chosen.Node), (moved.PreviousAddress, moved.Node));
        Assert.Equal(2, (await lab.PodsAsync()).Keys.Intersect(restarted.Select(pod => pod.Pod)).Count());

        // A Deployment by its name, as kubectl rollout restart takes it; its pods' names are others.
        var whole = Assert.Single(await WorkloadRestart.PlanAsync(lab.Client, new RestartChoice("default", name => name == "webpod", UnmanagedOnly: false) { Required = ["webpod"] }, Token));
        Assert.Equal(("default/Deployment/webpod", "Restart the Deployment, pod by pod"), (whole.Target, whole.Action));

        // A pattern that its pods fit too means the pods, as it always did.
        var pods = Assert.Single(await WorkloadRestart.PlanAsync(lab.Client, new RestartChoice("default", name => name.StartsWith("webpod", StringComparison.Ordinal), UnmanagedOnly: false), Token));
        Assert.StartsWith("Delete webpod-", pods.Action, StringComparison.Ordinal);

        // Every address is Flannel's, so there is nothing that it left behind.
        Assert.Empty(await WorkloadRestart.PlanAsync(lab.Client, new RestartChoice(null, null, UnmanagedOnly: true), Token));

        var gone = await LabWorkloads.UninstallAsync(lab.Client, "default", NetworkedLab.Patience, _ => Task.CompletedTask, Token).ToListAsync(Token);
        Assert.Equal(3, gone.Count);
        Assert.Empty(await lab.PodsAsync());
        Assert.Empty(await LabWorkloads.UninstallAsync(lab.Client, "default", NetworkedLab.Patience, _ => Task.CompletedTask, Token).ToListAsync(Token));
    }

    [Fact]
    public async Task A_destination_that_is_not_reached_says_in_what_way()
    {
        await using var lab = await NetworkedLab.WithFlannelAsync();
        var pods = await InstallAsync(lab);
        await ReachAsync(lab, "webpod");
        var web = pods.First(pod => pod.Owner is not null);
        lab.Cluster.Store.Create(ResourceTypes.Services, System.Text.Json.Nodes.JsonNode.Parse("""
            {"metadata":{"name":"empty","namespace":"default"},"spec":{"selector":{"app":"nobody"},"ports":[{"port":8080}]}}
            """)!.AsObject());

        Assert.True((await TestAsync(lab, web.Pod)).Succeeded);
        Assert.Equal(web.Address, (await TestAsync(lab, web.Address!.ToString())).Address);
        Assert.Equal(new Uri("http://kube-dns.kube-system:53/"), (await TestAsync(lab, "kube-system/kube-dns")).Url);
        Assert.Equal(PodConnectivityFailure.NameNotResolved, (await TestAsync(lab, "nobody.example")).FailureKind);
        Assert.Equal(PodConnectivityFailure.Refused, (await TestAsync(lab, $"{web.Address}:81")).FailureKind);

        // Until kube-proxy has written its rule, nobody answers for the service.
        var waited = System.Diagnostics.Stopwatch.StartNew();
        var empty = await TestAsync(lab, "empty");
        while (empty.FailureKind == PodConnectivityFailure.TimedOut && waited.Elapsed < NetworkedLab.Patience)
            empty = await TestAsync(lab, "empty");
        Assert.Equal((PodConnectivityFailure.Refused, new Uri("http://empty:8080/"), false), (empty.FailureKind, empty.Url, empty.Succeeded));
        var lost = await TestAsync(lab, "10.244.1.250", 2, timeout: TimeSpan.FromSeconds(0.3));
        Assert.True(lost.FailureKind is PodConnectivityFailure.TimedOut or PodConnectivityFailure.NoRoute, lost.ToString());
        Assert.StartsWith("2 of 2 failed: ", lost.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_cannot_be_asked_is_an_error_that_says_who_there_is()
    {
        await using var lab = await NetworkedLab.StartAsync();

        var none = await Assert.ThrowsAsync<LabException>(() => TestAsync(lab, "webpod"));
        var elsewhere = await Assert.ThrowsAsync<LabException>(() => TestAsync(lab, "webpod", from: "nowhere/curl-pod"));
        await lab.Client.CreateAsync(SampleWorkload.Curl("default", null), Token);
        var waiting = await Assert.ThrowsAsync<LabException>(() => TestAsync(lab, "webpod"));

        Assert.Equal(("PodNotFound", "Namespace 'default' has no pod 'curl-pod'. It has none at all."), (none.ErrorId, none.Message));
        Assert.Equal(("NamespaceNotFound", "Lab 'test' has no namespace 'nowhere'. It has: default, kube-node-lease, kube-public, kube-system."), (elsewhere.ErrorId, elsewhere.Message));
        Assert.Equal("PodNotRunning", waiting.ErrorId);
        Assert.StartsWith("Pod 'default/curl-pod' runs no command, because it does not run itself: ", waiting.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_network_an_installation_ends_with_what_is_missing()
    {
        await using var lab = await NetworkedLab.StartAsync();

        var error = await Assert.ThrowsAsync<LabException>(() =>
            LabWorkloads.InstallAsync(lab.Client, "default", 2, TimeSpan.FromMilliseconds(500), _ => Task.CompletedTask, Token).ToListAsync(Token).AsTask());

        Assert.Equal(("WorkloadNotReady", LabErrorKind.OperationTimeout, "default/Deployment/webpod"), (error.ErrorId, error.Kind, error.Target));
        Assert.StartsWith("Waited 0.5 s in vain for default/Deployment/webpod to be ready: 0 of 2 pods are ready; webpod-", error.Message, StringComparison.Ordinal);
        Assert.Contains("untolerated taint {node.kubernetes.io/not-ready: }", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_shows_its_network_and_its_services()
    {
        await using var lab = await NetworkedLab.WithFlannelAsync();
        await InstallAsync(lab);

        var network = await ClusterNetworks.ReadAsync(lab.Client, Token);
        var services = await LabServices.ReadAsync(lab.Client, null, null, Token).ToDictionaryAsync(service => service.Service, cancellationToken: Token);

        Assert.Equal(
            ("1.33.2", "10.244.0.0/16", "10.96.0.0/16", "10.96.0.10", "192.168.10.100:6443", CniKind.Flannel, "kube-flannel/kube-flannel-ds", true, 3),
            (network.KubernetesVersion, network.PodCidr.ToString(), network.ServiceCidr.ToString(), network.DnsService!.ToString(), network.ApiEndpoint!.ToString(), network.Cni, network.CniDaemonSet, network.KubeProxy, network.KubeProxyReady));
        Assert.Equal(["10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"], network.CniPodCidrs.Select(cidr => cidr.ToString()).Order());
        var web = services["webpod"];
        Assert.Equal((2, 0, "80/TCP"), (web.ReadyEndpoints.Count(), web.NotReadyEndpoints.Count(), string.Join(' ', web.Ports)));
        Assert.Equal(["k8s-w1", "k8s-w2"], web.Endpoints.Select(endpoint => endpoint.Node).Order());
        Assert.Equal(2, services["kube-dns"].ReadyEndpoints.Count());
    }

    private static Task<List<LabPod>> InstallAsync(NetworkedLab lab) =>
        LabWorkloads.InstallAsync(lab.Client, "default", 2, NetworkedLab.Patience, _ => Task.CompletedTask, Token).ToListAsync(Token).AsTask();

    private static async Task<List<LabPod>> RestartAsync(NetworkedLab lab, RestartChoice choice)
    {
        var pods = new List<LabPod>();
        foreach (var part in await WorkloadRestart.PlanAsync(lab.Client, choice, Token))
            pods.AddRange(await WorkloadRestart.RestartAsync(lab.Client, part, NetworkedLab.Patience, _ => Task.CompletedTask, Token).ToListAsync(Token));
        return pods;
    }

    private static Task<PodConnectivity> TestAsync(
        NetworkedLab lab, string destination, int count = 1, string from = "curl-pod", TimeSpan? timeout = null) =>
        new PodReachability(lab.Client, count, timeout ?? TimeSpan.FromSeconds(3)).TestAsync(from, "default", destination, _ => Task.CompletedTask, Token);

    // DNS and kube-proxy follow what the API says a moment later, and nothing in the API tells when they have.
    private static async Task ReachAsync(NetworkedLab lab, string destination)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(NetworkedLab.Patience);
        while (await TestAsync(lab, destination, 2) is { Succeeded: false } result)
            Assert.False(limit.IsCancellationRequested, result.ToString());
    }
}
