namespace CiliumLab.Model;

/// <summary>How often a command made a system call, how often it failed, and how long it took: a row of <c>strace -c</c>.</summary>
public sealed record SystemCallSummary
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The pod's namespace; null for text.</summary>
    public string? Namespace { get; init; }

    /// <summary>The pod; null for text.</summary>
    public string? Pod { get; init; }

    /// <summary>The call's name.</summary>
    public required string Name { get; init; }

    /// <summary>How often it was called.</summary>
    public ulong Calls { get; init; }

    /// <summary>How often it failed.</summary>
    public ulong Errors { get; init; }

    /// <summary>The time that all the calls took, as far as strace measured it: of the processor, or on the clock with -w.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The time of one call.</summary>
    public TimeSpan PerCall { get; init; }

    /// <summary>Its part of the time of all calls, from 0 to 100.</summary>
    public double Percent { get; init; }
}
