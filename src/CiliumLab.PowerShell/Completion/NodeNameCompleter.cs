using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CiliumLab.Model;
using CiliumLab.PowerShell.Labs;

namespace CiliumLab.PowerShell.Completion;

/// <summary>Completes <c>-Node</c> with the nodes of the lab; its description is enough, no node is asked.</summary>
public sealed class NodeNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return Completions.Of(RunspaceLabs.Here.Session(fakeBoundParameters["Lab"] as string).Nodes, wordToComplete);
        }
        catch (LabException)
        {
            return [];
        }
    }
}
