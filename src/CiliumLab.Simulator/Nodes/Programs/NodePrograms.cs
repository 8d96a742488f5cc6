using CiliumLab.Simulator.Nodes.Files;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary>
/// The programs of a node. A program that is added lies at its paths as a file too, and is gone when that file is: helm, tcpdump
/// and the like are added by whoever simulates them, when they are installed.
/// </summary>
internal sealed class NodePrograms
{
    private const int Executable = 0b111_101_101;

    // Not a megabyte: nobody runs it, but du and ls shall find something.
    private static readonly byte[] ElfHeader = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0];

    private readonly SimulatedNode _node;
    private readonly Dictionary<string, INodeProgram> _byPath = new(StringComparer.Ordinal);

    internal NodePrograms(SimulatedNode node) => _node = node;

    /// <summary>Where a login shell looks for programs.</summary>
    public static IReadOnlyList<string> SearchPath { get; } = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/snap/bin"];

    /// <summary>Installs a program.</summary>
    public void Add(INodeProgram program)
    {
        lock (_node.Kernel.Gate)
        {
            foreach (var path in program.Paths)
            {
                _byPath[path] = program;
                var name = path[(path.LastIndexOf('/') + 1)..];
                _node.Files.Put(path[..path.LastIndexOf('/')], new RegularFile(name) { Mode = Executable, Content = ElfHeader });
            }
        }
    }

    /// <summary>Removes a program.</summary>
    public void Remove(INodeProgram program)
    {
        lock (_node.Kernel.Gate)
        {
            foreach (var path in program.Paths.Where(path => _byPath.Remove(path) && _node.Files.Find(path, follow: false) is not null))
                _node.Files.Remove(path, NodeUser.Root);
        }
    }

    /// <summary>The path of a program that is called by its name; null when it is nowhere.</summary>
    public string? Which(string name, NodeUser user)
    {
        lock (_node.Kernel.Gate)
        {
            if (name.Contains('/', StringComparison.Ordinal))
                return IsExecutable(name) ? name : null;
            return SearchPath.Select(folder => folder + "/" + name).FirstOrDefault(IsExecutable);
        }

        bool IsExecutable(string path) => _node.Files.Find(path) is RegularFile file && user.MayExecute(file);
    }

    /// <summary>Runs a program as a shell's <c>exec</c> does, or as sudo does.</summary>
    /// <param name="call">The run.</param>
    /// <param name="underSudo">Whether sudo reports that there is no such program, and not a shell.</param>
    public async Task<int> RunAsync(ProgramCall call, bool underSudo = false)
    {
        INodeProgram program;
        lock (_node.Kernel.Gate)
        {
            var path = Which(call.Name, call.User);
            if (path is null)
                return NotFound(call, underSudo);
            if (!_byPath.TryGetValue(_node.Files.Resolve(path), out var found) && !_byPath.TryGetValue(path, out found))
                return call.Complain($"{call.Name}: cannot execute binary file: Exec format error", 126);
            program = found;
        }

        try
        {
            return await program.RunAsync(call).ConfigureAwait(false);
        }
        catch (ProgramException error)
        {
            call.Error.Append(error.Message);
            await call.Output.FlushAsync(call.CancellationToken).ConfigureAwait(false);
            return error.ExitCode;
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            // A number that is none; each real program has its own words for it.
            return call.Complain($"{call.Name}: invalid argument: {error.Message}");
        }
    }

    private int NotFound(ProgramCall call, bool underSudo)
    {
        if (underSudo)
            return call.Complain($"sudo: {call.Name}: command not found");
        if (!call.Name.Contains('/', StringComparison.Ordinal))
            return call.Complain($"bash: exec: {call.Name}: not found", 127);
        return _node.Files.Find(call.PathOf(call.Name)) switch
        {
            null => call.Complain($"bash: {call.Name}: No such file or directory", 127),
            Folder => call.Complain($"bash: {call.Name}: Is a directory\nbash: exec: {call.Name}: cannot execute: Is a directory", 126),
            _ => call.Complain($"bash: {call.Name}: Permission denied\nbash: exec: {call.Name}: cannot execute: Permission denied", 126),
        };
    }
}
