using System.Collections;
using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>Cilium's values, and what is likely to be wrong with them (github.com/cilium/cilium issues 18670, 23872, 35440, 38991).</summary>
internal static class CiliumPlan
{
    private const string Pool = "ipam.operator.clusterPoolIPv4PodCIDRList";
    private const string NativeRouting = "ipv4NativeRoutingCIDR";

    private static readonly IPNetwork LabPool = IPNetwork.Parse("172.20.0.0/16");

    /// <summary>Makes it.</summary>
    public static CniPlan Make(CniRequest request, CniSurroundings around)
    {
        var values = HelmValues.Read(Preset(request, around.Network)).With(request.Values);
        return new CniPlan(values, [.. Warnings(values, around)]);
    }

    private static Hashtable Preset(CniRequest request, ClusterNetwork network)
    {
        var preset = new Hashtable();
        if (request.PodCidr is { } given)
            preset[Pool] = new[] { given };
        if (request.Interface is { } link)
            preset["devices"] = new[] { link };
        if (request.Preset == CniPreset.ChartDefaults)
            return preset;
        var pool = request.PodCidr ?? LabPool;
        // Without kube-proxy an agent cannot reach the API at its ClusterIP before it serves that itself.
        if (network.ApiEndpoint is { } api)
            (preset["k8sServiceHost"], preset["k8sServicePort"]) = (api.Address, api.Port);
        preset["kubeProxyReplacement"] = true;
        preset["routingMode"] = "native";
        preset["autoDirectNodeRoutes"] = true;
        preset["ipam.mode"] = "cluster-pool";
        preset[Pool] = new[] { pool };
        preset[NativeRouting] = pool;
        preset["endpointRoutes.enabled"] = true;
        preset["installNoConntrackIptablesRules"] = true;
        preset["bpf.masquerade"] = true;
        preset["ipv6.enabled"] = false;
        return preset;
    }

    private static IEnumerable<string> Warnings(HelmValues values, CniSurroundings around)
    {
        var network = around.Network;
        var pools = Pools(values).ToList();
        foreach (var pool in pools)
        {
            foreach (var (node, address) in around.InternalIps.Where(node => pool.Contains(node.Value)).Take(1))
                yield return $"The pool {pool} contains node '{node}' ({address}): pods would get addresses of machines. Choose another with -PodCidr.";
            if (network.ServiceCidr is { } services && (pool.Contains(services.BaseAddress) || services.Contains(pool.BaseAddress)))
                yield return $"The pool {pool} overlaps the services' network {services}: choose another with -PodCidr.";
        }

        if (values.At("ipam.operator.clusterPoolIPv4PodCIDR") is not null)
            yield return $"ipam.operator.clusterPoolIPv4PodCIDR is not read by this chart; the key is {Pool}, and it takes a list.";
        if (values.TextAt("routingMode") == "native" && Uncovered(values, pools) is { } uncovered)
            yield return $"{NativeRouting} {values.TextAt(NativeRouting) ?? "(none)"} does not cover the pool {uncovered}: packets to those pods would be masqueraded. It says what is routed natively, not where addresses come from.";
        if (ReplacesKubeProxy(values))
        {
            if (network.KubeProxy)
                yield return "kube-proxy is still there, and its rules would stand beside Cilium's services: take it away with Remove-KubeProxy.";
            if (string.IsNullOrEmpty(values.TextAt("k8sServiceHost")))
                yield return "Without kube-proxy agents need the API server's own address: give k8sServiceHost and k8sServicePort in -Value. Without it they may run until the next reboot.";
        }

        if (around.SharedAddress is { } shared)
            yield return $"Nodes report the same InternalIP {shared}: give each its own with Set-NodeInternalIp first; Cilium's status would look fine, and nothing between nodes would work.";
    }

    private static bool ReplacesKubeProxy(HelmValues values) => values.TextAt("kubeProxyReplacement") is "true" or "strict";

    // In the other modes the pool is not Cilium's to give.
    private static IEnumerable<IPNetwork> Pools(HelmValues values) =>
        values.TextAt("ipam.mode") is null or "cluster-pool"
            ? NetworkTexts.Networks(values.At(Pool) switch
            {
                JsonArray list => list.Select(item => item?.ToString()),
                JsonValue one => one.ToString().Split([' ', ','], StringSplitOptions.RemoveEmptyEntries),
                _ => [],
            })
            : [];

    private static IPNetwork? Uncovered(HelmValues values, IReadOnlyList<IPNetwork> pools)
    {
        var native = NetworkTexts.Network(values.TextAt(NativeRouting));
        foreach (var pool in pools)
        {
            if (native is not { } covered || covered.PrefixLength > pool.PrefixLength || !covered.Contains(pool.BaseAddress))
                return pool;
        }

        return null;
    }
}
