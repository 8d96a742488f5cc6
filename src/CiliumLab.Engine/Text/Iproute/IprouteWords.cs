using System.Globalization;
using System.Net;
using System.Numerics;

namespace CiliumLab.Engine.Text;

/// <summary>The words of one line of an iproute2 tool, taken one after the other; it complains about those that it cannot read.</summary>
internal sealed class IprouteWords(int line, string text, Action<TextWarning> warn)
{
    private readonly string[] _words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    private int _next;

    /// <summary>Whether all words are taken.</summary>
    public bool AtEnd => _next >= _words.Length;

    /// <summary>The next word, which stays; null at the end.</summary>
    public string? Peek => AtEnd ? null : _words[_next];

    /// <summary>Takes the next word; null, with a warning, when the line breaks off before it.</summary>
    public string? Take()
    {
        if (!AtEnd)
            return _words[_next++];
        Complain("the line breaks off");
        return null;
    }

    /// <summary>Takes the next word; null at the end.</summary>
    public string? TakeOrNull() => AtEnd ? null : _words[_next++];

    /// <summary>Takes the words before the first of these, or all, as one text.</summary>
    public string Until(IReadOnlyCollection<string> ends)
    {
        var begin = _next;
        while (!AtEnd && !ends.Contains(_words[_next]))
            _next++;
        return string.Join(' ', _words[begin.._next]);
    }

    /// <summary>Takes the next word when it is this one.</summary>
    public bool TakeIf(string word)
    {
        if (!string.Equals(Peek, word, StringComparison.Ordinal))
            return false;
        _next++;
        return true;
    }

    /// <summary>Takes all remaining words as one text.</summary>
    public string Rest()
    {
        var rest = string.Join(' ', _words[_next..]);
        TakeRest();
        return rest;
    }

    /// <summary>Takes all remaining words.</summary>
    public void TakeRest() => _next = _words.Length;

    /// <summary>Takes a number.</summary>
    public T? Number<T>(string? suffix = null)
        where T : struct, INumber<T>
    {
        if (Take() is not { } word)
            return null;
        var digits = suffix is not null && word.EndsWith(suffix, StringComparison.Ordinal) ? word[..^suffix.Length] : word;
        if (T.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;
        Complain($"expected a number instead of '{word}'");
        return null;
    }

    /// <summary>Takes an address.</summary>
    public IPAddress? Address()
    {
        if (Take() is not { } word)
            return null;
        if (IprouteNames.Address(word) is { } address)
            return address;
        Complain($"expected an address instead of '{word}'");
        return null;
    }

    /// <summary>Takes a name that stands for a value.</summary>
    public T? Named<T>(Func<string, T?> read, string what)
        where T : struct
    {
        if (Take() is not { } word)
            return null;
        if (read(word) is { } value)
            return value;
        Complain($"unknown {what} '{word}'");
        return null;
    }

    /// <summary>Says that something on this line was not understood.</summary>
    public void Complain(string reason) => warn(new TextWarning(line, text, reason));
}
