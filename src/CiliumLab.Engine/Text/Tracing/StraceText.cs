using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads strace's lines, one record for each call, signal and end of a process. A call that others' lines interrupted is one record, which
/// comes when its second line has come. What is not strace's, such as the traced command's own output, is a warning.
/// </summary>
public static partial class StraceText
{
    private const string Kind = "Strace";
    private const int LongestLine = 1024 * 1024;
    private const string Unfinished = "<unfinished ...>";
    private const string Detached = "<detached ...>";

    // Calls whose first argument is a descriptor; other numbers in front are processes, users or counts.
    private static readonly FrozenSet<string> TakeDescriptor = FrozenSet.Create(
        StringComparer.Ordinal,
        "accept", "accept4", "bind", "close", "connect", "dup", "dup2", "dup3", "epoll_ctl", "epoll_pwait", "epoll_wait", "fchmod", "fchown", "fcntl", "fdatasync",
        "flock", "fstat", "fstatfs", "fsync", "ftruncate", "getdents64", "getpeername", "getsockname", "getsockopt", "ioctl", "listen", "lseek", "newfstatat", "openat",
        "pread64", "preadv", "pwrite64", "pwritev", "read", "readv", "recv", "recvfrom", "recvmmsg", "recvmsg", "send", "sendfile", "sendmmsg", "sendmsg", "sendto",
        "setsockopt", "shutdown", "splice", "write", "writev");

    private static readonly FrozenSet<string> ReturnDescriptor = FrozenSet.Create(
        StringComparer.Ordinal,
        "accept", "accept4", "creat", "epoll_create", "epoll_create1", "eventfd", "eventfd2", "inotify_init1", "memfd_create", "open", "openat", "signalfd4", "socket",
        "timerfd_create", "userfaultfd");

    /// <summary>Reads the records in the order in which calls end.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that is not strace's.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<SystemCall> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = new LineReader(new AgentOutput(text, warn));
        var start = new OutputStart(Kind, warn);
        var begun = new UnfinishedCalls();
        var before = "";
        while (lines.Next() is { } written)
        {
            if (written.AsSpan().IsWhiteSpace())
                continue;
            // A new process is announced in the middle of the line that makes it, and that strace leaves one in the middle of its last.
            var raw = before + written;
            var attached = Attached().Match(raw);
            before = attached.Success ? raw[..attached.Index] : "";
            if (attached.Success && before.Length < LongestLine)
                continue;
            if (Remark().IsMatch(raw))
                continue;
            var line = StraceLine.Of(raw);
            if (line.Rest.EndsWith(Detached, StringComparison.Ordinal) && Opening().IsMatch(line.Rest) && Lost(new UnfinishedCall(line with { Rest = line.Rest[..^Detached.Length] }, "", raw)) is { } left)
            {
                start.Understood();
                yield return left with { Node = node };
                continue;
            }

            if (line.Rest.EndsWith(Unfinished, StringComparison.Ordinal) && Opening().Match(line.Rest) is { Success: true } opening)
            {
                start.Understood();
                if (begun.Add(new UnfinishedCall(line with { Rest = line.Rest[..^Unfinished.Length] }, opening.Groups["name"].Value, raw)) is { } earlier && Lost(earlier) is { } lost)
                    yield return lost with { Node = node };
                continue;
            }

            var call = Resumed().Match(line.Rest) is { Success: true } resumed
                ? Join(begun.Take(line.ProcessId, resumed.Groups["name"].Value), line, resumed.Length, raw)
                : Read(line, raw);
            if (call is null)
            {
                start.Warn(new TextWarning(lines.Number, raw, "expected a system call, a signal or the end of a process"));
                continue;
            }

            start.Understood();
            if (call.Event == SystemCallEvent.Exit && begun.Take(line.ProcessId) is { } last && Lost(last) is { } never)
                yield return never with { Node = node };
            yield return call with { Node = node };
        }

        start.AtEnd();
        foreach (var never in begun.All.Select(Lost).OfType<SystemCall>())
            yield return never with { Node = node };
    }

    /// <summary>What is on a line; null when it is not strace's.</summary>
    private static SystemCall? Read(StraceLine line, string raw) => Signal(line, raw) ?? Exit(line, raw) ?? Call(line, raw);

    private static SystemCall? Join(UnfinishedCall? begun, StraceLine end, int resumed, string raw) =>
        begun is { Line: var first } && Call(first with { ProcessId = first.ProcessId ?? end.ProcessId, Rest = first.Rest + end.Rest[resumed..] }, $"{begun.Raw}\n{raw}") is { } call
            ? call with { WasInterrupted = true }
            : null;

    // A call whose end was never told: its process died, or the trace ended.
    private static SystemCall? Lost(UnfinishedCall begun) =>
        Call(begun.Line, begun.Raw, isWhole: false) is { } call ? call with { WasInterrupted = true } : null;

    private static SystemCall? Call(StraceLine line, string raw, bool isWhole = true)
    {
        if (Opening().Match(line.Rest) is not { Success: true } opening)
            return null;
        var inside = line.Rest.AsSpan(opening.Length);
        var end = StraceArguments.Split(inside, out var arguments);
        if (end < 0 && isWhole)
            return null;
        var result = end < 0 ? Match.Empty : Result().Match(inside[(end + 1)..].ToString());
        if (isWhole && !result.Success)
            return null;
        arguments.Remove(Unfinished);
        var name = opening.Groups["name"].Value;
        var returned = Number(result.Groups["result"].Value);
        var (descriptor, described) = Descriptor(name, arguments.FirstOrDefault() ?? "", result);
        var address = StraceAddress.Of(arguments);
        return Start(line, raw, name) with
        {
            Arguments = arguments,
            Descriptor = descriptor,
            DescriptorName = described,
            AddressFamily = address.Family,
            Address = address.EndPoint,
            Path = address.Path,
            NetlinkPort = address.NetlinkPort,
            Result = returned,
            Errno = Said(result.Groups["errno"]),
            Message = Said(result.Groups["message"]),
            Duration = decimal.TryParse(result.Groups["duration"].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < 1_000_000_000
                ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))
                : null,
        };
    }

    private static (int? Descriptor, string? Name) Descriptor(string call, string first, Match result)
    {
        if (ReturnDescriptor.Contains(call) && Number(result.Groups["result"].Value) is >= 0 and <= int.MaxValue and var opened)
            return ((int)opened, Said(result.Groups["name"]));
        var given = Given().Match(first);
        return given.Success && (TakeDescriptor.Contains(call) || given.Groups["name"].Success) && int.TryParse(given.Groups["number"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (number, Said(given.Groups["name"]))
            : (null, null);
    }

    private static SystemCall? Signal(StraceLine line, string raw) => SignalForm().Match(line.Rest) is not { Success: true } form ? null : Start(line, raw, form.Groups["name"].Value) with
    {
        Event = SystemCallEvent.Signal,
        Arguments = form.Groups["details"] is { Success: true } details ? [details.Value] : [],
        Message = Said(form.Groups["stopped"]),
    };

    private static SystemCall? Exit(StraceLine line, string raw)
    {
        if (ExitForm().Match(line.Rest) is not { Success: true } form)
            return null;
        return Start(line, raw, form.Groups["code"].Success ? "exited" : "killed") with
        {
            Event = SystemCallEvent.Exit,
            Result = Number(form.Groups["code"].Value),
            Message = Said(form.Groups["signal"]),
        };
    }

    private static SystemCall Start(StraceLine line, string raw, string name) => new()
    {
        Name = name,
        ProcessId = line.ProcessId,
        Time = line.Time,
        TimeOfDay = line.TimeOfDay,
        SincePrevious = line.SincePrevious,
        Raw = raw,
    };

    private static string? Said(Group group) => group.Success ? group.Value : null;

    private static long? Number(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var address) ? unchecked((long)address) : null
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@"(?:\S*/)?strace: Process \d+ (?:at|de)tached$")]
    private static partial Regex Attached();

    // What it says of itself, and the stack that -k shows below a call.
    [GeneratedRegex(@"^(?:(?:\S*/)?strace: (?:Process \d+ detached|\[ Process PID=\d+ runs in )| > \S)")]
    private static partial Regex Remark();

    [GeneratedRegex(@"^(?<name>[a-z_][a-z0-9_]*|\?\?\?\?)\(")]
    private static partial Regex Opening();

    [GeneratedRegex(@"^<\.\.\. (?<name>[a-z_][a-z0-9_]*|\?\?\?\?) resumed> ?")]
    private static partial Regex Resumed();

    // = -1 EINPROGRESS (Operation in progress) <0.000060>   = 3<TCP:[5]>   = 0x7f00 (flags O_RDWR)   = ? ERESTARTSYS (To be restarted)   = 1 ([{fd=3, revents=POLLIN}])
    [GeneratedRegex(@"^\s*= (?<result>-?\d+|0x[0-9a-f]+|\?)(?:<(?<name>.*?)>(?= |$))?(?: (?<errno>E[A-Z0-9_]+|ERRNO_\d+))?(?: \((?<message>.*?)\))?(?: \((?:INJECTED[^)]*|DELAYED)\))*(?: <(?<duration>\d+\.\d+)>)?\s*$")]
    private static partial Regex Result();

    [GeneratedRegex(@"^(?<number>\d+)(?:<(?<name>.*)>)?$")]
    private static partial Regex Given();

    [GeneratedRegex(@"^--- (?:(?<name>SIG[A-Z0-9+_]+) (?<details>\{.*\})|(?<stopped>stopped by) (?<name>SIG[A-Z0-9+_]+)) ---\s*$")]
    private static partial Regex SignalForm();

    [GeneratedRegex(@"^\+\+\+ (?:exited with (?<code>\d+)|killed by (?<signal>SIG[A-Z0-9+_]+(?: \(core dumped\))?)) \+\+\+\s*$")]
    private static partial Regex ExitForm();
}
