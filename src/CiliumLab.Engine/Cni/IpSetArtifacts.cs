using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>Sets of ipset, which kube-proxy's rules look into in IPVS mode. They can go when the rules are gone.</summary>
internal sealed class IpSetArtifacts : IArtifactGroup
{
    private readonly INodeShell _shell;

    private IpSetArtifacts(INodeShell shell, CniArtifactOwner owner, IEnumerable<string> sets)
    {
        _shell = shell;
        Artifacts = [.. sets.Select(set => new CniArtifact { Node = shell.Node, Owner = owner, Kind = CniArtifactKind.IpSet, Name = set, Detail = "ipset" })];
    }

    /// <inheritdoc/>
    public IReadOnlyList<CniArtifact> Artifacts { get; }

    /// <summary>Looks at the sets' names.</summary>
    public static IEnumerable<IArtifactGroup> Find(INodeShell shell, CniArtifactOwner owner, NodeKernelState state)
    {
        var sets = state.IpSets.Where(set => ArtifactNames.OfIpSet(set) == owner).ToList();
        return sets.Count == 0 ? [] : [new IpSetArtifacts(shell, owner, sets)];
    }

    /// <summary>The names of the sets that the node has; none when it has no ipset.</summary>
    public static async Task<IReadOnlyList<string>> SetsAsync(INodeShell shell, CancellationToken cancellationToken)
    {
        var list = NodeCommand.AsRoot("ipset", "list", "-name");
        var result = await shell.RunAsync(list, cancellationToken).ConfigureAwait(false);
        if (NodeShellCommands.IsProgramMissing(result) || (result.ExitCode != 0 && result.Error.Contains("Cannot open session to kernel", StringComparison.Ordinal)))
            return [];
        if (result.ExitCode != 0)
            throw NodeShellCommands.Failure(result, list);
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <inheritdoc/>
    public async Task BackUpAsync(ArtifactBackup backup, CancellationToken cancellationToken)
    {
        foreach (var set in Artifacts)
            await backup.WriteOutputAsync($"{set.Name}.ipset", NodeCommand.AsRoot("ipset", "save", set.Name), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(Func<CniArtifact, ValueTask> removed, CancellationToken cancellationToken)
    {
        foreach (var set in Artifacts)
        {
            await ArtifactCommands.RunAsync(_shell, NodeCommand.AsRoot("ipset", "destroy", set.Name), "does not exist", cancellationToken).ConfigureAwait(false);
            await removed(set).ConfigureAwait(false);
        }
    }
}
