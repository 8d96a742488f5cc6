using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>One run of ping while its output is being read.</summary>
internal sealed partial class PingRun(string? node, string destination, IPAddress? address, int line, string opening)
{
    private readonly List<PingReply> _replies = [];
    private PingResult _result = new() { Node = node, Destination = destination, Address = address };
    private string? _failure;

    /// <summary>Whether the statistics were there; what comes then belongs to another run.</summary>
    public bool Ended { get; private set; }

    /// <summary>Ping gave up.</summary>
    public void Fail(string reason) => _failure ??= reason;

    /// <summary>Takes a line; false when ping does not print such lines.</summary>
    public bool Take(string said)
    {
        if (Timestamp().Match(said) is { Success: true } timestamp)
            said = said[timestamp.Length..];
        if (Answer().Match(said) is { Success: true } answer)
        {
            _replies.Add(new PingReply
            {
                From = From(answer.Groups["from"].Value),
                Sequence = Number(answer.Groups["seq"].Value),
                TimeToLive = Number(answer.Groups["ttl"].Value),
                RoundTrip = Milliseconds(answer.Groups["time"].Value),
                Duplicate = said.Contains("(DUP!)", StringComparison.Ordinal) || said.Contains("(DUP)", StringComparison.Ordinal),
            });
            return true;
        }

        if (Error().Match(said) is { Success: true } error)
        {
            _replies.Add(new PingReply
            {
                From = From(error.Groups["from"].Value),
                Sequence = Number(error.Groups["seq"].Value),
                Error = error.Groups["error"].Value,
            });
            return true;
        }

        if (Summary().Match(said) is { Success: true } summary)
        {
            Ended = true;
            _result = _result with
            {
                Sent = Number(summary.Groups["sent"].Value) ?? 0,
                Received = Number(summary.Groups["received"].Value) ?? 0,
                Duplicates = Number(summary.Groups["duplicates"].Value) ?? 0,
                Errors = Number(summary.Groups["errors"].Value) ?? 0,
            };
            return true;
        }

        if (RoundTrips().Match(said) is { Success: true } times)
        {
            _result = _result with
            {
                MinRtt = Milliseconds(times.Groups["min"].Value),
                AvgRtt = Milliseconds(times.Groups["avg"].Value),
                MaxRtt = Milliseconds(times.Groups["max"].Value),
                DeviationRtt = Milliseconds(times.Groups["mdev"].Value),
            };
            return true;
        }

        return Uninteresting().IsMatch(said);
    }

    /// <summary>What the run found out.</summary>
    public PingResult Finish(Action<TextWarning> warn)
    {
        if (!Ended && _failure is null)
        {
            warn(new TextWarning(line, opening, "this run has no statistics: the output is cut off; only its answers are counted"));
            var answered = _replies.Where(reply => reply is { Error: null, Duplicate: false }).Select(reply => reply.Sequence).Distinct().Count();
            _result = _result with
            {
                Sent = _replies.Select(reply => reply.Sequence).Distinct().Count(),
                Received = answered,
                Duplicates = _replies.Count(reply => reply.Duplicate),
                Errors = _replies.Count(reply => reply.Error is not null),
            };
        }

        var failure = _result.Received > 0 ? null : _failure ?? _replies.LastOrDefault(reply => reply.Error is not null)?.Error ?? "no answer";
        return _result with { Replies = _replies, Failure = failure };
    }

    // k8s-w1 (192.168.10.101)  or  192.168.10.101
    private static IPAddress? From(string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        return PingText.Address(open < 0 ? text : text[(open + 1)..].TrimEnd(')'));
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static TimeSpan? Milliseconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var time) && time < int.MaxValue
            ? TimeSpan.FromTicks((long)Math.Round(time * TimeSpan.TicksPerMillisecond))
            : null;

    [GeneratedRegex(@"^\[\d+\.\d+\] ")]
    private static partial Regex Timestamp();

    [GeneratedRegex(@"^\d+ bytes from (?<from>\S+(?: \([^()]+\))?): (?:icmp_)?seq=(?<seq>\d+)(?: ident=\d+)? (?:ttl|hlim)=(?<ttl>\d+)(?: time[=<](?<time>[\d.]+) ms)?")]
    private static partial Regex Answer();

    [GeneratedRegex(@"^From (?<from>\S+?(?: \([^()]+\))?):? icmp_seq=(?<seq>\d+) (?<error>\S.*)$|^(?<error>no answer yet) for icmp_seq=(?<seq>\d+)$")]
    private static partial Regex Error();

    [GeneratedRegex(@"^(?<sent>\d+) packets transmitted, (?<received>\d+)(?: packets)? received,(?: \+?(?<duplicates>\d+) duplicates,)?(?: \+\d+ corrupted,)?(?: \+(?<errors>\d+) errors,)? [\d.]+% packet loss(?:, time \d+ms)?$")]
    private static partial Regex Summary();

    [GeneratedRegex(@"^(?:rtt|round-trip) min/avg/max(?:/mdev|/stddev)? = (?<min>[\d.]+)/(?<avg>[\d.]+)/(?<max>[\d.]+)(?:/(?<mdev>[\d.]+))? ms")]
    private static partial Regex RoundTrips();

    [GeneratedRegex(@"^--- .+ ping statistics ---$|^pipe \d+$|^\d+/\d+ packets, \d+% loss")]
    private static partial Regex Uninteresting();
}
