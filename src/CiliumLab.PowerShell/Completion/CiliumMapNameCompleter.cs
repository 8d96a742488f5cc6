using System.Collections;
using CiliumLab.Engine.Bpf;

namespace CiliumLab.PowerShell.Completion;

/// <summary>Completes with the names of the maps that the agents of the chosen nodes have.</summary>
public sealed class CiliumMapNameCompleter : NodeFactCompleter
{
    private protected override string Fact(IDictionary boundParameters) => "cilium maps";

    private protected override NodeFactSource Source(IDictionary boundParameters)
    {
        var agents = OpenLab(boundParameters)!.Agents;
        return async (shell, cancellationToken) =>
            [.. (await CiliumMaps.NamesAsync(agents, shell.Node, LinkNames.Ignore, cancellationToken).ConfigureAwait(false)).Select(map => map.MapName)];
    }
}
