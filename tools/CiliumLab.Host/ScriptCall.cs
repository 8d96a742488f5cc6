using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace CiliumLab.Host;

/// <summary>Turns a script's name and the words after it into the statement that calls it, as <c>pwsh -File</c> understands them.</summary>
internal static partial class ScriptCall
{
    public static string Text(string file, IEnumerable<string> words) => string.Join(' ', [".", Quoted(file), .. words.Select(Word)]);

    // "-Lab", "-Lab:home" and "-Fast:$false" name parameters; everything else, negative numbers included, is a value.
    private static string Word(string word)
    {
        if (ParameterWord().Match(word) is not { Success: true } parameter)
            return Quoted(word);
        var value = parameter.Groups["value"].Value;
        return parameter.Groups["name"].Value + value.ToUpperInvariant() switch
        {
            "" => "",
            "$TRUE" or "$FALSE" => value,
            _ => Quoted(value),
        };
    }

    private static string Quoted(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    [GeneratedRegex(@"^(?<name>-[\p{L}_?][\w-]*:?)(?<value>(?<=:).+)?$", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex ParameterWord();
}
