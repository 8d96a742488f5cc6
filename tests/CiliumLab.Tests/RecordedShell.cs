using System.Text;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Tests;

/// <summary>
/// A node in memory for what a real one can hardly be brought to do on demand: files, and answers to the commands that a test names.
/// Everything else is "not found", and all that was run and written is kept.
/// </summary>
internal sealed class RecordedShell(string node = "k8s-w1") : INodeShell
{
    private readonly Dictionary<string, Func<CommandAnswer>> _answers = new(StringComparer.Ordinal);

    public string Lab => "test";

    public NodeDescription Description { get; } = new() { Node = node, Host = "127.0.0.1", User = "vagrant" };

    public string Node => node;

    public Dictionary<string, string> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>The commands that were run, those of root with a leading #.</summary>
    public List<string> Commands { get; } = [];

    /// <summary>The paths that were written, in order.</summary>
    public List<string> Writes { get; } = [];

    public RecordedShell Answer(string command, string output, int exitCode = 0, string error = "")
    {
        _answers[command] = () => new CommandAnswer(output, exitCode, error);
        return this;
    }

    public RecordedShell Answer(string command, Func<CommandAnswer> answer)
    {
        _answers[command] = answer;
        return this;
    }

    public Task<IRunningCommand> StartAsync(NodeCommand command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var words = string.Join(' ', command.Arguments);
        lock (Commands)
            Commands.Add(command.Sudo ? $"# {words}" : words);
        var answer = _answers.TryGetValue(words, out var known) ? known() : new CommandAnswer("", 127, $"{command.Arguments[0]}: command not found");
        return Task.FromResult<IRunningCommand>(new Ended(answer));
    }

    public Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken) => Files.TryGetValue(path, out var text)
        ? Task.FromResult(Encoding.UTF8.GetBytes(text))
        : throw new LabException("NodeFileNotFound", LabErrorKind.ObjectNotFound, $"Node '{node}' has no file {path}.", node);

    public Task<string?> WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Writes.Add(path);
        var backup = Files.ContainsKey(path) ? $"{path}.backup" : null;
        Files[path] = Encoding.UTF8.GetString(content.Span);
        return Task.FromResult(backup);
    }

    public Task<string?> DeleteFileAsync(string path, CancellationToken cancellationToken)
    {
        Writes.Add(path);
        return Task.FromResult(Files.Remove(path) ? $"{path}.backup" : null);
    }

    private sealed class Ended(CommandAnswer answer) : IRunningCommand
    {
        public Stream Output { get; } = new MemoryStream(Encoding.UTF8.GetBytes(answer.Output));

        public Task<CommandExit> WaitAsync() => Task.FromResult(new CommandExit(answer.ExitCode, answer.Error));

        public ValueTask DisposeAsync() => Output.DisposeAsync();
    }
}

/// <summary>What a command says.</summary>
internal sealed record CommandAnswer(string Output, int ExitCode = 0, string Error = "");
