using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Labels that decide together what may be reached, and their number in the cluster.</summary>
/// <param name="Id">The number.</param>
/// <param name="Labels">Labels as <c>source:key=value</c>, sorted.</param>
internal sealed record SecurityIdentity(uint Id, ImmutableArray<string> Labels)
{
    public const uint Unknown = 0;
    public const uint Host = 1;
    public const uint World = 2;
    public const uint Health = 4;
    public const uint RemoteNode = 6;
    public const uint KubeApiServer = 7;
    public const uint FirstOfCluster = 256;
    public const uint LastOfCluster = 65535;

    private static readonly string[] ReservedNames =
        ["unknown", "host", "world", "unmanaged", "health", "init", "remote-node", "kube-apiserver", "ingress", "world-ipv4", "world-ipv6"];

    /// <summary>The identities that every cluster has, without <c>unknown</c>.</summary>
    public static ImmutableArray<SecurityIdentity> Reserved { get; } = [.. Enumerable.Range(1, ReservedNames.Length - 1).Select(id => OfReserved((uint)id))];

    /// <summary>The hash that the API shows: SHA-256 of the sorted list.</summary>
    public string LabelsHash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(Labels.Select(static label => label + ";")))));

    /// <summary>A reserved identity.</summary>
    public static SecurityIdentity OfReserved(uint id) => new(id, id == KubeApiServer ? ["reserved:kube-apiserver", "reserved:remote-node"] : ["reserved:" + ReservedNames[id]]);

    /// <inheritdoc/>
    public override string ToString() => $"{Id} ({string.Join(',', Labels)})";
}
