using System.Text.Json;
using CiliumLab.Model;
using CiliumLab.Tests.Cilium;
using CiliumLab.Tests.Cmdlets;
using k8s;

namespace CiliumLab.Tests.Tracing;

/// <summary>Traces where a network policy denies, each held against a packet that is really sent, and against what the monitor tells.</summary>
public sealed class PodPathPolicyTests(CiliumLabFixture lab) : IClassFixture<CiliumLabFixture>
{
    [Fact]
    public async Task A_policy_that_lets_nobody_in_stops_the_path_at_the_pod()
    {
        await WithAsync(
            """{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"closed"},"spec":{"podSelector":{"matchLabels":{"app":"webpod"}},"policyTypes":["Ingress"]}}""",
            "IngressPolicy",
            () =>
            {
                var path = Trace();
                Assert.Equal((false, PathHopKind.IngressPolicy, true), (path.Reachable, path.Break!.Kind, path.Verification!.Agrees));
                Assert.Matches(@"^policy denies: no ingress rule of endpoint \d+ \(default/webpod-\S+\) allows identity \d+$", path.Reason);
                Assert.Contains($"Invoke-CiliumCommand -Node {path.DestinationNode} endpoint, get, ", path.Remedy, StringComparison.Ordinal);

                var drop = Watched("Watch-CiliumMonitor -Type Drop -Count 1 -Duration 30");
                Assert.Equal(("Policy denied", 80, path.Source, path.DestinationNode), (drop.DropReason, drop.DestinationPort, drop.SourceAddress, drop.Node));
            });
    }

    [Fact]
    public async Task A_rule_that_denies_the_way_out_stops_the_path_at_its_beginning()
    {
        await WithAsync(
            """
            {"apiVersion":"cilium.io/v2","kind":"CiliumNetworkPolicy","metadata":{"name":"no-web"},"spec":{"endpointSelector":{"matchLabels":{"app":"curl"}},
             "egress":[{"toEntities":["all"]}],"egressDeny":[{"toEndpoints":[{"matchLabels":{"app":"webpod"}}]}]}}
            """,
            "EgressPolicy",
            () =>
            {
                var path = Trace();
                Assert.Equal((false, PathHopKind.EgressPolicy, "k8s-ctr", true), (path.Reachable, path.Break!.Kind, path.Break.Node, path.Verification!.Agrees));
                Assert.Matches(@"^policy denies: an egress rule of endpoint \d+ \(default/curl-pod\) denies identity \d+$", path.Reason);
                Assert.Contains(lab.Records<BpfPolicyEntry>("Get-LabPod curl-pod | Get-CiliumEndpoint | Get-CiliumBpfPolicy"), entry => entry.Verdict == BpfPolicyVerdict.Deny && entry.Labels.GetValueOrDefault("k8s:app") == "webpod");
            });
    }

    [Fact]
    public async Task A_rule_that_fits_lets_the_path_through_and_is_its_evidence()
    {
        await WithAsync(
            """
            {"apiVersion":"cilium.io/v2","kind":"CiliumNetworkPolicy","metadata":{"name":"web"},"spec":{"endpointSelector":{"matchLabels":{"app":"webpod"}},
             "ingress":[{"fromEndpoints":[{"matchLabels":{"app":"curl"}}],"toPorts":[{"ports":[{"port":"80","protocol":"TCP"}]}]}]}}
            """,
            "IngressPolicy",
            () =>
            {
                var path = Trace();
                Assert.True(path is { Reachable: true, Verification.Agrees: true }, $"{path.Break} {path.Verification}");
                Assert.Contains("80/TCP", path.Hops.Single(hop => hop.Kind == PathHopKind.IngressPolicy).Evidence[^1].Fact, StringComparison.Ordinal);
            });
    }

    // What one prompt watches while another one asks in vain.
    private MonitorEvent Watched(string script)
    {
        using var other = new Prompt();
        other.Get("Connect-LabCluster $args[0]", lab.Name);
        var watching = Task.Run(() => other.Get(script));
        while (!watching.IsCompleted)
            lab.Prompt.Get("Test-PodConnectivity $web -Timeout 1");
        return (MonitorEvent)Assert.Single(watching.GetAwaiter().GetResult()).BaseObject;
    }

    private PodPath Trace() => (PodPath)Assert.Single(lab.Prompt.Get("$global:web = (Get-LabPod webpod*)[0]; Trace-PodPath $web -Verify -Timeout 2")).BaseObject;

    private async Task WithAsync(string policy, string property, Action check)
    {
        using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile((string)lab.Prompt.Get("(Get-LabCluster $args[0]).KubeConfig", lab.Name)[0].BaseObject));
        var json = JsonSerializer.Deserialize<JsonElement>(policy);
        var name = json.GetProperty("metadata").GetProperty("name").GetString();
        var (group, version) = json.GetProperty("apiVersion").GetString()!.Split('/') is [var first, var second] ? (first, second) : throw new InvalidOperationException();
        var plural = json.GetProperty("kind").GetString()!.ToLowerInvariant()[..^1] + "ies";
        _ = await client.CustomObjects.CreateNamespacedCustomObjectAsync(json, group, version, "default", plural, cancellationToken: TestContext.Current.CancellationToken);
        try
        {
            Await(property, PolicyEnforcement.Enabled);
            check();
        }
        finally
        {
            _ = await client.CustomObjects.DeleteNamespacedCustomObjectAsync(group, version, "default", plural, name, cancellationToken: CancellationToken.None);
            Await(property, PolicyEnforcement.Disabled);
        }
    }

    // The agents hear of it when they hear of it.
    private void Await(string property, PolicyEnforcement wanted) =>
        lab.Prompt.Get($"Invoke-LabStep Policy {{ }} -Until {{ @(Get-CiliumEndpoint -Namespace default | Where-Object Pod | Where-Object {property} -eq {wanted}).Count -{(wanted == PolicyEnforcement.Enabled ? "ge 1" : "eq 3")} }}");
}
