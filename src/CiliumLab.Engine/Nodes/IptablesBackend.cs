using System.Text;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes;

/// <summary>
/// One of the rule sets of a node. The kernel keeps those of nf_tables and those of the legacy back end apart, and so do IPv4 and
/// IPv6; the program's name says which one is meant.
/// </summary>
/// <param name="Program">The program without its <c>-save</c> or <c>-restore</c>: <c>iptables-nft</c>, <c>ip6tables-legacy</c>, or plain <c>iptables</c>.</param>
/// <param name="Family">IPv4 or IPv6.</param>
internal sealed record IptablesBackend(string Program, IptablesFamily Family)
{
    // The lock of the legacy back end; kube-proxy and kubelet hold it for some seconds on large clusters.
    private const string Wait = "--wait=30";

    /// <summary>The rule sets that a node can have, as far as it has the programs for them.</summary>
    public static async Task<IReadOnlyList<(IptablesBackend Backend, IptablesRuleset Rules)>> ReadAllAsync(
        INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        var found = new List<(IptablesBackend, IptablesRuleset)>();
        foreach (var (name, family) in new[] { ("iptables", IptablesFamily.IPv4), ("ip6tables", IptablesFamily.IPv6) })
        {
            var before = found.Count;
            foreach (var backend in (IptablesBackend[])[new($"{name}-nft", family), new($"{name}-legacy", family)])
            {
                if (await backend.TryReadAsync(shell, warn, cancellationToken).ConfigureAwait(false) is { } rules)
                    found.Add((backend, rules));
            }

            // Before 1.8, and where a distribution ships only one of the two, there is only the plain name.
            var plain = new IptablesBackend(name, family);
            if (found.Count == before && await plain.TryReadAsync(shell, warn, cancellationToken).ConfigureAwait(false) is { } only)
                found.Add((plain, only));
        }

        return found;
    }

    /// <summary>Reads the rules with their counters; null when the node has no such program.</summary>
    public async Task<IptablesRuleset?> TryReadAsync(INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        var save = NodeCommand.AsRoot($"{Program}-save", "-c");
        var result = await shell.RunAsync(save, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
            return NodeShellCommands.IsProgramMissing(result) ? null : throw NodeShellCommands.Failure(result, save);
        return IptablesText.ParseRuleset(new StringReader(result.Output), shell.Node, warn, Family);
    }

    /// <summary>The command that changes what the text says and leaves the rest alone, with its counters.</summary>
    public NodeCommand Change(string text) => Restore(text, "--noflush");

    /// <summary>The command that finds out whether <see cref="Change"/> would be accepted, and changes nothing.</summary>
    public NodeCommand Test(string text) => Restore(text, "--noflush", "--test");

    /// <summary>The command that makes a table what the text says, counters included.</summary>
    public NodeCommand Replace(string table, string text) => Restore(text, $"--table={table}");

    private NodeCommand Restore(string text, params IEnumerable<string> options) =>
        NodeCommand.AsRoot([$"{Program}-restore", Wait, "--counters", .. options]) with { Input = Encoding.UTF8.GetBytes(text) };
}
