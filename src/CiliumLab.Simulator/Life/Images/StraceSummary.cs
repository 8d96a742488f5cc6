using System.Globalization;
using System.Text;

namespace CiliumLab.Simulator.Life;

/// <summary>The table of <c>strace -c</c>.</summary>
internal static class StraceSummary
{
    private const string Rule = "------ ----------- ----------- --------- --------- ----------------\n";

    /// <summary>What -S takes.</summary>
    public static IReadOnlySet<string> Orders { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "time", "time-total", "total-time", "calls", "count", "errors", "error", "name", "syscall", "syscall-name", "nothing", "none", "avg-time", "time-avg",
    };

    /// <summary>The table of some calls.</summary>
    public static string Of(IEnumerable<SystemCallEntry> calls, string order, bool countsWaiting)
    {
        var rows = calls.Where(static call => !call.IsLast).GroupBy(static call => call.Name).Select(group => new Row(
            group.Key, group.Count(), group.Count(static call => call.Error is not null), group.Sum(call => (countsWaiting ? call.Duration : call.Cost).Ticks))).ToList();
        var sorted = order switch
        {
            "calls" or "count" => rows.OrderByDescending(static row => row.Calls),
            "errors" or "error" => rows.OrderByDescending(static row => row.Errors),
            "name" or "syscall" or "syscall-name" => rows.OrderBy(static row => row.Name, StringComparer.Ordinal),
            "nothing" or "none" => rows.AsEnumerable(),
            "avg-time" or "time-avg" => rows.OrderByDescending(static row => row.Ticks / row.Calls),
            _ => rows.OrderByDescending(static row => row.Ticks),
        };
        var total = new Row("total", rows.Sum(static row => row.Calls), rows.Sum(static row => row.Errors), rows.Sum(static row => row.Ticks));
        var text = new StringBuilder("% time     seconds  usecs/call     calls    errors syscall\n").Append(Rule);
        foreach (var row in sorted)
            text.Append(Line(row, total.Ticks == 0 ? 0 : 100.0 * row.Ticks / total.Ticks));
        return text.Append(Rule).Append(Line(total, 100)).ToString();
    }

    private static string Line(Row row, double share)
    {
        var errors = row.Errors == 0 ? "" : row.Errors.ToString(CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{share,6:0.00} {(double)row.Ticks / TimeSpan.TicksPerSecond,11:0.000000} {row.Ticks / TimeSpan.TicksPerMicrosecond / Math.Max(1, row.Calls),11} {row.Calls,9} {errors,9} {row.Name}\n");
    }

    private sealed record Row(string Name, int Calls, int Errors, long Ticks);
}
