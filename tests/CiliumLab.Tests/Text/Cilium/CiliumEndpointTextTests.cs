using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text.Cilium;

public sealed class CiliumEndpointTextTests
{
    [Fact]
    public void Reads_the_control_plane_of_the_lab()
    {
        var endpoints = CiliumEndpointText.Parse(Fixture.Open("transcript/160-c0-endpoint-list.txt"), "k8s-ctr", Unexpected.Warning).ToList();

        Assert.Equal([977, 1827, 1912, 3021], endpoints.Select(endpoint => endpoint.EndpointId));
        Assert.Equal(("k8s-ctr", 4u, "health", CiliumEndpointState.Ready), (endpoints[0].Node, endpoints[0].IdentityId, endpoints[0].Identity, endpoints[0].State));
        Assert.Equal(IPAddress.Parse("172.20.0.117"), endpoints[0].IPv4);
        var curl = endpoints[1];
        Assert.Equal((13136u, "13136", "default"), (curl.IdentityId, curl.Identity, curl.Namespace));
        Assert.Equal(5, curl.Labels.Count);
        Assert.Equal(("curl", "curl"), (curl.Labels["k8s:app"], curl.Labels["app"]));
        Assert.StartsWith("k8s:app=curl k8s:io.cilium.", curl.Labels.ToString(), StringComparison.Ordinal);
        Assert.Equal((null, "host", 3), (endpoints[2].IPv4, endpoints[2].Identity, endpoints[2].Labels.Count));
        Assert.Equal("kube-dns", endpoints[3].Labels["k8s-app"]);
        Assert.All(endpoints, endpoint => Assert.Equal((PolicyEnforcement.Disabled, PolicyEnforcement.Disabled), (endpoint.IngressPolicy, endpoint.EgressPolicy)));
    }

    [Theory]
    [InlineData("130-kubectl-exec-it-n-kube-system-ds-cilium-c-cilium.txt", 4)]
    [InlineData("148-kubectl-exec-it-n-kube-system-ds-cilium-c-cilium.txt", 1)]
    [InlineData("161-c1-endpoint-list.txt", 3)]
    [InlineData("162-c2-endpoint-list.txt", 4)]
    public void Reads_the_other_lists_of_the_lab(string file, int count)
    {
        var endpoints = CiliumEndpointText.Parse(Fixture.Open($"transcript/{file}"), null, Unexpected.Warning).ToList();

        Assert.Equal(count, endpoints.Count);
        Assert.Contains(endpoints, endpoint => endpoint.Identity == "health");
        Assert.All(endpoints.Where(endpoint => endpoint.Labels.ContainsKey("app")), endpoint => Assert.Equal("default", endpoint.Namespace));
    }

    [Fact]
    public void Reads_audit_mode_IPv6_and_endpoints_that_are_not_ready_between_remarks_of_kubectl()
    {
        var endpoints = CiliumEndpointText.Parse(Fixture.Open("cilium/endpoint-list-1.14.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal([232, 671, 901, 1402, 3362], endpoints.Select(endpoint => endpoint.EndpointId));
        Assert.Equal((PolicyEnforcement.Audit, PolicyEnforcement.Disabled), (endpoints[0].IngressPolicy, endpoints[0].EgressPolicy));
        Assert.Equal((IPAddress.Parse("fd02::1a"), IPAddress.Parse("10.29.50.40")), (endpoints[0].IPv6, endpoints[0].IPv4));
        Assert.Equal((PolicyEnforcement.Enabled, PolicyEnforcement.Enabled), (endpoints[1].IngressPolicy, endpoints[1].EgressPolicy));
        Assert.Equal((CiliumEndpointState.WaitingForIdentity, null, 0), (endpoints[2].State, endpoints[2].IdentityId, endpoints[2].Labels.Count));
        Assert.Equal((CiliumEndpointState.Regenerating, IPAddress.Parse("fd02::1b"), null), (endpoints[3].State, endpoints[3].IPv6, endpoints[3].IPv4));
        Assert.Equal("host", endpoints[4].Identity);
    }

    [Fact]
    public void Reads_json_with_proxies_controllers_and_pods()
    {
        var endpoint = Assert.Single(CiliumEndpointText.Parse(Fixture.Open("cilium/endpoint-list-1.16.json"), "w1", Unexpected.Warning));

        Assert.Equal((1126, "default", "webpod-697b545f57-7j5vt", 8254u), (endpoint.EndpointId, endpoint.Namespace, endpoint.Pod, endpoint.IdentityId));
        Assert.Equal((PolicyEnforcement.Audit, PolicyEnforcement.Audit), (endpoint.IngressPolicy, endpoint.EgressPolicy));
        Assert.Equal((IPAddress.Parse("172.20.2.124"), IPAddress.Parse("fd02::2c")), (endpoint.IPv4, endpoint.IPv6));
        Assert.Equal(("lxcd268a7119386", 12, "42:9f:f3:4e:0e:9f", "e6:d8:89:f3:57:c0"), (endpoint.Interface, endpoint.InterfaceIndex, endpoint.Mac, endpoint.NodeMac));
        Assert.Equal((CiliumHealthState.Warning, 7L), (endpoint.Health, endpoint.PolicyRevision));
        Assert.Equal(new CiliumProxyRedirect(TrafficDirection.Ingress, "http", 80, 10101) { Forwarded = 12, Denied = 3 }, Assert.Single(endpoint.ProxyRedirects));
        var failure = Assert.Single(endpoint.FailingControllers);
        Assert.Equal(("sync-to-k8s-ciliumendpoint (1126)", 4L, "etcdserver: request timed out"), (failure.Name, failure.Failures, failure.Message));
    }

    [Fact]
    public void An_agent_that_is_down_is_an_error_that_quotes_it()
    {
        const string Down = "Error: Cannot get endpoints: Get \"http://localhost/v1/endpoint\": dial unix /var/run/cilium/cilium.sock: connect: no such file or directory\nIs the agent running?\n";

        var error = Assert.Throws<LabException>(() => CiliumEndpointText.Parse(new StringReader(Down), null, Unexpected.Warning).ToList());

        Assert.Contains("Cannot get endpoints", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_is_not_understood_is_a_warning_with_its_number()
    {
        var lines = Fixture.Read("transcript/160-c0-endpoint-list.txt").Split('\n').ToList();
        lines.Insert(3, "Segmentation fault");
        lines.Insert(5, "E0717 22:11:58.172602   44099 websocket.go:297] Unknown stream id 1, discarding message");
        var warnings = new List<TextWarning>();

        var endpoints = CiliumEndpointText.Parse(new StringReader(string.Join('\n', lines)), null, warnings.Add).ToList();

        Assert.Equal([4, 6], warnings.Select(warning => warning.Line).Order());
        Assert.Equal(4, endpoints.Count);
        Assert.Equal(5, endpoints[1].Labels.Count);
    }
}
