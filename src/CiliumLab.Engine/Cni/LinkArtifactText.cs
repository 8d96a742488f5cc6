using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>Describes links, routes and neighbours as artifacts.</summary>
/// <param name="node">The node.</param>
/// <param name="owner">Whose they are.</param>
internal sealed class LinkArtifactText(string node, CniArtifactOwner owner)
{
    public CniArtifact Link(NodeInterface link)
    {
        var vxlan = link.Vxlan is { Vni: { } vni, Port: { } port } ? $", VNI {vni}, UDP port {port}" : "";
        var addresses = link.Addresses.Count > 0 ? $", {string.Join(' ', link.Addresses)}" : "";
        return Artifact(CniArtifactKind.Link, link.Name, $"{link.Kind}{vxlan}{addresses}");
    }

    public CniArtifact Orphan(NodeInterface link, string peer) => Artifact(CniArtifactKind.Link, link.Name, $"veth, nothing runs in {peer} any more");

    public CniArtifact Route(NodeRoute route) =>
        Artifact(CniArtifactKind.Route, $"{route.Destination}", route.Gateway is { } gateway ? $"via {gateway} dev {route.Interface}" : $"dev {route.Interface}");

    public CniArtifact Neighbor(NodeNeighbor entry) => entry.Table == NeighborTable.Fdb
        ? Artifact(CniArtifactKind.FdbEntry, entry.Mac ?? "", $"dst {entry.Address} dev {entry.Interface}")
        : Artifact(CniArtifactKind.Neighbor, $"{entry.Address}", $"lladdr {entry.Mac} dev {entry.Interface}");

    private CniArtifact Artifact(CniArtifactKind kind, string name, string detail) =>
        new() { Node = node, Owner = owner, Kind = kind, Name = name, Detail = detail };
}
