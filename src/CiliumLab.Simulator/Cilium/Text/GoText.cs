using System.Globalization;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Times and durations as Go prints them.</summary>
internal static class GoText
{
    /// <summary>A duration as time.Duration's String: <c>91.601µs</c>, <c>1m30s</c>.</summary>
    /// <param name="nanoseconds">The duration.</param>
    public static string Duration(long nanoseconds)
    {
        var value = Math.Abs(nanoseconds);
        var sign = nanoseconds < 0 ? "-" : "";
        if (value == 0)
            return "0s";
        if (value < 1_000)
            return $"{sign}{value}ns";
        if (value < 1_000_000)
            return sign + Number(value / 1e3) + "µs";
        if (value < 1_000_000_000)
            return sign + Number(value / 1e6) + "ms";
        var seconds = Number(value % 60_000_000_000 / 1e9) + "s";
        var minutes = value / 60_000_000_000;
        return minutes == 0 ? sign + seconds : minutes < 60 ? $"{sign}{minutes}m{seconds}" : $"{sign}{minutes / 60}h{minutes % 60}m{seconds}";

        static string Number(double number) => number.ToString("0.#########", CultureInfo.InvariantCulture);
    }

    /// <summary>A duration as time.Duration's String.</summary>
    public static string Duration(TimeSpan span) => Duration(span.Ticks * 100);

    /// <summary>A time in whole seconds, RFC 3339.</summary>
    public static string Seconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time with its fraction as strfmt.DateTime has it.</summary>
    public static string Milliseconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>How long ago something was, as cilium-dbg says it.</summary>
    public static string Since(DateTimeOffset? time, DateTimeOffset now) =>
        time is { } then ? Duration(TimeSpan.FromSeconds(Math.Floor((now - then).TotalSeconds))) + " ago" : "never";

    /// <summary>A number in the byte order of the network, as a little-endian machine reads it.</summary>
    public static ushort NetworkOrder(int port) => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness((ushort)port);
}
