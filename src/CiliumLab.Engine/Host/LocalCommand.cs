namespace CiliumLab.Engine.Host;

/// <summary>A program to run on this computer: an argument vector, never a shell string.</summary>
/// <param name="Program">The program's file.</param>
/// <param name="Arguments">Its arguments, passed as they are.</param>
internal sealed record LocalCommand(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>The folder to run in; null for the current one.</summary>
    public string? Folder { get; init; }

    /// <summary>Variables that are set, or taken away where the value is null.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>What the program reads on standard input; nothing unless it is set.</summary>
    public string Input { get; init; } = "";

    /// <summary>How long the program may clean up when it is stopped, before it is killed.</summary>
    public TimeSpan CleanUpTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a line of output says that the program was told to stop, by the terminal for instance, and is at it.</summary>
    public Func<string, bool> IsStopping { get; init; } = static _ => false;
}

/// <summary>What a program said and how it ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record LocalResult(int ExitCode, string Output, string Error);
