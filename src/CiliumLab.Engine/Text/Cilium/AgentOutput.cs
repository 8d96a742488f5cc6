using System.Text.RegularExpressions;

namespace CiliumLab.Engine.Text;

/// <summary>How a command wrote its answer.</summary>
internal enum OutputForm
{
    /// <summary>Nothing, or Go's <c>null</c> for an empty list.</summary>
    Empty,

    /// <summary>For people.</summary>
    Text,

    /// <summary>As JSON.</summary>
    Json,
}

/// <summary>
/// What a command in an agent's container printed, as kubectl hands it on: its own remarks and those of the program's log come in
/// between, wherever standard error happened to be written. They come out as blank lines, so that line numbers stay right.
/// </summary>
internal sealed partial class AgentOutput(TextReader text, Action<TextWarning> warn) : TextReader
{
    // What remarks begin with; other lines are not looked at.
    private const string FirstLetters = "DUEWIFctl.";

    private int _line;

    /// <summary>Opens an output and finds out its form.</summary>
    public static LineReader Open(TextReader text, Action<TextWarning> warn, out OutputForm form)
    {
        var lines = new LineReader(new AgentOutput(text, warn));
        form = OutputForm.Empty;
        if (JsonOutput.IsNext(lines))
            form = OutputForm.Json;
        else if (lines.Peek() is { } line && line.Trim() != "null")
            form = OutputForm.Text;
        return lines;
    }

    /// <inheritdoc/>
    public override string? ReadLine()
    {
        if (text.ReadLine() is not { } line)
            return null;
        _line++;
        if (line.Length == 0 || !FirstLetters.Contains(line[0], StringComparison.Ordinal))
            return line;
        if (Harmless().IsMatch(line))
            return "";
        if (!Remark().IsMatch(line))
            return line;
        var reason = line.Contains("discarding message", StringComparison.Ordinal)
            ? "kubectl lost a part of the output; what follows may not be whole"
            : "this is no part of the output";
        warn(new TextWarning(_line, line, reason));
        return "";
    }

    // Also the dots of an excerpt, which say that somebody cut something out.
    [GeneratedRegex(@"^(?:Defaulted container ""|Defaulting container name to |Unable to use a TTY|If you don't see a command prompt|time=\S+ level=(?:info|debug) |level=(?:info|debug) |\.\.\.\s*$)")]
    private static partial Regex Harmless();

    [GeneratedRegex(@"^(?:[EWIF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \S+\.go:\d+\] |command terminated with exit code \d+|Unable to open \S+: .* Skipping\.|time=\S+ level=(?:warning|warn|error) |level=(?:warning|warn|error) )")]
    private static partial Regex Remark();
}
