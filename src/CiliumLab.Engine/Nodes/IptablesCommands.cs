using System.Runtime.CompilerServices;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes;

/// <summary>Asks a node for its iptables rules or chains.</summary>
public static class IptablesCommands
{
    private static readonly IptablesFamily[] Both = [IptablesFamily.IPv4, IptablesFamily.IPv6];

    /// <summary>The command that prints everything of a family with counters.</summary>
    public static NodeCommand Save(IptablesFamily family) =>
        NodeCommand.AsRoot(family == IptablesFamily.IPv6 ? "ip6tables-save" : "iptables-save", "-c");

    /// <summary>Reads rules or chains, each as soon as it is known.</summary>
    /// <param name="shell">The node.</param>
    /// <param name="families">
    /// The families asked for. Null means what there is: a node that has iptables and no ip6tables answers without an error.
    /// </param>
    /// <param name="listChains">Chains instead of rules.</param>
    /// <param name="warn">Is told of lines that were not understood.</param>
    /// <param name="cancellationToken">Signals the remote command.</param>
    /// <exception cref="LabException">A command failed; what the others said has been returned before.</exception>
    public static async IAsyncEnumerable<IptablesLine> ReadAsync(
        INodeShell shell,
        IReadOnlyCollection<IptablesFamily>? families,
        bool listChains,
        Action<TextWarning> warn,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        LabException? failure = null;
        foreach (var family in Both.Where(family => families is null || families.Contains(family)))
        {
            IAsyncEnumerable<IptablesLine> lines = shell.ParseOutputAsync<IptablesLine>(
                Save(family),
                text => listChains
                    ? IptablesText.ParseChains(text, shell.Node, warn, family)
                    : IptablesText.Parse(text, shell.Node, warn, family, null),
                cancellationToken);
            await using var answers = lines.GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await answers.MoveNextAsync().ConfigureAwait(false))
                        break;
                }
                catch (LabException error) when (error.Kind != LabErrorKind.ConnectionError)
                {
                    // A node without ip6tables is a node without its rules, unless somebody asked for them by name.
                    if (families is not null || family == IptablesFamily.IPv4 || failure is not null || !IsMissing(error))
                        failure ??= error;
                    break;
                }

                yield return answers.Current;
            }
        }

        if (failure is not null)
            throw failure;
    }

    // sudo answers for a program that is not there, and with an exit code of its own.
    private static bool IsMissing(LabException error) =>
        error.Kind == LabErrorKind.NotInstalled || error.Message.Contains("command not found", StringComparison.Ordinal);
}
