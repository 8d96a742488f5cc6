using System.Text;

namespace CiliumLab.Simulator.Life;

/// <summary>One run of a program in a container.</summary>
/// <param name="Container">The container.</param>
/// <param name="Arguments">The program's name and its arguments.</param>
/// <param name="Input">Standard input.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Terminal">Whether it runs on a terminal.</param>
/// <param name="Process">What the container knows it as.</param>
internal sealed record ContainerCall(
    ContainerContext Container, IReadOnlyList<string> Arguments, Stream Input, Stream Output, Stream Error, bool Terminal, ContainerProcess Process)
{
    /// <summary>The process as strace sees it; null when nobody traces it.</summary>
    public TracedProcess? Traced
    {
        get;
        init => (field, Busybox) = (value, value is null ? null : new BusyboxSystemCalls(value, Container));
    }

    /// <summary>What programs of busybox tell of themselves; null when nobody traces them.</summary>
    public BusyboxSystemCalls? Busybox { get; private init; }

    /// <summary>Writes to standard output.</summary>
    public ValueTask PrintAsync(string text, CancellationToken cancellationToken) => WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);

    /// <summary>Writes to standard output, behind what strace has said by then.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await ShowCallsAsync().ConfigureAwait(false);
        await Output.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a line to standard error and gives the exit code back.</summary>
    public async Task<int> ComplainAsync(string text, int exitCode, CancellationToken cancellationToken)
    {
        await ShowCallsAsync().ConfigureAwait(false);
        await Error.WriteAsync(Encoding.UTF8.GetBytes(text + "\n"), cancellationToken).ConfigureAwait(false);
        return exitCode;
    }

    private Task ShowCallsAsync() => Traced?.Showing() ?? Task.CompletedTask;
}

/// <summary>A program in an image that exec can run. It runs on its caller's thread, not on the loop.</summary>
internal interface IContainerProgram
{
    /// <summary>Whether it tells <see cref="ContainerCall.Traced"/> what it asks of the kernel.</summary>
    bool TellsCalls => false;

    /// <summary>Runs it.</summary>
    /// <returns>The exit code.</returns>
    Task<int> RunAsync(ContainerCall call, CancellationToken cancellationToken);
}
