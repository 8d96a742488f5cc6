using System.Collections;
using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>
/// Flannel's values. Each node's pods get addresses from the network that the cluster gave the node, so Flannel's network must be the
/// cluster's; and flanneld must be told the interface where the one with the default route is not the one between the nodes
/// (flannel, Documentation/troubleshooting.md, "Vagrant").
/// </summary>
internal static class FlannelPlan
{
    /// <summary>Makes it.</summary>
    /// <exception cref="LabException"><c>PodCidrMismatch</c>.</exception>
    public static CniPlan Make(CniRequest request, CniSurroundings around, string? ownInterface)
    {
        var warnings = new List<string>();
        var link = request.Interface ?? ownInterface;
        var arguments = new List<string> { "--ip-masq", "--kube-subnet-mgr" };
        if (link is not null)
            arguments.Add("--iface=" + link);
        var preset = new Hashtable { ["flannel.args"] = arguments };
        if ((request.PodCidr ?? around.Network.PodCidr) is { } network)
            preset["podCidr"] = network;
        var values = HelmValues.Read(preset).With(request.Values);
        CheckNetwork(values, around.Network.PodCidr);
        if (around.SharedAddress is { } shared)
            warnings.Add($"Nodes report the same InternalIP {shared}: give each its own with Set-NodeInternalIp eth1 (or the interface between them).");
        if (!(values.At("flannel.args") as JsonArray ?? []).Any(word => word?.ToString().StartsWith("--iface", StringComparison.Ordinal) == true))
            warnings.Add("flanneld is not told which interface is between the nodes and takes the one of the default route: if that is not it, name it with -Interface.");
        return new CniPlan(values, warnings);
    }

    private static void CheckNetwork(HelmValues values, IPNetwork? ofCluster)
    {
        var given = values.TextAt("podCidr");
        if (ofCluster is not { } cluster || given is null || NetworkTexts.Network(given) == cluster)
            return;
        throw new LabException(
            "PodCidrMismatch",
            LabErrorKind.InvalidArgument,
            $"Flannel's network {given} is not the cluster's pod network {cluster} (--cluster-cidr), from which the nodes have theirs: packets between nodes would find no way.",
            given,
            $"Leave -PodCidr out, or give {cluster}; see Get-LabClusterNetwork");
    }
}
