using System.Text;
using System.Text.RegularExpressions;

namespace CiliumLab.Engine.Tracing.SystemCalls;

/// <summary>
/// strace's own lines out of standard error, on which the traced command writes too. strace writes each of its lines at once and begins it with the
/// time in seconds (-ttt), which no other program does; its table (-c) is the last that comes. What the command wrote itself is kept beside.
/// </summary>
/// <param name="text">Standard error.</param>
/// <param name="isTable">Whether it is the table of -c.</param>
internal sealed partial class StraceOutput(TextReader text, bool isTable) : TextReader
{
    private const int MostOwnText = 64 * 1024;

    private readonly StringBuilder _own = new();
    private bool _inTable;

    /// <summary>What the traced command, or strace in trouble, wrote.</summary>
    public string Own
    {
        get
        {
            lock (_own)
                return _own.ToString().Trim();
        }
    }

    /// <inheritdoc/>
    public override string? ReadLine()
    {
        while (text.ReadLine() is { } line)
        {
            if (isTable)
            {
                if (_inTable |= TableHead().IsMatch(line))
                    return line;
            }
            else if (Begin().Match(line) is { Success: true } begin)
            {
                // The command had written a line's beginning.
                if (begin.Index > 0)
                    Keep(line[..begin.Index]);
                return line[begin.Index..];
            }
            else if (Remark().IsMatch(line))
            {
                return line;
            }

            Keep(line);
        }

        return null;
    }

    private void Keep(string line)
    {
        lock (_own)
        {
            if (_own.Length < MostOwnText)
                _own.AppendLine(line);
        }
    }

    [GeneratedRegex(@"(?:\[pid +\d+\] )?(?<!\d)\d{9,11}\.\d{6} (?=[a-z_?][a-z0-9_?]*\(|<\.\.\. |--- |\+\+\+ )")]
    private static partial Regex Begin();

    // The end of a line in whose middle a new process was announced.
    [GeneratedRegex(@"^(?: ?<unfinished \.\.\.>|strace: Process \d+ attached)")]
    private static partial Regex Remark();

    [GeneratedRegex(@"^% time +seconds ")]
    private static partial Regex TableHead();
}
