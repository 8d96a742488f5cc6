using System.Globalization;
using System.Text.RegularExpressions;

namespace CiliumLab.Engine.Text;

/// <summary>What strace writes before a call: the process (-f, -o) and the time in whichever form (-t, -tt, -ttt, -r).</summary>
/// <param name="ProcessId">The process; null where it is not written.</param>
/// <param name="Time">The time with a date.</param>
/// <param name="TimeOfDay">The time without one.</param>
/// <param name="SincePrevious">The time since the line before.</param>
/// <param name="Rest">What follows.</param>
internal readonly partial record struct StraceLine(int? ProcessId, DateTimeOffset? Time, TimeSpan? TimeOfDay, TimeSpan? SincePrevious, string Rest)
{
    // Later than this many seconds after 1970 is a date, earlier is a distance.
    private const decimal FirstDate = 100_000_000;

    // The last second that .NET has a date for.
    private const decimal LastDate = 253_402_300_799;

    /// <summary>Takes a line apart.</summary>
    public static StraceLine Of(string line)
    {
        var form = Form().Match(line);
        DateTimeOffset? time = null;
        TimeSpan? day = null, since = null;
        foreach (Capture stamp in form.Groups["time"].Captures)
        {
            if (stamp.Value.Contains(':', StringComparison.Ordinal))
                day = TimeSpan.TryParse(stamp.Value, CultureInfo.InvariantCulture, out var clock) ? clock : day;
            else if (!decimal.TryParse(stamp.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) || seconds > LastDate)
                continue;
            else if (seconds >= FirstDate)
                time = DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
            else
                since = TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));
        }

        int? process = int.TryParse(form.Groups["pid"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
        return new StraceLine(process, time, day, since, line[form.Length..]);
    }

    // 31404 13:53:43.552139   [pid  7]   0.000215 (+     0.000011) [00007f0011223344]
    [GeneratedRegex(@"^(?:\[pid\s+(?<pid>\d+)\]\s+|(?<pid>\d+)\s+(?=\S))?(?:\s*(?:(?<time>\d\d:\d\d:\d\d(?:\.\d{1,9})?|\d+\.\d{3,9})\s+|\(\+\s*(?<time>\d+\.\d{3,9})\)\s+))*(?:\[\s*[0-9a-f?]+\]\s+)*")]
    private static partial Regex Form();
}
