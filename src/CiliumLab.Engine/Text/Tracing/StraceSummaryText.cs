using System.Globalization;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads the table of <c>strace -c</c>, with whichever columns (-U). The traced command's own output before it is warned of.</summary>
public static class StraceSummaryText
{
    private const string Kind = "StraceSummary";

    /// <summary>Reads one record for each row; the total is none.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that is not the table's.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when there is no such table.</exception>
    public static IEnumerable<SystemCallSummary> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = new LineReader(new AgentOutput(text, warn));
        var start = new OutputStart(Kind, warn);
        IReadOnlyList<string>? columns = null;
        while (lines.Next() is { } line)
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || (columns is not null && words.All(word => word.All(letter => letter == '-'))) || line.StartsWith("System call usage summary", StringComparison.Ordinal))
                continue;
            if (Columns(words) is { } header)
            {
                start.Understood();
                columns = header;
            }
            else if (columns is null)
            {
                start.Warn(new TextWarning(lines.Number, line, "expected the head of strace's table"));
            }
            else if (Row(columns, words) is not { } row)
            {
                warn(new TextWarning(lines.Number, line, "expected a row of strace's table"));
            }
            else if (row.Name == "total")
            {
                columns = null;
            }
            else
            {
                yield return row with { Node = node };
            }
        }

        start.AtEnd();
    }

    // "% time     seconds  usecs/call     calls    errors syscall"; "% time" is one column.
    private static List<string>? Columns(string[] words)
    {
        if (!words.Contains("syscall") || !words.Contains("calls") || words.Any(word => char.IsAsciiDigit(word[0])))
            return null;
        return [.. words.Where(word => word != "%")];
    }

    private static SystemCallSummary? Row(IReadOnlyList<string> columns, string[] words)
    {
        // Calls without errors have nothing in that column.
        var named = words.Length == columns.Count ? columns
            : words.Length == columns.Count - 1 && columns.Contains("errors") ? [.. columns.Where(column => column != "errors")]
            : null;
        if (named is null)
            return null;
        var row = new SystemCallSummary { Name = "" };
        for (var column = 0; column < named.Count; column++)
        {
            var word = words[column];
            if (named[column] == "syscall")
            {
                row = row with { Name = word };
                continue;
            }

            if (!decimal.TryParse(word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 1_000_000_000_000)
                return null;
            row = named[column] switch
            {
                "time" => row with { Percent = (double)number },
                "seconds" => row with { Duration = Seconds(number) },
                "usecs/call" => row with { PerCall = Seconds(number / 1_000_000) },
                "calls" => row with { Calls = (ulong)number },
                "errors" => row with { Errors = (ulong)number },
                _ => row,
            };
        }

        return row.Name.Length > 0 && (char.IsAsciiLetterLower(row.Name[0]) || row.Name[0] == '_') ? row : null;
    }

    private static TimeSpan Seconds(decimal seconds) => TimeSpan.FromTicks((long)Math.Min(seconds * TimeSpan.TicksPerSecond, long.MaxValue / 2));
}
