namespace CiliumLab.Model;

/// <summary>What became of a step of a runbook.</summary>
public enum LabStepStatus
{
    /// <summary>It ran, and what it was to reach is reached.</summary>
    Done,

    /// <summary>What it was to reach was reached before; nothing was run.</summary>
    AlreadyDone,

    /// <summary>It ran and failed.</summary>
    Failed,

    /// <summary>It was not run: a step before it failed, or it was not confirmed.</summary>
    NotRun,
}

/// <summary>What became of a step of a runbook, and how long it took.</summary>
public sealed record LabStepResult
{
    /// <summary>The step's place in its runbook, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>What the step is for.</summary>
    public required string Title { get; init; }

    /// <summary>What became of it.</summary>
    public required LabStepStatus Status { get; init; }

    /// <summary>How long it took, its condition included.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Why it failed or was not run; null otherwise.</summary>
    public string? Failure { get; init; }
}
