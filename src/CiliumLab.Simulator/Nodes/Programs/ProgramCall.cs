using System.Buffers;
using System.Text;
using CiliumLab.Simulator.Nodes.Files;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary>One run of a program.</summary>
internal sealed record ProgramCall
{
    /// <summary>Where it runs.</summary>
    public required SimulatedNode Node { get; init; }

    /// <summary>The program's name as it was called.</summary>
    public required string Name { get; init; }

    /// <summary>The arguments behind the name.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Who runs it.</summary>
    public NodeUser User { get; init; } = NodeUser.Root;

    /// <summary>The network that it is in: the node's, or a pod's.</summary>
    public required NetworkNamespace Network { get; init; }

    /// <summary>The folder that it is in.</summary>
    public string Folder { get; init; } = "/root";

    /// <summary>Its environment, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Standard input.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Standard output.</summary>
    public required ProgramOutput Output { get; init; }

    /// <summary>Standard error.</summary>
    public StringBuilder Error { get; init; } = new();

    /// <summary>Takes standard error while the program runs; null for whoever reads it at the end.</summary>
    public Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask>? ErrorSink { get; init; }

    /// <summary>The files of a container; null for the node's.</summary>
    public ProgramFiles? OwnFiles { get; init; }

    /// <summary>The files that it reads and writes.</summary>
    public ProgramFiles Files => OwnFiles ?? new ProgramFiles(path => Node.Files.Read(PathOf(path), User), (path, content) => Node.Files.Write(PathOf(path), content, User));

    /// <summary>TERM or KILL.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>What time it is on the node.</summary>
    public DateTimeOffset Now => Node.Clock.GetUtcNow();

    /// <summary>Standard input as text.</summary>
    public string InputText => Encoding.UTF8.GetString(Input.Span);

    /// <summary>Whether the locale knows more than ASCII.</summary>
    public bool IsUtf8 => (Variable("LC_ALL") ?? Variable("LC_CTYPE") ?? Variable("LANG") ?? "C").EndsWith("UTF-8", StringComparison.OrdinalIgnoreCase);

    /// <summary>A variable of the environment; null when there is none.</summary>
    public string? Variable(string name) => Environment.LastOrDefault(variable => variable.Key == name).Value;

    /// <summary>The absolute path of an argument.</summary>
    public string PathOf(string argument)
    {
        var path = NodeFileSystem.Combine(Folder, argument);
        return argument.EndsWith('/') && path != "/" ? path + "/" : path;
    }

    /// <summary>Prints a line.</summary>
    public void Line(string text) => Output.Write(text + "\n");

    /// <summary>Prints text.</summary>
    public void Print(string text) => Output.Write(text);

    /// <summary>Hands on what was said on standard error, if somebody takes it before the end.</summary>
    public async ValueTask FlushErrorAsync(CancellationToken cancellationToken)
    {
        if (ErrorSink is null || Error.Length == 0)
            return;
        var said = Encoding.UTF8.GetBytes(Error.ToString());
        Error.Clear();
        await ErrorSink(said, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Prints a line on standard error.</summary>
    /// <returns>The exit code that goes with it.</returns>
    public int Complain(string text, int exitCode = 1)
    {
        Error.Append(text).Append('\n');
        return exitCode;
    }
}

/// <summary>Standard output of a program: kept until it is flushed, so that programs that run under the node's lock never wait for a reader.</summary>
/// <param name="sink">Where it goes.</param>
internal sealed class ProgramOutput(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> sink)
{
    private ArrayBufferWriter<byte> _held = new();

    /// <summary>Keeps text.</summary>
    public void Write(string text) => Encoding.UTF8.GetBytes(text, _held);

    /// <summary>Keeps bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => _held.Write(bytes);

    /// <summary>Hands on what is kept; waits while the reader does not keep up.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_held.WrittenCount == 0)
            return;
        var held = _held;
        _held = new ArrayBufferWriter<byte>();
        await sink(held.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }
}
