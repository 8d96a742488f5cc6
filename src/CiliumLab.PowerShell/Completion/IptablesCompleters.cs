using System.Collections;
using System.Management.Automation;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using CiliumLab.PowerShell.Nodes;

namespace CiliumLab.PowerShell.Completion;

/// <summary>Completes <c>-Table</c> with the tables that the nodes have.</summary>
public sealed class IptablesTableCompleter : NodeFactCompleter
{
    private protected override string Fact(IDictionary boundParameters) => "iptables tables";

    private protected override NodeFactSource Source(IDictionary boundParameters) =>
        static (shell, cancellationToken) => IptablesNamesAsync(shell, chain => chain.Table, cancellationToken);

    /// <summary>Something of each chain of a node, each value once.</summary>
    internal static async Task<IReadOnlyCollection<string>> IptablesNamesAsync(
        INodeShell shell, Func<IptablesChain, string?> name, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var line in IptablesCommands.ReadAsync(shell, null, listChains: true, static _ => { }, cancellationToken).ConfigureAwait(false))
        {
            if (line is IptablesChain chain && name(chain) is { } value)
                names.Add(value);
        }

        return names;
    }
}

/// <summary>Completes <c>-Chain</c> with the chains that the nodes have, in the tables that the line names.</summary>
public sealed class IptablesChainCompleter : NodeFactCompleter
{
    private protected override string Fact(IDictionary boundParameters) => $"iptables chains {string.Join(' ', Tables(boundParameters) ?? ["*"])}";

    private protected override NodeFactSource Source(IDictionary boundParameters)
    {
        var tables = Tables(boundParameters);
        return (shell, cancellationToken) => IptablesTableCompleter.IptablesNamesAsync(
            shell, chain => Wildcards.Match(tables, chain.Table) ? chain.Chain : null, cancellationToken);
    }

    private static string[]? Tables(IDictionary boundParameters) => boundParameters["Table"] switch
    {
        null => null,
        string table => [table],
        IEnumerable many => [.. many.Cast<object?>().Select(table => PSObject.AsPSObject(table).ToString())],
        var other => [other.ToString() ?? ""],
    };
}
