using System.Globalization;
using System.Text;

namespace CiliumLab.Simulator.Life;

/// <summary>How strace writes calls.</summary>
/// <param name="options">What it was asked for.</param>
internal sealed class StraceWriter(StraceOptions options)
{
    private DateTimeOffset? _before;

    /// <summary>The line of a call.</summary>
    public string Line(SystemCallEntry call)
    {
        var text = (Begin(call.ProcessId, call.Began) + Call(call) + ") ").PadRight(options.ResultColumn);
        var result = call.Error is null ? Value(call.Result) : "-1 " + call.Error;
        return $"{text}= {result}{(options.Durations && !call.IsLast ? string.Create(CultureInfo.InvariantCulture, $" <{call.Duration.TotalSeconds:0.000000}>") : "")}\n";
    }

    /// <summary>The line of a call that a signal ended.</summary>
    public string Interrupted(SystemCallEntry call, DateTimeOffset now)
    {
        var text = (Begin(call.ProcessId, call.Began) + Call(call) + ") ").PadRight(options.ResultColumn);
        return $"{text}= ? ERESTART_RESTARTBLOCK (Interrupted by signal){(options.Durations ? string.Create(CultureInfo.InvariantCulture, $" <{(now - call.Began).TotalSeconds:0.000000}>") : "")}\n";
    }

    /// <summary>A call that has not come to its end.</summary>
    public string Open(SystemCallEntry call) => Begin(call.ProcessId, call.Began) + Call(call) + (call.Name == "poll" ? "" : ", ");

    /// <summary>What becomes of a process.</summary>
    public string Event(int processId, DateTimeOffset time, string text) => Begin(processId, time) + text + "\n";

    private static string Call(StringBuilder text, SystemCallEntry call, Func<CallValue, string> value) =>
        text.Append(call.Name).Append('(').AppendJoin(", ", call.Arguments.Select(value)).ToString();

    private string Call(SystemCallEntry call) => Call(new StringBuilder(), call, Value);

    // One process is told apart from others only where its number cannot be missed.
    private string Begin(int processId, DateTimeOffset time)
    {
        var text = new StringBuilder();
        if (options is { Follows: true, Path: not null })
            text.Append(CultureInfo.InvariantCulture, $"{processId,-5} ");
        if (options.Times > 0)
        {
            text.Append(time.ToString(
                options.Times switch { 1 => "HH:mm:ss", 2 => "HH:mm:ss.ffffff", _ => $"'{time.ToUnixTimeSeconds()}'.ffffff" },
                CultureInfo.InvariantCulture)).Append(' ');
        }

        if (options.Relative)
        {
            var since = string.Create(CultureInfo.InvariantCulture, $"{(time - (_before ?? time)).TotalSeconds:0.000000}");
            text.Append(options.Times > 0 ? $"(+{since.PadLeft(13)}) " : since.PadLeft(13) + " ");
        }

        _before = time;
        return text.ToString();
    }

    private string Value(CallValue value) => value switch
    {
        CallText text => text.Text,
        CallDescriptor { File: { } file, Number: var number } when options.Names > 0 => $"{number}<{(options.Names > 1 ? file.Details : file.Name)}>",
        CallDescriptor descriptor => descriptor.Number.ToString(CultureInfo.InvariantCulture),
        CallBytes bytes => Quoted(bytes.Content.Span, bytes.IsWhole ? int.MaxValue : options.StringLimit),
        CallParts parts => string.Concat(parts.Parts.Select(Value)),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
    };

    // Octal numbers are as short as what follows allows.
    private static string Quoted(ReadOnlySpan<byte> bytes, int limit)
    {
        var text = new StringBuilder("\"");
        for (var at = 0; at < Math.Min(bytes.Length, limit); at++)
        {
            var next = at + 1 < Math.Min(bytes.Length, limit) ? (char)bytes[at + 1] : ' ';
            text.Append((char)bytes[at] switch
            {
                '\r' => "\\r",
                '\n' => "\\n",
                '\t' => "\\t",
                '\v' => "\\v",
                '\f' => "\\f",
                '"' => "\\\"",
                '\\' => "\\\\",
                >= ' ' and <= '~' and var letter => letter.ToString(),
                var other => "\\" + Convert.ToString(other, 8).PadLeft(next is >= '0' and <= '7' ? 3 : 1, '0'),
            });
        }

        return text.Append(bytes.Length > limit ? "\"..." : "\"").ToString();
    }
}
