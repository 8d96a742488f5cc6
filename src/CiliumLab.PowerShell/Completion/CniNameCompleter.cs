using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Completion;

/// <summary>Offers the CNIs that this module installs.</summary>
public sealed class CniNameCompleter : IArgumentCompleter
{
    private static readonly string[] Names = [nameof(CniKind.Flannel), nameof(CniKind.Cilium)];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(Names, wordToComplete);
}
