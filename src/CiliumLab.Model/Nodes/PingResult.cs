using System.Net;

namespace CiliumLab.Model;

/// <summary>One answer to an echo request, or an error that came instead.</summary>
public sealed record PingReply
{
    /// <summary>The request's number as the tool counts: iputils from 1, busybox from 0; null when the line has none.</summary>
    public int? Sequence { get; init; }

    /// <summary>Who answered; null when the line gives a name only.</summary>
    public IPAddress? From { get; init; }

    /// <summary>The time to live that the answer arrived with; null on errors.</summary>
    public int? TimeToLive { get; init; }

    /// <summary>How long it took; null on errors.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Whether this request had been answered already.</summary>
    public bool Duplicate { get; init; }

    /// <summary>What came instead of an answer, such as <c>Destination Host Unreachable</c>; null on answers.</summary>
    public string? Error { get; init; }
}

/// <summary>What one run of ping found out.</summary>
public sealed record PingResult
{
    /// <summary>The node that pinged; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The name or address that was asked for; null when ping failed before it said so.</summary>
    public string? Destination { get; init; }

    /// <summary>The address that was pinged; null when the name was not resolved.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>How many requests were sent.</summary>
    public int Sent { get; init; }

    /// <summary>How many of them were answered.</summary>
    public int Received { get; init; }

    /// <summary>How many answers came more than once.</summary>
    public int Duplicates { get; init; }

    /// <summary>How many errors came instead of answers.</summary>
    public int Errors { get; init; }

    /// <summary>The share of requests without an answer, from 0 to 100; 100 when none could be sent.</summary>
    public double LossPercent => Sent == 0 ? 100 : 100.0 * Math.Max(0, Sent - Received) / Sent;

    /// <summary>The shortest round trip; null without an answer.</summary>
    public TimeSpan? MinRtt { get; init; }

    /// <summary>The mean round trip; null without an answer.</summary>
    public TimeSpan? AvgRtt { get; init; }

    /// <summary>The longest round trip; null without an answer.</summary>
    public TimeSpan? MaxRtt { get; init; }

    /// <summary>How much the round trips vary; null without an answer, and from busybox.</summary>
    public TimeSpan? DeviationRtt { get; init; }

    /// <summary>Answers and errors in the order in which they came.</summary>
    public IReadOnlyList<PingReply> Replies { get; init; } = [];

    /// <summary>Why there is no answer, in ping's words; null when there is one, or nobody said.</summary>
    public string? Failure { get; init; }
}
