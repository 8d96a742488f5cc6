using System.Net;

namespace CiliumLab.Model;

/// <summary>In what way a pod does not reach something.</summary>
public enum PodConnectivityFailure
{
    /// <summary>It reaches it.</summary>
    None,

    /// <summary>The name has no address: DNS says so, or does not answer.</summary>
    NameNotResolved,

    /// <summary>Somebody is there and says no: nothing listens on the port, or a service has no endpoint.</summary>
    Refused,

    /// <summary>Nothing comes back.</summary>
    TimedOut,

    /// <summary>A host or router on the way says that it does not know the way.</summary>
    NoRoute,

    /// <summary>The server answers, with an HTTP status that is an error.</summary>
    HttpStatus,

    /// <summary>Something else; <see cref="PodConnectivity.Failure"/> says what.</summary>
    Other,
}

/// <summary>Somebody who answered, and how often.</summary>
/// <param name="Name">The pod's or host's name, as it calls itself, or its address.</param>
/// <param name="Count">How many requests it answered.</param>
public sealed record PodResponder(string Name, int Count)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Count}";
}

/// <summary>Whether a pod reaches something over HTTP, and who answers.</summary>
public sealed record PodConnectivity
{
    /// <summary>The pod that asked, as <c>namespace/name</c>.</summary>
    public required string From { get; init; }

    /// <summary>What was asked, as it was named.</summary>
    public required string To { get; init; }

    /// <summary>The URL that the name stands for.</summary>
    public required Uri Url { get; init; }

    /// <summary>Whether every request was answered, and well.</summary>
    public bool Succeeded => Sent > 0 && Answered >= Sent;

    /// <summary>How many requests were sent.</summary>
    public int Sent { get; init; }

    /// <summary>How many of them were answered well.</summary>
    public int Answered { get; init; }

    /// <summary>Who answered, and how often; the most frequent first.</summary>
    public IReadOnlyList<PodResponder> RespondedBy { get; init; } = [];

    /// <summary>The HTTP status of the last answer; null without one.</summary>
    public int? Status { get; init; }

    /// <summary>The address that was connected to last; null without a connection.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>How long an answer took, on average; null without one.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>In what way it failed first.</summary>
    public PodConnectivityFailure FailureKind { get; init; }

    /// <summary>Why it failed first, and how often; null when it did not.</summary>
    public string? Failure { get; init; }
}
