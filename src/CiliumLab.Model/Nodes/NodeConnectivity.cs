using System.Net;

namespace CiliumLab.Model;

/// <summary>Whether one node reaches another, tested with ping.</summary>
public sealed record NodeConnectivity
{
    /// <summary>The node that pinged.</summary>
    public required string From { get; init; }

    /// <summary>The node, name or address that was pinged.</summary>
    public required string To { get; init; }

    /// <summary>The address that was pinged; null when the name was not resolved.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Whether every request was answered.</summary>
    public bool Succeeded => Sent > 0 && Received >= Sent;

    /// <summary>How many requests were sent.</summary>
    public int Sent { get; init; }

    /// <summary>How many of them were answered.</summary>
    public int Received { get; init; }

    /// <summary>The shortest round trip; null without an answer.</summary>
    public TimeSpan? MinRtt { get; init; }

    /// <summary>The mean round trip; null without an answer.</summary>
    public TimeSpan? AvgRtt { get; init; }

    /// <summary>The longest round trip; null without an answer.</summary>
    public TimeSpan? MaxRtt { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Failure { get; init; }
}
