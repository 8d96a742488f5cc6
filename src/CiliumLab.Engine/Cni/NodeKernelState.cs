using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>What is in a node's kernel and can be somebody's leftovers, read once for all owners.</summary>
/// <param name="Iptables">The rules of every back end and family that the node has a program for.</param>
/// <param name="NftTables">The tables of nftables; empty when the node has no nft.</param>
/// <param name="IpSets">The names of ipset's sets; empty when the node has no ipset.</param>
/// <param name="Links">The links with their addresses.</param>
/// <param name="Routes">The routes of all tables.</param>
internal sealed record NodeKernelState(
    IReadOnlyList<(IptablesBackend Backend, IptablesRuleset Rules)> Iptables,
    IReadOnlyList<(string Family, string Table)> NftTables,
    IReadOnlyList<string> IpSets,
    IReadOnlyList<NodeInterface> Links,
    IReadOnlyList<NodeRoute> Routes)
{
    /// <summary>Asks the node.</summary>
    public static async Task<NodeKernelState> ReadAsync(INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        new(
            await IptablesBackend.ReadAllAsync(shell, warn, cancellationToken).ConfigureAwait(false),
            await NftArtifacts.TablesAsync(shell, cancellationToken).ConfigureAwait(false),
            await IpSetArtifacts.SetsAsync(shell, cancellationToken).ConfigureAwait(false),
            await NodeLinks.InterfacesAsync(shell, warn, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false),
            await NodeLinks.RoutesAsync(shell, warn, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false));
}
