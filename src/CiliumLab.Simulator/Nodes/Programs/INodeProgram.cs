namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary>A program of a node. One class for each program; it reads and changes the node's state and says what the real one says.</summary>
internal interface INodeProgram
{
    /// <summary>Where it is installed, such as <c>/usr/sbin/ip</c>; several when it has several names.</summary>
    IReadOnlyList<string> Paths { get; }

    /// <summary>Runs it.</summary>
    /// <returns>The exit code.</returns>
    Task<int> RunAsync(ProgramCall call);
}

/// <summary>A program that is over at once. It runs under the node's lock, so it sees one state of everything.</summary>
internal abstract class ImmediateProgram(params IReadOnlyList<string> paths) : INodeProgram
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => paths;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ProgramCall call)
    {
        int code;
        lock (call.Node.Kernel.Gate)
        {
            try
            {
                code = Run(call);
            }
            catch (ProgramException error)
            {
                call.Error.Append(error.Message);
                code = error.ExitCode;
            }
        }

        await call.Output.FlushAsync(call.CancellationToken).ConfigureAwait(false);
        return code;
    }

    /// <summary>Does the work.</summary>
    /// <returns>The exit code.</returns>
    protected abstract int Run(ProgramCall call);
}

/// <summary>A program ends at once: with what it said on standard error, line feeds included, and its exit code.</summary>
internal sealed class ProgramException(int exitCode, string error) : Exception(error)
{
    /// <summary>The exit code.</summary>
    public int ExitCode { get; } = exitCode;
}
