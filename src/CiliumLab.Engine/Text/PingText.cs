using System.Net;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>ping</c> of iputils and of busybox: answers, errors, duplicates and the statistics; several runs in a row too.</summary>
public static partial class PingText
{
    private const string Kind = "Ping";

    /// <summary>Reads one record for each run.</summary>
    /// <param name="text">The output, with what ping wrote to standard error where it was kept.</param>
    /// <param name="node">The node that pinged; null when that is not known.</param>
    /// <param name="warn">Is told of each line that ping does not print, and of a run without statistics.</param>
    public static IEnumerable<PingResult> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = new LineReader(text);
        PingRun? run = null;
        while (lines.Next() is { } line)
        {
            var said = line.Trim();
            // Ctrl+C leaves its sign; a warning before the header is ping's own.
            if (said.Length == 0 || said == "^C" || said.StartsWith("WARNING: ", StringComparison.Ordinal))
                continue;
            if (Opening().Match(said) is { Success: true } opening)
            {
                if (run?.Finish(warn) is { } finished)
                    yield return finished;
                run = new PingRun(node, opening.Groups["name"].Value, Address(opening.Groups["address"].Value), lines.Number, line);
            }
            else if (Complaint().Match(said) is { Success: true } complaint)
            {
                var reason = complaint.Groups["reason"].Value;
                // A run that has ended cannot be the one that fails now.
                if (run is null || run.Ended)
                {
                    if (run?.Finish(warn) is { } finished)
                        yield return finished;
                    run = null;
                    yield return Failed(node, reason);
                }
                else
                {
                    run.Fail(reason);
                }
            }
            else if (run is null)
            {
                throw OutputErrors.NotThisOutput(Kind, lines.Number, line);
            }
            else if (!run.Take(said))
            {
                warn(new TextWarning(lines.Number, line, "expected an answer, an error or statistics of ping"));
            }
        }

        if (run?.Finish(warn) is { } last)
            yield return last;
    }

    internal static IPAddress? Address(string text) => IPAddress.TryParse(text, out var address) ? address : null;

    // ping: no-such-node: Name or service not known | ping: unknown host no-such-node | ping: bad address 'no-such-node'
    private static PingResult Failed(string? node, string reason)
    {
        var name = UnknownName().Match(reason);
        return new PingResult
        {
            Node = node,
            Destination = name.Success ? name.Groups["name"].Value : null,
            Failure = reason,
        };
    }

    [GeneratedRegex(@"^PING (?<name>[^\s(]+) ?\((?:[^\s()]+ \()?(?<address>[0-9A-Fa-f:.%\w]+)\)+.*data bytes|^PING (?<name>[^\s(]+) ?\((?:[^\s()]+ \()?(?<address>[^\s()]+)\)+.* bytes of data")]
    private static partial Regex Opening();

    [GeneratedRegex(@"^(?:ping[46]?: (?<reason>.+)|(?<reason>connect: .+))$")]
    private static partial Regex Complaint();

    [GeneratedRegex(@"^(?:unknown host |bad address ')(?<name>[^\s']+)'?$|^(?<name>[^\s:]+): (?:Name or service not known|Temporary failure in name resolution|No address associated|System error|Address family|Non-recoverable)")]
    private static partial Regex UnknownName();
}
