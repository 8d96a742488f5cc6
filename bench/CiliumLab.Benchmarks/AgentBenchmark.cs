using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Text;
using CiliumLab.Simulator;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Benchmarks;

/// <summary>
/// Cilium's agents: an endpoint list of 10,000 into records against <c>jq -c '.[]'</c>, which only splits it; and 50 agents, over an API
/// server and exec, asked all at once against one after the other. The agents are stand-ins that need 20 ms to answer, as real ones need longer.
/// </summary>
internal sealed class AgentBenchmark : IBenchmark
{
    private const int Endpoints = 10_000;
    private const int Agents = 50;
    private const int EndpointsOfAgent = 50;
    private const int Rounds = 3;

    public string Name => "agents";

    public async Task<IReadOnlyList<Measurement>> RunAsync() => [await ListAsync(), await AtOnceAsync()];

    private static async Task<Measurement> ListAsync()
    {
        const string what = "jq -c '.[]' / records of 10,000 endpoints";
        if (!Tool.Exists("jq"))
            return Measurement.NotMade(what, "there is no jq (Debian package jq)");
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, List(Endpoints));
            var (records, split) = (new Times(), new Times());
            for (var round = 0; round < Rounds; round++)
            {
                var clock = Stopwatch.StartNew();
                using (var reader = new StreamReader(file))
                {
                    if (CiliumEndpointText.Parse(reader, "k8s-ctr", Unexpected).Count() != Endpoints)
                        throw new InvalidOperationException("endpoints are missing");
                }

                records.Add(clock.Elapsed.TotalMilliseconds);
                clock.Restart();
                await Tool.RunAsync("sh", "-c", "jq -c '.[]' \"$1\" > /dev/null", "sh", file);
                split.Add(clock.Elapsed.TotalMilliseconds);
            }

            return new Measurement(what, split.RatioTo(records), "x") { Ours = $"{records}", Other = $"{split}", AtLeast = 1 };
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<Measurement> AtOnceAsync()
    {
        var store = new ObjectStore(TimeProvider.System, new Seed(1));
        ApiBootstrap.Run(store, IPAddress.Parse("192.168.10.100"));

        // What kubeadm does for the administrator of the kubeconfig.
        store.Create(ResourceTypes.ClusterRoleBindings, JsonNode.Parse("""
            {"metadata":{"name":"kubeadm:cluster-admins"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"},
             "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"Group","name":"kubeadm:cluster-admins"}]}
            """)!.AsObject());
        for (var agent = 0; agent < Agents; agent++)
        {
            var name = store.Create(ResourceTypes.Pods, Pod(agent)).Name;

            // A new pod's status is the store's to give.
            store.EditStatus(ResourceTypes.Pods, "kube-system", name, edited => edited["status"] = Pod(0)["status"]!.DeepClone());
        }

        await using var server = await ApiServer.StartAsync(store);
        server.Executor = new Agent();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, server.AdminKubeConfig());
            using var client = ClusterClient.Open("bench", file);
            var agents = new CiliumAgents(client);
            var (atOnce, inTurn) = (new Times(), new Times());
            for (var round = -1; round < Rounds; round++)
            {
                var clock = Stopwatch.StartNew();
                await Task.WhenAll(Enumerable.Range(0, Agents).Select(agent => AskAsync(agents, agent)));
                var together = clock.Elapsed.TotalMilliseconds;
                clock.Restart();
                for (var agent = 0; agent < Agents; agent++)
                    await AskAsync(agents, agent);
                if (round < 0)
                    continue;
                atOnce.Add(together);
                inTurn.Add(clock.Elapsed.TotalMilliseconds);
            }

            return new Measurement("50 agents one after the other / all at once", inTurn.RatioTo(atOnce), "x") { Ours = $"{atOnce}", Other = $"{inTurn}", AtLeast = 2 };
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task AskAsync(CiliumAgents agents, int agent)
    {
        if (await agents.ReadAsync($"n{agent}", ["endpoint", "list", "-o", "json"], CiliumEndpointText.Parse, Unexpected, default).CountAsync() != EndpointsOfAgent)
            throw new InvalidOperationException("endpoints are missing");
    }

    private static void Unexpected(TextWarning warning) => throw new InvalidOperationException(warning.ToString());

    private static string List(int count)
    {
        var text = new StringBuilder("[");
        for (var endpoint = 0; endpoint < count; endpoint++)
        {
            text.Append(endpoint == 0 ? "" : ",").Append(string.Create(
                CultureInfo.InvariantCulture,
                $$$"""
                {"id":{{{endpoint}}},"status":{"external-identifiers":{"k8s-namespace":"default","k8s-pod-name":"web-{{{endpoint}}}","pod-name":"default/web-{{{endpoint}}}"},
                "health":{"bpf":"OK","connected":true,"overallHealth":"OK","policy":"OK"},"identity":{"id":8254,"labels":["k8s:app=web","k8s:io.kubernetes.pod.namespace=default"],"labelsSHA256":"00"},
                "labels":{"realized":{},"security-relevant":["k8s:app=web"]},"networking":{"addressing":[{"ipv4":"10.0.{{{endpoint / 256}}}.{{{endpoint % 256}}}"}],"host-mac":"e6:d8:89:f3:57:c0","interface-index":12,"interface-name":"lxc{{{endpoint}}}","mac":"42:9f:f3:4e:0e:9f"},
                "policy":{"realized":{"allowed-ingress-identities":[1,8254],"id":8254,"policy-enabled":"none","policy-revision":7}},"state":"ready"}}
                """));
        }

        return text.Append("]\n\n").ToString();
    }

    private static JsonObject Pod(int agent) => JsonNode.Parse($$$$"""
        {"metadata":{"name":"cilium-{{{{agent}}}}","namespace":"kube-system","labels":{"k8s-app":"cilium"}},"spec":{"nodeName":"n{{{{agent}}}}","containers":[{"name":"cilium-agent","image":"cilium"}]},
         "status":{"phase":"Running","containerStatuses":[{"name":"cilium-agent","image":"cilium","imageID":"","ready":true,"restartCount":0,"state":{"running":{"startedAt":"2025-07-14T13:00:00Z"}}}]}}
        """)!.AsObject();

    private sealed class Agent : IPodExecutor
    {
        private static readonly byte[] Answer = Encoding.UTF8.GetBytes(List(EndpointsOfAgent));

        public async Task<int> RunAsync(PodExecRequest request, PodExecStreams streams, CancellationToken cancellationToken)
        {
            await Task.Delay(20, cancellationToken);
            await streams.Output.WriteAsync(Answer, cancellationToken);
            return 0;
        }
    }
}
