using System.Globalization;
using System.Text;

namespace CiliumLab.Simulator.Life;

/// <summary><c>strace</c> 6.14, for the programs that tell what they ask of the kernel: curl.</summary>
internal sealed class StraceProgram : IContainerProgram
{
    private const string Rule = "------ ----------- ----------- --------- --------- ----------------\n";

    private static readonly string[] NetworkCalls = ["socket", "connect", "getsockname", "getsockopt", "setsockopt", "sendto", "recvfrom"];

    // Microseconds that a call takes, about.
    private static readonly Dictionary<string, int> Costs = new(StringComparer.Ordinal)
    {
        ["mmap"] = 3,
        ["munmap"] = 5,
        ["open"] = 3,
        ["sendto"] = 26,
        ["close"] = 3,
        ["connect"] = 19,
        ["mprotect"] = 3,
        ["poll"] = 3,
        ["socket"] = 6,
        ["recvfrom"] = 3,
        ["writev"] = 7,
        ["eventfd2"] = 6,
        ["stat"] = 5,
        ["getrandom"] = 3,
        ["execve"] = 0,
        ["getuid"] = 0,
        ["arch_prctl"] = 0,
        ["set_tid_address"] = 0,
    };

    /// <inheritdoc/>
    public async Task<int> RunAsync(ContainerCall call, CancellationToken cancellationToken)
    {
        var (counts, quiet, stamped, timed, at) = (false, false, false, false, 1);
        string[]? names = null;
        for (; at < call.Arguments.Count && call.Arguments[at].StartsWith('-'); at++)
        {
            var word = call.Arguments[at];
            switch (word)
            {
                case "-c" or "--summary-only":
                    counts = true;
                    break;
                case "-f" or "--follow-forks":
                    // curl makes no other processes.
                    break;
                case "-ttt":
                    stamped = true;
                    break;
                case "-T":
                    timed = true;
                    break;
                case "-s" when at + 1 < call.Arguments.Count && int.TryParse(call.Arguments[at + 1], out _):
                    // Nothing that is printed here is longer than what strace prints anyway.
                    at++;
                    break;
                case "-q" or "-qq":
                    quiet = word == "-qq";
                    break;
                case "-e" when at + 1 < call.Arguments.Count:
                    if (NamesOf(call.Arguments[++at]) is not { } given)
                        return await call.ComplainAsync($"strace: invalid system call '{call.Arguments[at].Split('=')[^1]}'", 1, cancellationToken).ConfigureAwait(false);
                    names = given;
                    break;
                case ['-', 'e', .. var joined] when joined.Length > 0 && NamesOf(joined) is { } behind:
                    names = behind;
                    break;
                case ['-', '-', 't', 'r', 'a', 'c', 'e', '=', .. var list] when NamesOf(list) is { } listed:
                    names = listed;
                    break;
                case "-o" or "-p" or "-s" or "-t" or "-tt" or "-y" or "-yy" or "-v" or "-x" or "-xx" or "-C" or "-S" or "-w" or "-k" or "-r":
                    return await call.ComplainAsync($"strace: {word} is not simulated", 1, cancellationToken).ConfigureAwait(false);
                default:
                    return await call.ComplainAsync($"strace: invalid option -- '{word.TrimStart('-')}'\nTry 'strace -h' for more information.", 1, cancellationToken).ConfigureAwait(false);
            }
        }

        if (at >= call.Arguments.Count)
            return await call.ComplainAsync("strace: must have PROG [ARGS] or -p PID\nTry 'strace -h' for more information.", 1, cancellationToken).ConfigureAwait(false);
        var name = call.Arguments[at];
        if (name[(name.LastIndexOf('/') + 1)..] != "curl")
            return await call.ComplainAsync($"strace: what {name} asks of the kernel is not simulated, only curl", 1, cancellationToken).ConfigureAwait(false);
        if (!counts && names is null)
            return await call.ComplainAsync("strace: the calls before the first socket are not simulated; choose some with -e trace=network, or count them with -c", 1, cancellationToken).ConfigureAwait(false);

        var log = new SystemCallLog(call.Container.Cluster.Clock);
        using var output = new MemoryStream();
        var code = await new CurlProgram().RunAsync(call with { Arguments = [.. call.Arguments.Skip(at)], Output = output, SystemCalls = log }, cancellationToken).ConfigureAwait(false);
        var chosenCalls = log.Calls.Where(one => names is null || names.Contains(one.Name)).ToList();
        if (!counts)
        {
            var lines = chosenCalls.Where(static one => one.Text is not null).Select(one => $"{(stamped ? Stamp(one.At) : "")}{one.Name}({one.Text}) = {one.Result}{(timed ? Took(one.Name) : "")}\n");
            await call.Error.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(lines)), cancellationToken).ConfigureAwait(false);
        }

        await call.Output.WriteAsync(output.ToArray(), cancellationToken).ConfigureAwait(false);
        var end = counts ? Summary(chosenCalls) : quiet ? "" : $"{(stamped ? Stamp(call.Container.Cluster.Clock.GetUtcNow()) : "")}+++ exited with {code} +++\n";
        await call.Error.WriteAsync(Encoding.UTF8.GetBytes(end), cancellationToken).ConfigureAwait(false);
        return code;
    }

    private static string Stamp(DateTimeOffset time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.ToUnixTimeSeconds()}.{time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond:000000} ");

    private static string Took(string name) => string.Create(CultureInfo.InvariantCulture, $" <0.{Costs.GetValueOrDefault(name, 1):000000}>");

    private static string[]? NamesOf(string expression)
    {
        var list = expression.StartsWith("trace=", StringComparison.Ordinal) ? expression["trace=".Length..] : expression;
        if (list is "network" or "%network" or "%net")
            return NetworkCalls;
        var names = list.Split(',');
        return names.All(static name => NetworkCalls.Contains(name)) ? names : null;
    }

    private static string Summary(List<SystemCallEntry> calls)
    {
        var rows = calls.GroupBy(static one => one.Name)
            .Select(static group => (Name: group.Key, Calls: group.Count(), Errors: group.Count(static one => one.IsError), Microseconds: group.Count() * Costs.GetValueOrDefault(group.Key, 1)))
            .OrderByDescending(static row => row.Microseconds).ThenByDescending(static row => row.Calls).ToList();
        var total = Math.Max(1, rows.Sum(static row => row.Microseconds));
        var text = new StringBuilder("% time     seconds  usecs/call     calls    errors syscall\n").Append(Rule);
        foreach (var row in rows)
            text.Append(Row(100.0 * row.Microseconds / total, row.Microseconds, row.Calls, row.Errors, row.Name));
        return text.Append(Rule).Append(Row(100, rows.Sum(static row => row.Microseconds), rows.Sum(static row => row.Calls), rows.Sum(static row => row.Errors), "total")).ToString();
    }

    private static string Row(double share, int microseconds, int calls, int errors, string name) => string.Create(CultureInfo.InvariantCulture,
        $"{share,6:0.00} {microseconds / 1e6,11:0.000000} {microseconds / Math.Max(1, calls),11} {calls,9} {(errors > 0 ? errors.ToString(CultureInfo.InvariantCulture) : ""),9} {name}\n");
}
