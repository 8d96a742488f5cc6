namespace CiliumLab.Simulator.Api;

/// <summary>Runs commands in containers, in-process: whoever simulates nodes implements it.</summary>
internal interface IPodExecutor
{
    /// <summary>Runs a command to its end.</summary>
    /// <param name="request">What to run where.</param>
    /// <param name="streams">Standard input, output and error, and terminal sizes.</param>
    /// <param name="cancellationToken">The client went away.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="PodExecException">The command could not be started.</exception>
    Task<int> RunAsync(PodExecRequest request, PodExecStreams streams, CancellationToken cancellationToken);
}

/// <summary>What to run where.</summary>
/// <param name="Pod">The pod as it is now.</param>
/// <param name="Container">The container's name.</param>
/// <param name="Command">The command and its arguments; empty to attach to what runs already.</param>
/// <param name="Terminal">Whether it runs on a terminal.</param>
internal sealed record PodExecRequest(StoredObject Pod, string Container, IReadOnlyList<string> Command, bool Terminal);

/// <summary>The streams of a running command. Input ends when the client closes it.</summary>
/// <param name="Input">What the client types; empty when it sends nothing.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record PodExecStreams(Stream Input, Stream Output, Stream Error)
{
    /// <summary>The client's terminal got another size.</summary>
    public Action<int, int>? Resized { get; set; }
}

/// <summary>A command that could not be started, worded by the container runtime.</summary>
/// <param name="message">What it said.</param>
internal sealed class PodExecException(string message) : Exception(message);

/// <summary>Gives what containers wrote: whoever simulates nodes implements it.</summary>
internal interface IPodLogSource
{
    /// <summary>The lines of a container, oldest first; with <see cref="PodLogRequest.Follow"/> also those to come, until it ends.</summary>
    /// <exception cref="ApiException">There is no log to read (400), for instance of a container that waits to start.</exception>
    IAsyncEnumerable<PodLogLine> ReadAsync(PodLogRequest request, CancellationToken cancellationToken);
}

/// <summary>Which lines.</summary>
/// <param name="Pod">The pod as it is now.</param>
/// <param name="Container">The container's name.</param>
/// <param name="Follow">Also lines to come.</param>
/// <param name="Previous">Of the container's former instance.</param>
internal sealed record PodLogRequest(StoredObject Pod, string Container, bool Follow, bool Previous);

/// <summary>One line that a container wrote.</summary>
/// <param name="Time">When.</param>
/// <param name="Text">The line without its end.</param>
internal sealed record PodLogLine(DateTimeOffset Time, string Text);
