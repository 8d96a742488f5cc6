namespace CiliumLab.Engine.Nodes;

/// <summary>A command for a node: an argument vector and standard input, never a shell string.</summary>
/// <param name="Arguments">The program and its arguments, passed as they are.</param>
public sealed record NodeCommand(IReadOnlyList<string> Arguments)
{
    /// <summary>Makes a command from its words.</summary>
    public static NodeCommand Of(params string[] arguments) => new(arguments);

    /// <summary>Makes a command that runs as root.</summary>
    public static NodeCommand AsRoot(params string[] arguments) => new(arguments) { Sudo = true };

    /// <summary>Whether it runs as root.</summary>
    public bool Sudo { get; init; }

    /// <summary>What the command reads on standard input; empty unless it is set.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>
    /// Whether it runs until somebody ends it. Kubernetes cannot signal what exec started, so a container then tells the command's number
    /// first (its image needs a shell for that), and a second command ends it. Over SSH every command is signalled, and this changes nothing.
    /// </summary>
    public bool Lasting { get; init; }

    /// <summary>
    /// Whether its standard error is what is read, and its standard output is in <see cref="CommandExit.Error"/>: for programs that tell there what
    /// another one does, whose own output must not come in between. Only containers keep the two apart while a command runs.
    /// </summary>
    public bool ReadsError { get; init; }

    /// <summary>How long it may take before it is signalled; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }
}
