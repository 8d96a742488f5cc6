using System.Globalization;
using System.Text;

namespace CiliumLab.Simulator.Nodes.Iptables;

/// <summary>An option of a rule, in the form in which it is kept and printed.</summary>
/// <param name="Module">The match or target that it belongs to; null for what every rule can have.</param>
/// <param name="Name">Its name, such as <c>--dport</c>.</param>
/// <param name="Negated">Whether <c>!</c> stands before it.</param>
/// <param name="Values">Its values.</param>
internal sealed record RuleOption(string? Module, string Name, bool Negated, IReadOnlyList<string> Values)
{
    /// <summary>The option as iptables-save prints it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Negated ? "! " : "").Append(Name);

        // libxt_nfacct prints its name with a blank too many.
        if (Name == "--nfacct-name")
            text.Append(' ');
        foreach (var value in Values)
            text.Append(' ').Append(RuleText.Quote(Name, value));
        return text.ToString();
    }
}

/// <summary>A match with its options, in the order in which they were given.</summary>
internal sealed record RuleMatch(string Module, IReadOnlyList<RuleOption> Options)
{
    /// <summary>The match as iptables-save prints it.</summary>
    public override string ToString() => string.Concat($"-m {Module}", string.Concat(Options.Select(option => " " + option)));
}

/// <summary>A rule. What it says never changes; what it counted does.</summary>
internal sealed class Rule
{
    /// <summary>What every rule can have: <c>-s -d -i -o -p -f</c>, in that order.</summary>
    public required IReadOnlyList<RuleOption> General { get; init; }

    /// <summary>Matches in order.</summary>
    public IReadOnlyList<RuleMatch> Matches { get; init; } = [];

    /// <summary>A verdict, an extension or a chain; null for a rule that only counts.</summary>
    public string? Target { get; init; }

    /// <summary>Whether packets do not come back from the chain.</summary>
    public bool IsGoto { get; init; }

    /// <summary>The target's options.</summary>
    public IReadOnlyList<RuleOption> TargetOptions { get; init; } = [];

    /// <summary>Packets that fitted.</summary>
    public ulong Packets { get; set; }

    /// <summary>Bytes of the packets that fitted.</summary>
    public ulong Bytes { get; set; }

    /// <summary>The first comment; null for none.</summary>
    public string? Comment => Matches.FirstOrDefault(match => match.Module == "comment")?.Options[0].Values[0];

    /// <summary>What stands before the target.</summary>
    public string Conditions => string.Concat(General.Select(option => $" {option}").Concat(Matches.Select(match => $" {match}")));

    /// <summary>The target and its options.</summary>
    public string Action => Target is null ? "" : $" {(IsGoto ? "-g" : "-j")} {Target}{string.Concat(TargetOptions.Select(option => $" {option}"))}";

    /// <summary>All that the rule says, as iptables-save prints it behind the chain's name.</summary>
    public string Specification => Conditions + Action;

    /// <summary>A value of a general option, with <c>!</c> before it when negated; null when it has none.</summary>
    public string? GeneralValue(string name) =>
        General.FirstOrDefault(option => option.Name == name) is { } option ? (option.Negated ? "!" : "") + string.Join(' ', option.Values) : null;

    /// <summary>The same rule with another target, as when a chain got another name.</summary>
    public Rule WithTarget(string target) => new()
    {
        General = General,
        Matches = Matches,
        Target = target,
        IsGoto = IsGoto,
        TargetOptions = TargetOptions,
        Packets = Packets,
        Bytes = Bytes,
    };

    /// <inheritdoc/>
    public override string ToString() => Specification;
}

/// <summary>How iptables-save writes words.</summary>
internal static class RuleText
{
    private static readonly string[] FreeTexts = ["--comment", "--log-prefix", "--nflog-prefix", "--helper", "--label", "--path"];

    /// <summary>A value with the quotes and escapes that it needs.</summary>
    public static string Quote(string option, string value)
    {
        var quoted = option switch
        {
            "--string" or "--hex-string" or "--u32" or "--bytecode" => true,
            _ when FreeTexts.Contains(option) => value.Length == 0 || !value.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-'),
            _ => value.Length == 0 || value.AsSpan().IndexOfAny(" \t\"\\'") >= 0,
        };
        if (!quoted)
            return value;
        var text = new StringBuilder("\"");
        foreach (var letter in value)
        {
            if (letter is '"' or '\\' || (letter == '\'' && option is not ("--string" or "--hex-string")))
                text.Append('\\');
            text.Append(letter);
        }

        return text.Append('"').ToString();
    }

    /// <summary>Splits a line of iptables-restore into words.</summary>
    public static List<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (inWord, inQuotes) = (false, false);
        for (var index = 0; index < line.Length; index++)
        {
            var letter = line[index];
            if (inQuotes && letter == '\\' && index + 1 < line.Length)
            {
                word.Append(line[++index]);
            }
            else if (letter == '"')
            {
                inQuotes = !inQuotes;
                inWord = true;
            }
            else if (!inQuotes && letter is ' ' or '\t' && !inQuotes)
            {
                if (inWord)
                    words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
            else
            {
                word.Append(letter);
                inWord = true;
            }
        }

        if (inWord)
            words.Add(word.ToString());
        return words;
    }

    /// <summary>The counters before a rule.</summary>
    public static string Counters(ulong packets, ulong bytes) => string.Create(CultureInfo.InvariantCulture, $"[{packets}:{bytes}]");
}
