using System.Text.RegularExpressions;

namespace CiliumLab.Simulator.Datapath;

/// <summary>The words of a filter, one after the other, as libpcap's scanner cuts them.</summary>
internal sealed partial class FilterWords
{
    private readonly string[] _words;

    public FilterWords(string text)
    {
        var words = new List<string>();
        var at = 0;
        var depth = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            // Within brackets a colon parts offset and size; elsewhere it belongs to an address.
            var match = (depth > 0 ? Plain() : Word()).Match(text, at);
            if (!match.Success)
                match = Mark().Match(text, at);
            if (!match.Success)
                throw PacketFilterException.Syntax();
            depth += match.Value switch { "[" => 1, "]" => -1, _ => 0 };
            words.Add(match.Value);
            at += match.Length;
        }

        _words = [.. words];
    }

    /// <summary>Which word comes next; can be set back.</summary>
    public int Position { get; set; }

    /// <summary>Whether there is no other.</summary>
    public bool AtEnd => Position >= _words.Length;

    /// <summary>The next word, which stays; empty at the end.</summary>
    public string Peek(int ahead = 0) => Position + ahead < _words.Length ? _words[Position + ahead] : "";

    /// <summary>Takes the next word.</summary>
    public string Next() => AtEnd ? throw PacketFilterException.Syntax() : _words[Position++];

    /// <summary>Takes the next word if it is one of some.</summary>
    public string? Take(params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (Peek() == word)
                return Next();
        }

        return null;
    }

    /// <summary>Takes a word that must come.</summary>
    public void Expect(string word)
    {
        if (Next() != word)
            throw PacketFilterException.Syntax();
    }

    [GeneratedRegex(@"\G\\?(?:::)?[A-Za-z0-9](?:[-_.:A-Za-z0-9]*[.:A-Za-z0-9])?|\G::")]
    private static partial Regex Word();

    [GeneratedRegex(@"\G[A-Za-z0-9](?:[-_.A-Za-z0-9]*[A-Za-z0-9])?")]
    private static partial Regex Plain();

    [GeneratedRegex(@"\G(?:&&|\|\||==|!=|<=|>=|<<|>>|[()\[\]:&|!=<>+\-*/^%])")]
    private static partial Regex Mark();
}
