namespace CiliumLab.Simulator.Life;

/// <summary>A system call that a program made.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Text">It with its arguments, as strace prints them; null when only that it was made is known.</param>
/// <param name="Result">What came of it, as strace prints it.</param>
internal sealed record SystemCallEntry(string Name, string? Text, string Result = "0")
{
    /// <summary>When it was made.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Whether it failed.</summary>
    public bool IsError => Result.StartsWith("-1 ", StringComparison.Ordinal);
}

/// <summary>The system calls of one run of a program, in order.</summary>
/// <param name="clock">The lab's clock.</param>
internal sealed class SystemCallLog(TimeProvider clock)
{
    private readonly List<SystemCallEntry> _calls = [];

    /// <summary>The calls.</summary>
    public IReadOnlyList<SystemCallEntry> Calls => _calls;

    /// <summary>Notes a call.</summary>
    public void Add(string name, string text, string result = "0") => _calls.Add(new SystemCallEntry(name, text, result) { At = clock.GetUtcNow() });

    /// <summary>Notes calls of which only the number is known.</summary>
    public void Count(string name, int calls, int errors = 0)
    {
        for (var number = 0; number < calls; number++)
            _calls.Add(new SystemCallEntry(name, null, number < errors ? "-1 " : "0"));
    }
}
