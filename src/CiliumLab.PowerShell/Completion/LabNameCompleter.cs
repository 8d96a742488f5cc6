using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CiliumLab.Model;
using CiliumLab.PowerShell.Labs;

namespace CiliumLab.PowerShell.Completion;

/// <summary>Completes <c>-Lab</c> with the labs known on this computer.</summary>
public sealed class LabNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return Completions.Of(RunspaceLabs.Here.Store.Names(), wordToComplete);
        }
        catch (LabException)
        {
            return [];
        }
    }
}
