using System.Globalization;

namespace CiliumLab.Engine.Text;

/// <summary>
/// A line of <c>vagrant --machine-readable</c>: a time, a machine's name or nothing, a type, and data
/// (MachineReadable in lib/vagrant/ui.rb). Commas in data are written as <c>%!(VAGRANT_COMMA)</c>, line ends as <c>\n</c> and <c>\r</c>.
/// </summary>
/// <param name="Target">The machine; empty when the line is about all of them.</param>
/// <param name="Type">What sort of line it is: <c>ui</c>, <c>state</c>, <c>action</c>, <c>error-exit</c>, ...</param>
/// <param name="Data">The data.</param>
public sealed record VagrantLine(string Target, string Type, IReadOnlyList<string> Data)
{
    /// <summary>Reads a line; null when it is not of this form.</summary>
    public static VagrantLine? Parse(string line)
    {
        var words = line.Split(',');
        return words.Length >= 3 && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? new VagrantLine(words[1], words[2], [.. words.Skip(3).Select(Plain)])
            : null;
    }

    /// <summary>A line that only a person reads: its kind (<c>info</c>, <c>output</c>, <c>detail</c>, <c>warn</c>, <c>error</c>) and text.</summary>
    public (string Kind, string Text)? Said => Type == "ui" && Data.Count >= 2 ? (Data[0], Data[1]) : null;

    private static string Plain(string data) => data
        .Replace("%!(VAGRANT_COMMA)", ",", StringComparison.Ordinal)
        .Replace("\\n", "\n", StringComparison.Ordinal)
        .Replace("\\r", "\r", StringComparison.Ordinal);
}
