using System.Buffers;

namespace CiliumLab.Engine.Nodes;

/// <summary>The one place where words become text that a shell reads.</summary>
public static class ShellQuoting
{
    private static readonly SearchValues<char> PlainCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%");

    /// <summary>Quotes one word for a POSIX shell, so that the shell passes it on unchanged.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && !word.AsSpan().ContainsAnyExcept(PlainCharacters)
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>Quotes words and joins them with blanks.</summary>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    /// <summary>Writes words as a PowerShell array of strings, for advice that a user can paste.</summary>
    public static string JoinForPowerShell(IEnumerable<string> words) =>
        string.Join(", ", words.Select(word => $"'{word.Replace("'", "''", StringComparison.Ordinal)}'"));
}
