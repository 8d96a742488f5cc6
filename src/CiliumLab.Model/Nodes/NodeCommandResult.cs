namespace CiliumLab.Model;

/// <summary>What a command on a node said and how it ended.</summary>
public sealed record NodeCommandResult
{
    /// <summary>The node that it ran on.</summary>
    public required string Node { get; init; }

    /// <summary>The command as it can be typed into a shell.</summary>
    public required string Command { get; init; }

    /// <summary>The exit code; 128 plus the signal's number when a signal ended it.</summary>
    public required int ExitCode { get; init; }

    /// <summary>Standard output, decoded as UTF-8.</summary>
    public required string Output { get; init; }

    /// <summary>Standard error, decoded as UTF-8.</summary>
    public required string Error { get; init; }

    /// <summary>How long it took, measured here.</summary>
    public required TimeSpan Duration { get; init; }
}
