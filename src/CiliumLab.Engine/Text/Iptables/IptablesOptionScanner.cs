using System.Net;

namespace CiliumLab.Engine.Text.Iptables;

/// <summary>Finds the options of a rule's line, one after the other, without making anything of them.</summary>
internal ref struct IptablesOptionScanner
{
    private readonly ReadOnlySpan<char> _line;
    private IptablesWordScanner _words;
    private Ahead _ahead;

    /// <summary>Begins behind the chain's name.</summary>
    public IptablesOptionScanner(ReadOnlySpan<char> line, int start)
    {
        _line = line;
        _words = new IptablesWordScanner(line, start);
        End = start;
        Advance();
    }

    /// <summary>Where the option begins: at the blank before it.</summary>
    public int Start { get; private set; }

    /// <summary>Behind the option; blanks at the line's end belong to the last one.</summary>
    public int End { get; private set; }

    /// <summary>The option's name with its dashes.</summary>
    public ReadOnlySpan<char> Name { get; private set; }

    /// <summary>Whether there is a <c>!</c>, before the name or, as old versions wrote it, behind it.</summary>
    public bool Negated { get; private set; }

    /// <summary>Where the values begin.</summary>
    public int ValuesStart { get; private set; }

    /// <summary>How many values there are.</summary>
    public int ValueCount { get; private set; }

    /// <summary>Whether it is written with single blanks, without quotes, and with <c>!</c> before the name.</summary>
    public bool Regular { get; private set; }

    /// <summary>Why the line cannot be a rule; null as long as it can.</summary>
    public string? Problem { get; private set; }

    /// <summary>Goes to the next option; false at the end, or with a <see cref="Problem"/>.</summary>
    public bool Read()
    {
        if (_ahead == Ahead.Nothing || Problem is not null)
            return false;
        Start = End;
        Regular = true;
        Negated = false;
        ValueCount = 0;
        if (_ahead == Ahead.Bang)
        {
            Negated = true;
            Take();
        }

        if (_ahead != Ahead.Name)
        {
            Problem ??= Negated ? "expected an option behind '!'" : "expected an option, such as -s or --dport";
            return false;
        }

        Name = _words.Word;
        Take();
        ValuesStart = End;
        var count = FixedValueCount(Name);
        if (count > 0)
            ReadFixed(count);
        else
            ReadUntilNextOption();
        if (_ahead == Ahead.Nothing && End != _line.Length)
        {
            Regular = false;
            End = _line.Length;
        }

        return Problem is null;
    }

    private void ReadFixed(int count)
    {
        TakeOldNegation();
        for (; ValueCount < count; ValueCount++)
        {
            if (_ahead == Ahead.Nothing)
            {
                Problem ??= count == 1 ? "the last option has no value" : "the last option lacks a value";
                return;
            }

            if (IsAddress(Name) && !IsAddressText(_words.Word))
                Problem ??= "expected an address or network behind -s or -d";
            Take();
        }
    }

    private void ReadUntilNextOption()
    {
        TakeOldNegation();
        for (; _ahead == Ahead.Value; ValueCount++)
            Take();
    }

    // "--dport ! 80" instead of "! --dport 80": a "!" with a value behind it.
    private void TakeOldNegation()
    {
        if (Negated || _ahead != Ahead.Bang)
            return;
        var behind = _words;
        if (!behind.Next() || Kind(behind) == Ahead.Name)
            return;
        Negated = true;
        Regular = false;
        Take();
        ValuesStart = End;
    }

    private void Take()
    {
        Regular &= !_words.Quoted && _words.Start == End + 1 && _line[End] == ' ';
        End = _words.End;
        Advance();
    }

    private void Advance()
    {
        _ahead = _words.Next() ? Kind(_words) : Ahead.Nothing;
        if (_words.Unclosed)
            Problem = "a quote is not closed";
    }

    private static Ahead Kind(in IptablesWordScanner words)
    {
        if (words.Quoted)
            return Ahead.Value;
        return words.Word switch
        {
            "!" => Ahead.Bang,
            ['-', var second, ..] when second is '-' || char.IsAsciiLetter(second) || words.Word is "-4" or "-6" => Ahead.Name,
            _ => Ahead.Value,
        };
    }

    // Free texts and interface names may begin with a dash and be written without quotes, so their number must be known.
    private static int FixedValueCount(ReadOnlySpan<char> name) => name switch
    {
        ['-', var letter] => letter switch
        {
            's' or 'd' or 'p' or 'i' or 'o' or 'm' or 'j' or 'g' => 1,
            'c' => 2,
            _ => 0,
        },
        "--source" or "--src" or "--destination" or "--dst" or "--protocol" or "--proto"
            or "--in-interface" or "--out-interface" or "--physdev-in" or "--physdev-out" or "--match" or "--jump" or "--goto"
            or "--comment" or "--log-prefix" or "--nflog-prefix" or "--ulog-prefix" or "--string" or "--hex-string"
            or "--helper" or "--label" or "--path" or "--led-trigger-id" => 1,
        "--set-counters" => 2,
        _ => 0,
    };

    private static bool IsAddress(ReadOnlySpan<char> name) => name is "-s" or "--source" or "--src" or "-d" or "--destination" or "--dst";

    private static bool IsAddressText(ReadOnlySpan<char> text)
    {
        var slash = text.IndexOf('/');
        if (slash < 0)
            return IPAddress.IsValid(text);
        var mask = text[(slash + 1)..];
        if (!IPAddress.IsValid(text[..slash]))
            return false;
        return IptablesRuleHead.TryReadNumber(mask, out var length) ? length <= (text.Contains(':') ? 128UL : 32UL) : IPAddress.IsValid(mask);
    }

    // What the next word is: a quoted one is a value, whatever it says.
    private enum Ahead
    {
        Nothing,
        Value,
        Name,
        Bang,
    }
}
