using System.Buffers;
using System.Text;

namespace CiliumLab.Model;

/// <summary>
/// How iptables-save writes values. Free texts go through <c>xtables_save_string</c> (libxtables/xtables.c), which quotes
/// everything but letters, digits, <c>_</c> and <c>-</c>; string, u32 and bpf values are quoted always; others never need it.
/// </summary>
public static class IptablesQuoting
{
    private static readonly SearchValues<char> PlainCharacters =
        SearchValues.Create("_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static readonly SearchValues<char> QuotedCharacters = SearchValues.Create(" \t\"\\'");

    /// <summary>Whether iptables-save puts a blank too many behind the name, as libxt_nfacct does.</summary>
    public static bool HasWideName(string name) => name is "--nfacct-name";

    /// <summary>Whether iptables-save quotes this value of this option.</summary>
    public static bool IsQuoted(string name, ReadOnlySpan<char> value) => name switch
    {
        "--string" or "--hex-string" or "--u32" or "--bytecode" => true,
        "--comment" or "--log-prefix" or "--nflog-prefix" or "--ulog-prefix" or "--helper" or "--label" or "--path" or "--led-trigger-id" =>
            value.IsEmpty || value.ContainsAnyExcept(PlainCharacters),
        _ => value.IsEmpty || value.ContainsAny(QuotedCharacters),
    };

    /// <summary>Appends a value as iptables-save writes it: in double quotes, with <c>"</c>, <c>\</c> and <c>'</c> escaped, where it needs them.</summary>
    internal static void Append(StringBuilder line, string name, string value)
    {
        if (!IsQuoted(name, value))
        {
            line.Append(value);
            return;
        }

        // libxt_string's own print_string escapes double quotes and backslashes, and leaves apostrophes alone.
        var apostrophes = name is not ("--string" or "--hex-string");
        line.Append('"');
        foreach (var character in value)
        {
            if (character is '"' or '\\' || (character == '\'' && apostrophes))
                line.Append('\\');
            line.Append(character);
        }

        line.Append('"');
    }
}
