using System.Text.Json;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>Tables of nftables. Each is its owner's alone and goes as a whole.</summary>
internal sealed class NftArtifacts : IArtifactGroup
{
    private readonly INodeShell _shell;
    private readonly IReadOnlyList<(string Family, string Table)> _tables;

    private NftArtifacts(INodeShell shell, CniArtifactOwner owner, IReadOnlyList<(string Family, string Table)> tables)
    {
        (_shell, _tables) = (shell, tables);
        Artifacts = [.. tables.Select(table => new CniArtifact
        {
            Node = shell.Node, Owner = owner, Kind = CniArtifactKind.NftTable, Name = table.Table, Detail = $"nft table {table.Family} {table.Table}",
        })];
    }

    /// <inheritdoc/>
    public IReadOnlyList<CniArtifact> Artifacts { get; }

    /// <summary>Looks at the tables' names.</summary>
    public static IEnumerable<IArtifactGroup> Find(INodeShell shell, CniArtifactOwner owner, NodeKernelState state)
    {
        var tables = state.NftTables.Where(table => ArtifactNames.OfNftTable(table.Family, table.Table) == owner).ToList();
        return tables.Count == 0 ? [] : [new NftArtifacts(shell, owner, tables)];
    }

    /// <summary>The tables that the node has; none when it has no nft.</summary>
    public static async Task<IReadOnlyList<(string Family, string Table)>> TablesAsync(INodeShell shell, CancellationToken cancellationToken)
    {
        var list = NodeCommand.AsRoot("nft", "-j", "list", "tables");
        var result = await shell.RunAsync(list, cancellationToken).ConfigureAwait(false);
        if (NodeShellCommands.IsProgramMissing(result) || (result.ExitCode != 0 && result.Error.Contains("not supported", StringComparison.Ordinal)))
            return [];
        if (result.ExitCode != 0)
            throw NodeShellCommands.Failure(result, list);
        try
        {
            using var document = JsonDocument.Parse(result.Output);
            return [.. document.RootElement.Items("nftables").Select(item => item.Object("table")).OfType<JsonElement>()
                .Select(table => (table.Text("family") ?? "", table.Text("name") ?? ""))];
        }
        catch (JsonException error)
        {
            throw new LabException(
                "OutputNotUnderstood", LabErrorKind.InvalidData, $"What 'nft -j list tables' prints on node '{shell.Node}' is not JSON: {error.Message}", shell.Node,
                $"See it with: Invoke-NodeCommand -Node {shell.Node} -Sudo -Command nft, '-j', list, tables", error);
        }
    }

    /// <inheritdoc/>
    public async Task BackUpAsync(ArtifactBackup backup, CancellationToken cancellationToken)
    {
        foreach (var (family, table) in _tables)
            await backup.WriteOutputAsync($"{family}-{table}.nft", NodeCommand.AsRoot("nft", "list", "table", family, table), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(Func<CniArtifact, ValueTask> removed, CancellationToken cancellationToken)
    {
        foreach (var ((family, table), artifact) in _tables.Zip(Artifacts))
        {
            await ArtifactCommands.RunAsync(_shell, NodeCommand.AsRoot("nft", "delete", "table", family, table), "No such file", cancellationToken).ConfigureAwait(false);
            await removed(artifact).ConfigureAwait(false);
        }
    }
}
