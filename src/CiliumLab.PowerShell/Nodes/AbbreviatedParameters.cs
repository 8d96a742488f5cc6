using System.Management.Automation;
using System.Management.Automation.Language;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>
/// PowerShell takes any unique beginning of a parameter's name for that parameter. Where a cmdlet's other words are a command of
/// their own, <c>ls -l</c> silently names a lab and <c>ip -s link</c> asks for sudo.
/// </summary>
internal static class AbbreviatedParameters
{
    /// <summary>What stands behind the first word and was taken for a parameter although its name is not written out.</summary>
    public static IEnumerable<(string Typed, string Parameter)> AmongWords(InvocationInfo invocation)
    {
        var line = Parser.ParseInput(invocation.Line, out _, out _);
        var calls = line.FindAll(node => node is CommandAst call && call.GetCommandName() == invocation.InvocationName, searchNestedScriptBlocks: true)
            .Cast<CommandAst>().ToList();
        return (calls.Find(call => call.Extent.StartColumnNumber == invocation.OffsetInLine) ?? calls.FirstOrDefault()) is { } found
            ? AmongWords(found, invocation.MyCommand.Parameters)
            : [];
    }

    private static IEnumerable<(string Typed, string Parameter)> AmongWords(CommandAst call, Dictionary<string, ParameterMetadata> parameters)
    {
        var words = false;
        for (var i = 1; i < call.CommandElements.Count; i++)
        {
            if (call.CommandElements[i] is not CommandParameterAst parameter)
            {
                words = true;
            }
            else if (parameters.TryGetValue(parameter.ParameterName, out var exact))
            {
                // The next element is its value.
                if (!exact.SwitchParameter && parameter.Argument is null)
                    i++;
            }
            else if (words && Meant(parameter.ParameterName, parameters) is { } name)
            {
                yield return (parameter.ParameterName, name);
            }
        }
    }

    private static string? Meant(string typed, Dictionary<string, ParameterMetadata> parameters)
    {
        var meant = parameters.Values
            .Where(parameter => parameter.Aliases.Prepend(parameter.Name).Any(name => name.StartsWith(typed, StringComparison.OrdinalIgnoreCase)))
            .Select(parameter => parameter.Name).ToList();
        return meant is [var only] ? only : null;
    }
}
