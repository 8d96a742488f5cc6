using System.Text;

namespace CiliumLab.Engine.Text;

/// <summary>A variable's place in an <see cref="EnvironmentFile"/>.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Value">Its value without quotes and escapes.</param>
/// <param name="Line">The line that it begins on, from 1.</param>
/// <param name="Start">Where the value begins in the file's text, quotes included.</param>
/// <param name="End">Where it ends.</param>
internal sealed record EnvironmentVariable(string Name, string Value, int Line, int Start, int End);

/// <summary>
/// A file of <c>NAME="value"</c> lines as systemd reads it (EnvironmentFile= in <c>systemd.exec(5)</c>), kept with its comments and
/// layout so that one value can be changed and everything else stays byte for byte.
/// </summary>
internal sealed class EnvironmentFile
{
    private readonly string _text;
    private readonly List<EnvironmentVariable> _variables = [];
    private readonly List<TextWarning> _notUnderstood = [];

    private EnvironmentFile(string text) => _text = text;

    /// <summary>The variables in the file's order; of two with one name the later counts.</summary>
    public IReadOnlyList<EnvironmentVariable> Variables => _variables;

    /// <summary>The lines that are neither a variable nor a comment.</summary>
    public IReadOnlyList<TextWarning> NotUnderstood => _notUnderstood;

    /// <summary>Reads a file; what is not understood is in <see cref="NotUnderstood"/>.</summary>
    public static EnvironmentFile Parse(string text)
    {
        var file = new EnvironmentFile(text);
        int at = 0, line = 1;
        while (at < text.Length)
        {
            var next = file.ReadLine(at, line);
            line += text.AsSpan(at, next - at).Count('\n');
            at = next;
        }

        return file;
    }

    /// <summary>The variable that counts, or null when the file does not have it.</summary>
    public EnvironmentVariable? Find(string name) => _variables.LastOrDefault(variable => variable.Name == name);

    /// <summary>The file's text with another value for a variable; it is added at the end when it is not there.</summary>
    public string With(string name, string value)
    {
        if (Find(name) is not { } variable)
        {
            var gap = _text.Length > 0 && !_text.EndsWith('\n') ? "\n" : "";
            return $"{_text}{gap}{name}={Quoted(value)}\n";
        }

        if (variable.Value == value)
            return _text;
        var raw = _text[variable.Start..variable.End];
        var bare = !raw.AsSpan().ContainsAny('"', '\'') && value.Length > 0 && !value.Any(c => char.IsWhiteSpace(c) || c is '"' or '\'' or '\\' or '$' or '`' or '#' or ';');
        return _text[..variable.Start] + (bare ? value : Quoted(value)) + _text[variable.End..];
    }

    // Inside double quotes systemd takes a backslash before " \ ` $ as an escape (src/basic/env-file.c).
    private static string Quoted(string value)
    {
        var quoted = new StringBuilder("\"", value.Length + 2);
        foreach (var c in value)
        {
            if (c is '"' or '\\' or '`' or '$')
                quoted.Append('\\');
            quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    // Returns where the next line begins.
    private int ReadLine(int at, int line)
    {
        var end = _text.IndexOf('\n', at);
        var next = end < 0 ? _text.Length : end + 1;
        var content = _text[at..next];
        var trimmed = content.Trim();
        if (trimmed.Length == 0 || trimmed[0] is '#' or ';')
            return next;
        var equals = content.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? "" : content[..equals].Trim();
        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            _notUnderstood.Add(new TextWarning(line, content.TrimEnd('\r', '\n'), "expected NAME=value or a comment"));
            return next;
        }

        var start = at + equals + 1;
        while (start < _text.Length && _text[start] is ' ' or '\t')
            start++;
        if (ReadValue(start) is not { } value)
        {
            _notUnderstood.Add(new TextWarning(line, content.TrimEnd('\r', '\n'), "a quote is opened and not closed"));
            return next;
        }

        _variables.Add(new EnvironmentVariable(name, value.Value, line, start, value.End));
        var after = _text.IndexOf('\n', value.End);
        return after < 0 ? _text.Length : after + 1;
    }

    private (string Value, int End)? ReadValue(int at)
    {
        var value = new StringBuilder();
        // Blanks at the end do not count, unless they were quoted or escaped; neither does the CR of a Windows line end.
        int keep = 0, end = at;
        char? quote = null;
        for (; at < _text.Length; at++)
        {
            var c = _text[at];
            if (quote is null && c == '\n')
                break;
            if (c == quote)
            {
                quote = null;
            }
            else if (quote is null && c is '"' or '\'' && quote is null)
            {
                quote = c;
            }
            else if (c == '\\' && quote != '\'' && at + 1 < _text.Length)
            {
                var escaped = _text[++at];
                if (quote == '"' && escaped is not ('"' or '\\' or '`' or '$' or '\n'))
                    value.Append('\\');
                if (escaped != '\n')
                    value.Append(escaped);
            }
            else
            {
                value.Append(c);
                if (quote is null && char.IsWhiteSpace(c))
                    continue;
            }

            keep = value.Length;
            end = at + 1;
        }

        return quote is null ? (value.ToString(0, keep), end) : null;
    }
}
