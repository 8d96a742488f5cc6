using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using CiliumLab.Simulator;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;

namespace CiliumLab.Benchmarks;

/// <summary>
/// The simulator's API with 5,000 pods against 500: lists, single reads, writes and watches over HTTPS, and whole clusters in which the
/// pods are made by Deployments. What is ten times as much may take ten times as long, and what is one of many no longer than one of few.
/// </summary>
internal sealed class ApiBenchmark : IBenchmark
{
    private const int Few = 500;
    private const int Many = 5_000;
    private const int Watches = 200;
    private const int Rounds = 15;

    public string Name => "api";

    public async Task<IReadOnlyList<Measurement>> RunAsync()
    {
        var rows = new List<Measurement>();
        await using (var few = await Server.StartAsync(Few))
        await using (var many = await Server.StartAsync(Many))
        {
            rows.Add(await CompareAsync("list 5,000 pods / 500", 14, many, few, static s => s.GetAsync("/api/v1/pods")));
            rows.Add(await CompareAsync("the same as a table for kubectl", 20, many, few, static s => s.GetAsync("/api/v1/pods", "application/json;as=Table;v=v1;g=meta.k8s.io")));
            rows.Add(await CompareAsync("list one node's pods, of 5,000 / of 500", 14, many, few, static s => s.GetAsync("/api/v1/pods?fieldSelector=spec.nodeName%3Dn7")));
            rows.Add(await CompareAsync("read one pod of 5,000 / of 500", 2, many, few, static s => s.GetAsync("/api/v1/namespaces/default/pods/p-7")));
            rows.Add(await CompareAsync("change one pod of 5,000 / of 500", 2, many, few, static s => s.TouchAsync()));
            rows.Add(await KubectlAsync(many));
            rows.Add(await WatchAsync(many, few));
        }
        rows.Add(await LifeAsync());
        return rows;
    }

    private static async Task<Measurement> CompareAsync(string what, double most, Server many, Server few, Func<Server, Task> action)
    {
        var (ours, other) = (new Times(), new Times());
        for (var round = -3; round < Rounds; round++)
        {
            var (large, small) = (await TimeAsync(() => action(many)), await TimeAsync(() => action(few)));
            if (round < 0)
                continue;
            ours.Add(large);
            other.Add(small);
        }
        return new Measurement(what, ours.RatioTo(other), "x") { Ours = $"{ours}", Other = $"{other}", AtMost = most };
    }

    private static async Task<Measurement> KubectlAsync(Server server)
    {
        const string what = "kubectl get pods with 5,000 / the raw list";
        if (!Tool.Exists("kubectl"))
            return Measurement.NotMade(what, "no kubectl");
        var config = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(config, server.Config);
            var (ours, other) = (new Times(), new Times());
            for (var round = -1; round < 3; round++)
            {
                var (whole, raw) = (await TimeAsync(() => Tool.RunAsync("kubectl", "--kubeconfig", config, "get", "pods", "-A", "--chunk-size=0")), await TimeAsync(() => server.GetAsync("/api/v1/pods")));
                if (round < 0)
                    continue;
                ours.Add(whole);
                other.Add(raw);
            }
            return new Measurement(what, ours.RatioTo(other), "x") { Ours = $"{ours}", Other = $"{other}" };
        }
        finally
        {
            File.Delete(config);
        }
    }

    /// <summary>From a write to its arrival at the last of many watches, against one.</summary>
    private static async Task<Measurement> WatchAsync(Server many, Server few)
    {
        var (ours, other) = (new Times(), new Times());
        await using (var crowd = await Watchers.OpenAsync(many, Watches))
        await using (var one = await Watchers.OpenAsync(few, 1))
        {
            for (var round = -3; round < Rounds; round++)
            {
                var (large, small) = (await TimeAsync(crowd.RoundAsync), await TimeAsync(one.RoundAsync));
                if (round < 0)
                    continue;
                ours.Add(large);
                other.Add(small);
            }
        }
        return new Measurement("a change at 200 watches / at one", ours.RatioTo(other), "x") { Ours = $"{ours}", Other = $"{other}", AtMost = Watches / 2 };
    }

    /// <summary>Clusters in which Deployments make the pods: the time for one pod, among many on many nodes and among few.</summary>
    private static async Task<Measurement> LifeAsync()
    {
        var (few, fewList) = await RunClusterAsync(20, Few);
        var (many, manyList) = await RunClusterAsync(200, Many);
        return new Measurement("time for each pod: 5,000 on 200 nodes / 500 on 20", many / Many / (few / Few), "x")
        {
            Ours = string.Create(CultureInfo.InvariantCulture, $"{many / 1000:0.0} s, lists meanwhile {manyList:0} ms"),
            Other = string.Create(CultureInfo.InvariantCulture, $"{few / 1000:0.0} s, lists meanwhile {fewList:0} ms"),
            AtMost = 4,
        };
    }

    private static async Task<(double Milliseconds, double List)> RunClusterAsync(int nodes, int pods)
    {
        var settings = new SimulatedClusterSettings
        {
            Nodes = new LabNodeOptions { WorkerCount = nodes - 1, NodeNetwork = IPNetwork.Parse("192.168.0.0/16") },
            Timing = LifeTiming.Instant,
        };
        await using var cluster = await SimulatedCluster.CreateAsync(settings);
        await using var server = new Server(await cluster.StartServerAsync());
        var lists = new Times();
        var time = await TimeAsync(async () =>
        {
            for (var i = 0; i < pods / 50; i++)
            {
                cluster.Store.Create(ResourceTypes.Deployments, JsonNode.Parse($$$$"""
                    {"metadata":{"name":"d{{{{i}}}}","namespace":"default"},"spec":{"replicas":50,"selector":{"matchLabels":{"app":"d{{{{i}}}}"}},
                     "template":{"metadata":{"labels":{"app":"d{{{{i}}}}"}},"spec":{"hostNetwork":true,"tolerations":[{"operator":"Exists"}],"containers":[{"name":"c","image":"registry.k8s.io/pause:3.10"}]} } } }
                    """)!.AsObject());
            }
            while (cluster.Store.List(ResourceTypes.Pods, "default").Items.Count(static p => p.Json.Text("status", "phase") == "Running") < pods)
            {
                lists.Add(await TimeAsync(() => server.GetAsync("/api/v1/pods")));
                await Task.Delay(50);
            }
        });
        return (time, lists.Median);
    }

    private static async Task<double> TimeAsync(Func<Task> action)
    {
        var clock = Stopwatch.StartNew();
        await action();
        return clock.Elapsed.TotalMilliseconds;
    }

    /// <summary>A server with pods and a client that is the administrator.</summary>
    private sealed class Server : IAsyncDisposable
    {
        private readonly X509Certificate2 _certificate;
        private int _touched;

        public Server(ApiServer api)
        {
            Api = api;
            var (certificate, key) = api.Certificates.IssueClient("kubernetes-admin", RoleBasedAccess.Masters);
            _certificate = X509Certificate2.CreateFromPem(certificate, key);
            Config = KubeConfig.Text(api.Address, "bench", "kubernetes-admin", api.Certificates.AuthorityPem, certificate, key);
            var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = static (_, _, _, _) => true, MaxConnectionsPerServer = 1000 };
            handler.ClientCertificates.Add(_certificate);
            Client = new HttpClient(handler) { BaseAddress = api.Address };
        }

        public ApiServer Api { get; }

        public HttpClient Client { get; }

        public string Config { get; }

        public static async Task<Server> StartAsync(int pods)
        {
            var store = new ObjectStore(TimeProvider.System, new Seed(1));
            ApiBootstrap.Run(store, IPAddress.Parse("192.168.10.100"));
            for (var i = 0; i < pods; i++)
            {
                store.Create(ResourceTypes.Pods, JsonNode.Parse($$$$"""
                    {"metadata":{"name":"p-{{{{i}}}}","namespace":"default","labels":{"app":"web"}},"spec":{"nodeName":"n{{{{i % 200}}}}","containers":[{"name":"c","image":"traefik/whoami"}]}}
                    """)!.AsObject());
            }
            return new(await ApiServer.StartAsync(store));
        }

        public async Task GetAsync(string path, string accept = "application/json")
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Accept.ParseAdd(accept);
            using var response = await Client.SendAsync(request);
            response.EnsureSuccessStatusCode();
            await response.Content.ReadAsByteArrayAsync();
        }

        public async Task TouchAsync()
        {
            using var content = new StringContent($$$$"""{"metadata":{"labels":{"touched":"{{{{++_touched}}}}"}}}""", Encoding.UTF8, "application/merge-patch+json");
            using var response = await Client.PatchAsync("/api/v1/namespaces/default/pods/p-7", content);
            response.EnsureSuccessStatusCode();
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            _certificate.Dispose();
            await Api.DisposeAsync();
        }
    }

    /// <summary>Open watches of one server's pods.</summary>
    private sealed class Watchers(Server server) : IAsyncDisposable
    {
        private readonly List<(HttpResponseMessage Response, StreamReader Reader)> _open = [];

        public static async Task<Watchers> OpenAsync(Server server, int count)
        {
            var watchers = new Watchers(server);
            for (var i = 0; i < count; i++)
            {
                var response = await server.Client.GetAsync($"/api/v1/pods?watch=true&resourceVersion={server.Api.Store.ResourceVersion}", HttpCompletionOption.ResponseHeadersRead);
                watchers._open.Add((response, new StreamReader(await response.Content.ReadAsStreamAsync())));
            }
            return watchers;
        }

        public async Task RoundAsync()
        {
            await server.TouchAsync();
            await Task.WhenAll(_open.Select(static w => w.Reader.ReadLineAsync()));
        }

        public ValueTask DisposeAsync()
        {
            foreach (var (response, reader) in _open)
            {
                reader.Dispose();
                response.Dispose();
            }
            return ValueTask.CompletedTask;
        }
    }
}
