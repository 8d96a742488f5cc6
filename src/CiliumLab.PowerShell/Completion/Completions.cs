using System.Management.Automation;

namespace CiliumLab.PowerShell.Completion;

/// <summary>Makes completion results out of names.</summary>
internal static class Completions
{
    /// <summary>The names that begin with, or fit the wildcard of, what was typed; quoted where they need it.</summary>
    public static IEnumerable<CompletionResult> Of(IEnumerable<string> names, string wordToComplete)
    {
        var typed = wordToComplete.Trim('\'', '"');
        var pattern = new WildcardPattern(typed + "*", WildcardOptions.IgnoreCase);
        return names
            .Where(pattern.IsMatch)
            .Select(name => new CompletionResult(Quoted(name), name, CompletionResultType.ParameterValue, name));
    }

    private static string Quoted(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':')
            ? name
            : $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";
}
