using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads models.Endpoint of api/v1/models.</summary>
internal static class CiliumEndpointJson
{
    public static CiliumEndpoint? Read(JsonElement item, string? node)
    {
        if (item.Int32("id") is not { } id || item.Object("status") is not { } status || status.Text("state") is not { } state)
            return null;
        var identity = status.Object("identity");
        var relevant = status.Object("labels")?.Texts("security-relevant").ToList() ?? [];
        var outside = status.Object("external-identifiers");
        var networking = status.Object("networking");
        var policy = status.Object("policy");
        var realized = policy?.Object("realized");
        var (ingress, egress) = Enforcement(realized?.Text("policy-enabled"));
        return new CiliumEndpoint
        {
            Node = node,
            EndpointId = id,
            Namespace = outside?.Text("k8s-namespace"),
            Pod = outside?.Text("k8s-pod-name"),
            IdentityId = identity?.UInt32("id"),
            Labels = LabelDictionary.Of(relevant.Count > 0 ? relevant : identity?.Texts("labels") ?? []),
            State = CiliumEndpointText.State(state) ?? CiliumEndpointState.Unknown,
            IngressPolicy = ingress,
            EgressPolicy = egress,
            IPv4 = Address(networking, "ipv4", AddressFamily.InterNetwork),
            IPv6 = Address(networking, "ipv6", AddressFamily.InterNetworkV6),
            Interface = networking?.Text("interface-name"),
            InterfaceIndex = networking?.Int32("interface-index") is > 0 and var index ? index : null,
            Mac = networking?.Text("mac"),
            NodeMac = networking?.Text("host-mac"),
            ContainerId = outside?.Text("container-id"),
            Health = CiliumStatusJson.Health(status.Object("health")?.Text("overallHealth")),
            PolicyRevision = realized?.Integer("policy-revision"),
            ProxyRedirects = [.. policy?.Items("proxy-statistics").Select(Redirect).OfType<CiliumProxyRedirect>() ?? []],
            FailingControllers = CiliumStatusJson.FailingControllers(status),
        };
    }

    private static IPAddress? Address(JsonElement? networking, string family, AddressFamily kind) => networking?.Items("addressing")
        .Select(pair => CiliumValues.Address(pair.Text(family)))
        .FirstOrDefault(address => address?.AddressFamily == kind);

    // models.EndpointPolicyEnabled
    private static (PolicyEnforcement Ingress, PolicyEnforcement Egress) Enforcement(string? mode) => mode switch
    {
        "ingress" => (PolicyEnforcement.Enabled, PolicyEnforcement.Disabled),
        "egress" => (PolicyEnforcement.Disabled, PolicyEnforcement.Enabled),
        "both" => (PolicyEnforcement.Enabled, PolicyEnforcement.Enabled),
        "audit-ingress" => (PolicyEnforcement.Audit, PolicyEnforcement.Disabled),
        "audit-egress" => (PolicyEnforcement.Disabled, PolicyEnforcement.Audit),
        "audit-both" => (PolicyEnforcement.Audit, PolicyEnforcement.Audit),
        _ => (PolicyEnforcement.Disabled, PolicyEnforcement.Disabled),
    };

    private static CiliumProxyRedirect? Redirect(JsonElement item)
    {
        if (item.Int32("port") is not { } port)
            return null;
        var requests = item.Object("statistics")?.Object("requests");
        var direction = item.Text("location") == "egress" ? TrafficDirection.Egress : TrafficDirection.Ingress;
        return new CiliumProxyRedirect(direction, item.Text("protocol") ?? "", port, item.Int32("allocated-proxy-port") ?? 0)
        {
            Forwarded = requests?.Unsigned("forwarded"),
            Denied = requests?.Unsigned("denied"),
        };
    }
}
