namespace CiliumLab.Model;

/// <summary>How two paths differ at a kind of hop.</summary>
public enum PathDifference
{
    /// <summary>They do the same.</summary>
    Same,

    /// <summary>Both have the hop and do something else.</summary>
    Changed,

    /// <summary>Only the reference has it.</summary>
    OnlyReference,

    /// <summary>Only the other one has it.</summary>
    OnlyDifference,
}

/// <summary>A hop of two paths side by side.</summary>
public sealed record PodPathComparison
{
    /// <summary>What the hop is about.</summary>
    public required PathHopKind Kind { get; init; }

    /// <summary>How the two differ.</summary>
    public required PathDifference Difference { get; init; }

    /// <summary>The hop of the reference; null when it has none.</summary>
    public PathHop? ReferenceHop { get; init; }

    /// <summary>The hop of the other path; null when it has none.</summary>
    public PathHop? DifferenceHop { get; init; }

    /// <summary>What the reference does there.</summary>
    public string? Reference => ReferenceHop?.Reason ?? ReferenceHop?.Summary;

    /// <summary>What the other path does there.</summary>
    public string? Other => DifferenceHop?.Reason ?? DifferenceHop?.Summary;
}
