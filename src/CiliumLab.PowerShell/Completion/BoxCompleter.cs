using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace CiliumLab.PowerShell.Completion;

/// <summary>Completes <c>-Box</c> with boxes that the provisioning scripts fit: Ubuntu and Debian, for VirtualBox. Others can be typed.</summary>
public sealed class BoxCompleter : IArgumentCompleter
{
    private static readonly string[] Boxes = ["bento/ubuntu-24.04", "bento/ubuntu-22.04", "bento/debian-12"];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(Boxes, wordToComplete);
}
