namespace CiliumLab.Model;

/// <summary>How a check of this computer came out.</summary>
public enum LabHostCheckStatus
{
    /// <summary>It is as it must be.</summary>
    Passed,

    /// <summary>A lab can be made, and something about it will be worse than it could be.</summary>
    Warning,

    /// <summary>A lab cannot be made.</summary>
    Failed,
}

/// <summary>Whether this computer has something that labs of a provider need.</summary>
public sealed record LabHostCheck
{
    /// <summary>What is checked, in one word.</summary>
    public required string Name { get; init; }

    /// <summary>How it came out.</summary>
    public LabHostCheckStatus Status { get; init; }

    /// <summary>What is there.</summary>
    public required string Found { get; init; }

    /// <summary>What must be there.</summary>
    public required string Required { get; init; }

    /// <summary>What to type, on this operating system, to mend it; null when nothing is to be mended.</summary>
    public string? Remedy { get; init; }

    /// <summary>Whether Initialize-LabHost mends it.</summary>
    public bool CanInitialize { get; init; }
}
