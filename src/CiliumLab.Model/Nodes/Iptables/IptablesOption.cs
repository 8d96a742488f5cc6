using System.Text;

namespace CiliumLab.Model;

/// <summary>What an option of a rule is for.</summary>
public enum IptablesOptionKind
{
    /// <summary>A condition: built in, such as <c>-s</c>, or a match module's, such as <c>--dport</c>.</summary>
    Match,

    /// <summary><c>-m</c>: names the match module that the options behind it belong to.</summary>
    Module,

    /// <summary><c>-j</c> or <c>-g</c>: names what happens to a packet that fits.</summary>
    Target,

    /// <summary>An option of the target, such as <c>--to-destination</c>.</summary>
    TargetOption,

    /// <summary>Neither decides nor does anything: <c>-c</c>, which <c>iptables -S -v</c> prints the counters with.</summary>
    Counters,
}

/// <summary>An option of an iptables rule with its values.</summary>
public sealed record IptablesOption
{
    /// <summary>What the option is for.</summary>
    public IptablesOptionKind Kind { get; init; }

    /// <summary>The match module or the target that the option belongs to; null for the options that every rule can have.</summary>
    public string? Module { get; init; }

    /// <summary>Whether <c>!</c> turns the condition round.</summary>
    public bool Negated
    {
        get;
        init
        {
            field = value;
            Written = null;
        }
    }

    /// <summary>The option's name with its dashes, as the text has it: <c>-s</c>, <c>--ctstate</c>.</summary>
    public required string Name
    {
        get;
        init
        {
            field = value;
            Written = null;
        }
    }

    /// <summary>The values without quotes and escapes; empty for an option that takes none.</summary>
    public IReadOnlyList<string> Values
    {
        get;
        init
        {
            field = value;
            Written = null;
        }
    }

    = [];

    /// <summary>The first value; null when there is none.</summary>
    public string? Value => Values.Count > 0 ? Values[0] : null;

    /// <summary>
    /// The option as a text had it, with the blanks before and after it; null when iptables-save writes it like that anyway.
    /// Setting a name, a value or the negation makes it null again.
    /// </summary>
    public string? Written { get; init; }

    /// <summary>The option as in a rule's line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        AppendTo(text);
        return text.ToString().Trim();
    }

    /// <summary>Appends the option to a rule's line, with the blank before it.</summary>
    internal void AppendTo(StringBuilder line)
    {
        if (Written is not null)
        {
            line.Append(Written);
            return;
        }

        line.Append(Negated ? " ! " : " ").Append(Name);
        if (IptablesQuoting.HasWideName(Name))
            line.Append(' ');
        foreach (var value in Values)
        {
            line.Append(' ');
            IptablesQuoting.Append(line, Name, value);
        }
    }
}
