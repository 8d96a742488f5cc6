using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Cilium;
using CiliumLab.Simulator.Life;

namespace CiliumLab.Tests.Simulator.Cilium;

/// <summary>Network policies: what agents make of them, and what the datapath does.</summary>
public sealed class NetworkPolicyTests : IAsyncLifetime
{
    private CiliumLabCluster? _lab;

    private CiliumLabCluster Lab => _lab!;

    private ResourceType CiliumPolicies => CustomResources.Find(Lab.Store, "ciliumnetworkpolicies")!;

    public async ValueTask InitializeAsync() => _lab = await CiliumLabCluster.CreateAsync();

    public async ValueTask DisposeAsync() => await Lab.DisposeAsync();

    [Fact]
    public async Task A_pod_that_a_policy_selects_gets_only_what_is_allowed_until_the_policy_goes()
    {
        Assert.Equal(ConnectOutcome.Connected, Connect());
        var (agent, web) = Web();
        var events = new List<MonitorMessage>();
        using (agent.Monitor.Listen(events.Add))
        {
            await ApplyAsync(ResourceTypes.NetworkPolicies, "closed", """{"podSelector":{"matchLabels":{"app":"webpod"}},"policyTypes":["Ingress"]}""");
            Assert.Equal(ConnectOutcome.TimedOut, Connect());
        }

        var client = Client().Identity.Id;
        var verdict = Assert.Single(events.OfType<PolicyVerdictMessage>(), message => message.Endpoint == web.Id && message.RemoteIdentity == client);
        Assert.Equal((false, "none", TrafficDirection.Ingress), (verdict.IsAllowed, verdict.Match, verdict.Direction));
        Assert.Contains(", ingress, action deny, auth: disabled, match none, ", verdict.Text(isNumeric: true), StringComparison.Ordinal);
        var drop = Assert.Single(events.OfType<DropMessage>());
        Assert.Equal(("Policy denied", client, web.Id), (drop.Reason, drop.SourceIdentity, drop.DestinationEndpoint));
        Assert.Equal(["Ingress 1 ANY", "Egress 0 ANY"], Entries(web));
        Assert.Matches($"(?m)^{web.Id} +Enabled +Disabled +", await Lab.OutputAsync(NumberOf(agent), "cilium-dbg endpoint list"));
        var realized = (await Lab.JsonAsync(NumberOf(agent), $"cilium-dbg endpoint get {web.Id}"))[0]!["status"]!["policy"]!["realized"]!;
        Assert.Equal("ingress", (string)realized["policy-enabled"]!);
        Assert.Equal(1, (int)Assert.Single(realized["allowed-ingress-identities"]!.AsArray())!);
        Assert.True((long)realized["policy-revision"]! > 1);

        Lab.Store.Delete(ResourceTypes.NetworkPolicies, "default", "closed");
        await Lab.Test.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(ConnectOutcome.Connected, Connect());
        Assert.Equal(["Ingress 0 ANY", "Ingress 1 ANY", "Egress 0 ANY"], Entries(web));
    }

    [Fact]
    public async Task Peers_and_ports_are_allowed_by_label_and_number_and_follow_the_pods()
    {
        var (_, web) = Web();
        await ApplyAsync(ResourceTypes.NetworkPolicies, "web", """{"podSelector":{"matchLabels":{"app":"webpod"}},"ingress":[{"from":[{"podSelector":{"matchLabels":{"role":"client"}}}],"ports":[{"port":80},{"port":8000,"endPort":8010}]}]}""");
        Assert.Equal(ConnectOutcome.TimedOut, Connect());
        Assert.Equal(["Ingress 1 ANY", "Egress 0 ANY"], Entries(web));

        Lab.Store.Edit(ResourceTypes.Pods, "default", "curl-pod", static pod => pod.Ensure("metadata", "labels")["role"] = "client");
        await Lab.Test.AdvanceAsync(TimeSpan.FromSeconds(5));
        var client = Client().Identity.Id;
        Assert.Equal(["Ingress 1 ANY", $"Ingress {client} 8000-8007/TCP", $"Ingress {client} 8008-8009/TCP", $"Ingress {client} 80/TCP", $"Ingress {client} 8010/TCP", "Egress 0 ANY"], Entries(web));
        Assert.Equal(ConnectOutcome.Connected, Connect());
        Assert.Equal(ConnectOutcome.TimedOut, Connect(8011));

        Lab.Store.Edit(ResourceTypes.Pods, "default", "curl-pod", static pod => pod.Ensure("metadata", "labels")["role"] = "guest");
        await Lab.Test.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(ConnectOutcome.TimedOut, Connect());
    }

    [Theory]
    [InlineData("""{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"default"}}}""", ConnectOutcome.Connected)]
    [InlineData("""{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"default"}},"podSelector":{"matchLabels":{"app":"other"}}}""", ConnectOutcome.TimedOut)]
    [InlineData("""{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"kube-system"}}}""", ConnectOutcome.TimedOut)]
    [InlineData("""{"podSelector":{}}""", ConnectOutcome.Connected)]
    [InlineData("""{"ipBlock":{"cidr":"172.20.0.0/16"}}""", ConnectOutcome.TimedOut)]
    public async Task Peers_of_a_kubernetes_policy(string peer, object expected)
    {
        await ApplyAsync(ResourceTypes.NetworkPolicies, "web", $$"""{"podSelector":{"matchLabels":{"app":"webpod"} },"ingress":[{"from":[{{peer}}]}]}""");

        Assert.Equal(expected, Connect());
    }

    [Theory]
    [InlineData("""{"egress":[{}]}""", ConnectOutcome.TimedOut)]
    [InlineData("""{"egress":[]}""", ConnectOutcome.Connected)]
    [InlineData("""{"egress":[{"toEndpoints":[{"matchLabels":{"app":"webpod"}}]}]}""", ConnectOutcome.Connected)]
    [InlineData("""{"egress":[{"toEndpoints":[{"matchLabels":{"k8s:app":"webpod","k8s:io.kubernetes.pod.namespace":"kube-system"}}]}]}""", ConnectOutcome.TimedOut)]
    [InlineData("""{"egress":[{"toPorts":[{"ports":[{"port":"80","protocol":"TCP"}]}]}]}""", ConnectOutcome.Connected)]
    [InlineData("""{"egress":[{"toPorts":[{"ports":[{"port":"80","protocol":"UDP"}]}]}]}""", ConnectOutcome.TimedOut)]
    [InlineData("""{"egress":[{"toEntities":["cluster"]}]}""", ConnectOutcome.Connected)]
    [InlineData("""{"egress":[{"toEntities":["world"]}]}""", ConnectOutcome.TimedOut)]
    [InlineData("""{"egress":[{"toFQDNs":[{"matchName":"example.org"}]}]}""", ConnectOutcome.TimedOut)]
    [InlineData("""{"egressDeny":[{"toEndpoints":[{"matchLabels":{"app":"webpod"}}]}],"egress":[{"toEntities":["all"]}]}""", ConnectOutcome.TimedOut)]
    [InlineData("""{"egressDeny":[{"toEndpoints":[{"matchLabels":{"app":"webpod"}}]}],"egress":[{"toPorts":[{"ports":[{"port":"80"}]}]}]}""", ConnectOutcome.TimedOut)]
    [InlineData("""{"egressDeny":[{"toEndpoints":[{}],"toPorts":[{"ports":[{"port":"81"}]}]}],"egress":[{"toEntities":["all"]}]}""", ConnectOutcome.Connected)]
    [InlineData("""{"enableDefaultDeny":{"egress":false},"egress":[{"toEntities":["world"]}]}""", ConnectOutcome.Connected)]
    public async Task What_a_policy_of_Cilium_lets_out(string rules, object expected)
    {
        var spec = JsonNode.Parse(rules)!.AsObject();
        spec["endpointSelector"] = JsonNode.Parse("""{"matchLabels":{"app":"curl"}}""");
        await ApplyAsync(CiliumPolicies, "client", spec.ToJsonString());

        Assert.Equal(expected, Connect());
    }

    [Fact]
    public async Task A_network_in_a_policy_has_an_identity_of_its_own_while_the_policy_is_there()
    {
        var agent = Lab.Cilium.Find("k8s-ctr")!;
        await ApplyAsync(CiliumPolicies, "out", """{"endpointSelector":{"matchLabels":{"app":"curl"}},"egress":[{"toCIDRSet":[{"cidr":"10.0.0.0/8","except":["10.9.0.0/16"]}]}]}""");

        Assert.Equal([(16777217u, "cidr:10.0.0.0/8"), (16777218u, "cidr:10.9.0.0/16")], agent.Policies.Local.Select(identity => (identity.Id, identity.Labels[0])));
        Assert.Equal(16777217u, agent.IpCache.Lookup(IPAddress.Parse("10.0.2.2"))!.Identity);
        Assert.Equal(["Ingress 0 ANY", "Ingress 1 ANY", "Egress 16777217 ANY"], Entries(Client()));
        Assert.Contains("16777218", await Lab.OutputAsync(0, "cilium-dbg identity list"), StringComparison.Ordinal);

        Lab.Store.Delete(CiliumPolicies, "default", "out");
        await Lab.Test.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Empty(agent.Policies.Local);
        Assert.Equal(SecurityIdentity.World, agent.IpCache.Lookup(IPAddress.Parse("10.0.2.2"))!.Identity);
    }

    [Fact]
    public async Task In_audit_mode_what_is_denied_passes_and_is_told()
    {
        var agent = Lab.Cilium.Find("k8s-ctr")!;
        Lab.Store.Edit(ResourceTypes.ConfigMaps, "kube-system", "cilium-config", static map => map.Ensure("data")["policy-audit-mode"] = "true");
        await ApplyAsync(CiliumPolicies, "client", """{"endpointSelector":{"matchLabels":{"app":"curl"}},"egress":[{}]}""");
        agent.Stop();
        agent.Start();
        var events = new List<MonitorMessage>();
        using (agent.Monitor.Listen(events.Add))
            Assert.Equal(ConnectOutcome.Connected, Connect());

        Assert.Contains(events.OfType<PolicyVerdictMessage>(), static message => message.Text(isNumeric: true).Contains("egress, action audit, auth: disabled, match none", StringComparison.Ordinal));
        Assert.Empty(events.OfType<DropMessage>());
        Assert.Matches($"(?m)^{Client().Id} +Disabled +Disabled \\(Audit\\) +", await Lab.OutputAsync(0, "cilium-dbg endpoint list"));
    }

    [Fact]
    public async Task A_policy_of_the_whole_cluster_holds_for_pods_to_come_and_leaves_the_names_of_ports_to_them()
    {
        var type = CustomResources.Find(Lab.Store, "ciliumclusterwidenetworkpolicies")!;
        Lab.Store.Create(type, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "web" },
            ["spec"] = JsonNode.Parse("""{"endpointSelector":{"matchLabels":{"k8s:app":"named"}},"ingress":[{"fromEntities":["cluster"],"toPorts":[{"ports":[{"port":"http","protocol":"TCP"}]}]}]}"""),
        });
        Lab.Store.Create(ResourceTypes.Pods, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "named", ["namespace"] = "default", ["labels"] = new JsonObject { ["app"] = "named" } },
            ["spec"] = JsonNode.Parse("""{"nodeName":"k8s-w1","containers":[{"name":"web","image":"traefik/whoami","ports":[{"name":"http","containerPort":80}]}]}"""),
        });
        await Lab.Test.AdvanceAsync(TimeSpan.FromSeconds(60));

        var made = Lab.Cilium.Find("k8s-w1")!.Endpoints.Find("default", "named")!;
        Assert.Contains($"Ingress {Client().Identity.Id} 80/TCP", Entries(made));
        Assert.Equal((ConnectOutcome.Connected, ConnectOutcome.TimedOut), (Connect(made), Connect(made, 81)));
        Assert.Equal(["Ingress 0 ANY", "Ingress 1 ANY", "Egress 0 ANY"], Entries(Client()));
    }

    [Theory]
    [InlineData("always", ConnectOutcome.TimedOut)]
    [InlineData("never", ConnectOutcome.Connected)]
    public async Task The_agents_may_enforce_always_or_never(string mode, object expected)
    {
        Lab.Store.Edit(ResourceTypes.ConfigMaps, "kube-system", "cilium-config", map => map.Ensure("data")["enable-policy"] = mode);
        if (mode == "never")
            await ApplyAsync(ResourceTypes.NetworkPolicies, "closed", """{"podSelector":{},"policyTypes":["Ingress","Egress"]}""");
        foreach (var agent in Lab.Cilium.Agents)
        {
            agent.Stop();
            agent.Start();
        }

        Assert.Equal(expected, Connect());
    }

    [Fact]
    public async Task A_policy_that_cannot_be_read_is_left_out()
    {
        await ApplyAsync(CiliumPolicies, "odd", """{"endpointSelector":{},"egress":[{"toCIDR":["nowhere"]}]}""");

        Assert.Equal(ConnectOutcome.Connected, Connect());
    }

    private static List<string> Entries(CiliumEndpoint endpoint) => [.. endpoint.Policy.Entries.Select(static entry => $"{(entry.IsDeny ? "Deny " : "")}{entry.Direction} {entry.Identity} {entry.PortText}")];

    private async Task ApplyAsync(ResourceType type, string name, string spec)
    {
        Lab.Store.Create(type, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" }, ["spec"] = JsonNode.Parse(spec) });
        await Lab.Test.AdvanceAsync(TimeSpan.FromSeconds(2));
    }

    private CiliumEndpoint Client() => Lab.Cilium.Find("k8s-ctr")!.Endpoints.Find("default", "curl-pod")!;

    private (CiliumAgent Agent, CiliumEndpoint Endpoint) Web()
    {
        var pod = Lab.Test.Pods("default", "app=webpod")[0];
        var agent = Lab.Cilium.Find(pod.NodeName()!)!;
        return (agent, agent.Endpoints.Find("default", pod.Name)!);
    }

    private int NumberOf(CiliumAgent agent) => Lab.Test.Cluster.Nodes.ToList().IndexOf(agent.Node);

    private ConnectOutcome Connect(int port = 80) => Connect(Web().Endpoint, port);

    private ConnectOutcome Connect(CiliumEndpoint to, int port = 80) => Lab.Cilium.Packets.Connect(new ConnectRequest(Client().Network!, to.Address!, port)).Outcome;
}
