using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes;

/// <summary>The ways in which the rest of the engine runs commands; all of them end in <see cref="ICommandRunner.StartAsync"/>.</summary>
public static class NodeShellCommands
{
    private const int RecordsAhead = 256;

    /// <summary>Runs a command to its end and returns what it said, whatever its exit code.</summary>
    public static async Task<NodeCommandResult> RunAsync(this ICommandRunner shell, NodeCommand command, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var running = await shell.StartAsync(command, cancellationToken).ConfigureAwait(false);
        return await CollectAsync(shell.Node, command, running, clock, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a command that must succeed and returns its standard output.</summary>
    /// <exception cref="LabException"><c>NodeCommandFailed</c>, or <c>NodeCommandNotFound</c> when there is no such program.</exception>
    public static async Task<string> ReadOutputAsync(this ICommandRunner shell, NodeCommand command, CancellationToken cancellationToken)
    {
        var result = await shell.RunAsync(command, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 ? result.Output : throw Failure(shell, command, result);
    }

    /// <summary>
    /// Runs a command that must succeed and hands its output to a parser while it arrives; objects come out as they are known.
    /// </summary>
    /// <param name="shell">Where.</param>
    /// <param name="command">What to run.</param>
    /// <param name="parse">Reads records from the text; enumerated on a thread-pool thread.</param>
    /// <param name="cancellationToken">Signals the remote command.</param>
    /// <param name="judge">What is wrong with how it ended, if anything; null when it must end with 0.</param>
    public static async IAsyncEnumerable<T> ParseOutputAsync<T>(
        this ICommandRunner shell,
        NodeCommand command,
        Func<TextReader, IEnumerable<T>> parse,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        Func<CommandExit, LabException?>? judge = null)
    {
        var running = await shell.StartAsync(command, cancellationToken).ConfigureAwait(false);
        await using (running.ConfigureAwait(false))
        {
            // Parsers read as they please, so they get a thread that may block; the channel keeps them from running ahead.
            var records = Channel.CreateBounded<T>(RecordsAhead);
            using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var parsing = Task.Factory.StartNew(
                () => Parse(running.Output, parse, records.Writer, given.Token),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            try
            {
                await foreach (var record in records.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                    yield return record;
            }
            finally
            {
                await given.CancelAsync().ConfigureAwait(false);
            }

            var unreadable = await parsing.ConfigureAwait(false);
            var exit = await running.WaitAsync().ConfigureAwait(false);
            if (judge is null && exit.ExitCode != 0)
                throw Failure(shell, command, exit);
            if (judge?.Invoke(exit) is { } failure)
                throw failure;
            if (unreadable is not null)
                throw unreadable;
        }
    }

    /// <summary>The error for a command of a node that ended with a code that its caller does not accept.</summary>
    public static LabException Failure(NodeCommandResult result, NodeCommand command) =>
        Failure(result.Node, $"node '{result.Node}'", ByHand(result.Node, command), command, result.ExitCode, result.Output, result.Error);

    /// <summary>The error for a command that ended with a code that its caller does not accept.</summary>
    public static LabException Failure(ICommandRunner shell, NodeCommand command, NodeCommandResult result) =>
        Failure(shell, command, result.ExitCode, result.Output, result.Error);

    /// <summary>The error for a command, whose output was read elsewhere, that ended with a code that its caller does not accept.</summary>
    public static LabException Failure(ICommandRunner shell, NodeCommand command, CommandExit exit) => Failure(shell, command, exit.ExitCode, "", exit.Error);

    /// <summary>What to type to run a command on a node by hand.</summary>
    internal static string ByHand(string node, NodeCommand command) =>
        $"Invoke-NodeCommand -Node {node}{(command.Sudo ? " -Sudo" : "")} -Command {ShellQuoting.JoinForPowerShell(command.Arguments)}";

    /// <summary>Whether a command failed because the node has no such program; sudo says so with an exit code of its own.</summary>
    public static bool IsProgramMissing(NodeCommandResult result) =>
        result.ExitCode == 127 || (result.ExitCode != 0 && result.Error.Contains("command not found", StringComparison.Ordinal));

    /// <summary>Reads a running command to its end and disposes it.</summary>
    internal static async Task<NodeCommandResult> CollectAsync(
        string node, NodeCommand command, IRunningCommand running, Stopwatch clock, CancellationToken cancellationToken)
    {
        await using (running.ConfigureAwait(false))
        {
            using var reader = new StreamReader(running.Output, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: false);
            var output = await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            var exit = await running.WaitAsync().ConfigureAwait(false);
            return new NodeCommandResult
            {
                Node = node,
                Command = ShellQuoting.Join(command.Arguments),
                ExitCode = exit.ExitCode,
                Output = output,
                Error = exit.Error,
                Duration = clock.Elapsed,
            };
        }
    }

    // What the parser does not understand is returned, not thrown: that the command itself failed is the better explanation.
    private static LabException? Parse<T>(
        Stream output, Func<TextReader, IEnumerable<T>> parse, ChannelWriter<T> records, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = new StreamReader(output, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: false, 64 * 1024);
            LabException? unreadable = null;
            try
            {
                foreach (var record in parse(reader))
                {
                    if (!records.TryWrite(record))
                        records.WriteAsync(record, cancellationToken).AsTask().GetAwaiter().GetResult();
                }
            }
            catch (LabException error)
            {
                unreadable = error;
            }

            output.CopyTo(Stream.Null);
            return unreadable;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            records.Complete();
        }
    }

    private static LabException Failure(ICommandRunner shell, NodeCommand command, int exitCode, string output, string error) =>
        Failure(shell.Node, shell.Place, shell.ByHand(command), command, exitCode, output, error);

    private static LabException Failure(
        string node, string place, string byHand, NodeCommand command, int exitCode, string output, string error)
    {
        var program = command.Arguments[0];
        var said = FirstLines(string.IsNullOrWhiteSpace(error) ? output : error);
        if (exitCode == 127)
        {
            return new LabException(
                "NodeCommandNotFound",
                LabErrorKind.NotInstalled,
                $"{char.ToUpperInvariant(place[0])}{place[1..]} has no program '{program}'{Said(said)}",
                node,
                $"Install the package that brings '{program}' there, or choose another node with -Node.");
        }

        return new LabException(
            "NodeCommandFailed",
            LabErrorKind.RemoteCommandFailed,
            $"'{ShellQuoting.Join(command.Arguments)}' ended with exit code {exitCode} on {place}{Said(said)}",
            node,
            $"See everything it says: {byHand}");
    }

    private static string Said(string text) => text.Length == 0 ? "." : $": {text}";

    private static string FirstLines(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return string.Join(" | ", lines.Take(5));
    }
}
