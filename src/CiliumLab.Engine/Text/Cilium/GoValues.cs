using System.Globalization;
using System.Text.RegularExpressions;

namespace CiliumLab.Engine.Text;

/// <summary>Values as programs written in Go print them.</summary>
internal static partial class GoValues
{
    /// <summary>A time; null for none, for Go's zero, and for what is none.</summary>
    public static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time.Year > 1 ? time : null;

    /// <summary>A duration such as <c>91.601µs</c>, <c>1.5s</c>, <c>2h3m0.5s</c>; null for what is none.</summary>
    public static TimeSpan? Duration(string text)
    {
        if (Whole().Match(text) is not { Success: true } whole)
            return null;
        var ticks = 0m;
        foreach (Match part in Part().Matches(text))
        {
            if (!decimal.TryParse(part.Groups[1].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 10_000_000_000)
                return null;
            ticks += number * part.Groups[2].Value switch
            {
                "h" => TimeSpan.TicksPerHour,
                "m" => TimeSpan.TicksPerMinute,
                "s" => TimeSpan.TicksPerSecond,
                "ms" => TimeSpan.TicksPerMillisecond,
                "ns" => 0.01m,
                _ => TimeSpan.TicksPerMicrosecond,
            };
        }

        return ticks > TimeSpan.MaxValue.Ticks ? null : TimeSpan.FromTicks((long)ticks);
    }

    /// <summary>Nanoseconds, cut to what a <see cref="TimeSpan"/> can hold.</summary>
    public static TimeSpan Nanoseconds(long nanoseconds) => TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);

    [GeneratedRegex(@"^(?:[0-9]+(?:\.[0-9]+)?(?:h|ms|m|s|µs|μs|us|ns))+$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"([0-9]+(?:\.[0-9]+)?)(h|ms|m|s|µs|μs|us|ns)")]
    private static partial Regex Part();
}
