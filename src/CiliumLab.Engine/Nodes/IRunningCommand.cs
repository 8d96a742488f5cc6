namespace CiliumLab.Engine.Nodes;

/// <summary>A command that runs on a node. Disposing it before its end signals the remote command.</summary>
public interface IRunningCommand : IAsyncDisposable
{
    /// <summary>Standard output as it arrives. It must be read to its end before <see cref="WaitAsync"/> completes.</summary>
    Stream Output { get; }

    /// <summary>Waits for the command's end.</summary>
    /// <exception cref="CiliumLab.Model.LabException"><c>NodeCommandTimedOut</c>, or the connection broke.</exception>
    Task<CommandExit> WaitAsync();
}

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">The exit code; 128 plus the signal's number when a signal ended it.</param>
/// <param name="Error">Standard error, decoded as UTF-8; at most its first megabyte.</param>
public sealed record CommandExit(int ExitCode, string Error);
