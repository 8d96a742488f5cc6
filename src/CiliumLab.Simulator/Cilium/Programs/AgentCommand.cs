using System.Text;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Cilium;

/// <summary>A command of a program that is built with cobra.</summary>
/// <param name="Path">The words that name it.</param>
/// <param name="Flags">Its flags: <c>all</c>, <c>n|numeric</c>, <c>o|output=</c> with a value; the last alias is the key.</param>
/// <param name="Run">Does it under the node's lock.</param>
internal sealed record AgentCommand(string Path, string Flags, Func<AgentCall, int> Run)
{
    /// <summary>Comes before <see cref="Run"/>, without the node's lock: what asks other nodes; null for nothing.</summary>
    public Action<AgentCall>? Before { get; init; }

    /// <summary>Goes on after <see cref="Run"/> until it is stopped; null for what is over at once.</summary>
    public Func<AgentCall, CancellationToken, Task<int>>? Follow { get; init; }
}

/// <summary>A program ends at once.</summary>
internal sealed class AgentCommandException(string error, int exitCode = 1) : Exception(error)
{
    /// <summary>The exit code.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>As Fatalf of cilium-dbg says it.</summary>
    public static AgentCommandException Fatal(string message) => new($"Error: {message}");
}

/// <summary>One run of a command in the agent's container.</summary>
internal sealed class AgentCall
{
    private readonly Dictionary<string, string> _flags = new(StringComparer.Ordinal);
    private readonly List<string> _arguments = [];

    /// <param name="agent">The agent that is asked.</param>
    /// <param name="flags">What flags there are, as in <see cref="AgentCommand.Flags"/>.</param>
    /// <param name="words">What follows the command's name.</param>
    /// <exception cref="AgentCommandException">There is no such flag.</exception>
    public AgentCall(CiliumAgent agent, string flags, IEnumerable<string> words)
    {
        Agent = agent;
        var known = new Dictionary<string, (string Key, bool HasValue)>(StringComparer.Ordinal);
        foreach (var flag in flags.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var aliases = flag.TrimEnd('=').Split('|');
            foreach (var alias in aliases)
                known[alias] = (aliases[^1], flag.EndsWith('='));
        }

        var queue = new Queue<string>(words);
        var isOver = false;
        while (queue.TryDequeue(out var word))
        {
            if (isOver || word.Length < 2 || word[0] != '-')
            {
                _arguments.Add(word);
                continue;
            }

            if (word == "--")
            {
                isOver = true;
                continue;
            }

            var isLong = word[1] == '-';
            var parts = word.TrimStart('-').Split('=', 2);
            var name = isLong ? parts[0] : parts[0][..1];
            if (!known.TryGetValue(name, out var found))
                throw new AgentCommandException(isLong ? $"Error: unknown flag: --{name}" : $"Error: unknown shorthand flag: '{name}' in {word}");
            var value = parts.Length > 1 ? parts[1] : !isLong && parts[0].Length > 1 ? parts[0][1..] : null;
            if (!found.HasValue)
            {
                _flags[found.Key] = value ?? "true";

                // -jv: letters without values may stand together.
                if (!isLong && parts.Length == 1 && parts[0].Length > 1)
                {
                    _flags[found.Key] = "true";
                    queue = new Queue<string>(queue.Prepend("-" + parts[0][1..]));
                }
            }
            else if (value is null && !queue.TryDequeue(out value))
            {
                throw new AgentCommandException(isLong ? $"Error: flag needs an argument: --{name}" : $"Error: flag needs an argument: '{name}' in {word}");
            }
            else
            {
                _flags[found.Key] = _flags.TryGetValue(found.Key, out var before) ? $"{before},{value}" : value!;
            }
        }
    }

    public CiliumAgent Agent { get; }

    /// <summary>What is no flag.</summary>
    public IReadOnlyList<string> Arguments => _arguments;

    /// <summary>The first of them; null when there is none.</summary>
    public string? First => _arguments.Count > 0 ? _arguments[0] : null;

    /// <summary>What was printed and not sent yet.</summary>
    public StringBuilder Output { get; } = new();

    public StringBuilder Error { get; } = new();

    /// <summary>Sends what was printed; commands that go on use it.</summary>
    public Func<ValueTask> FlushAsync { get; set; } = static () => ValueTask.CompletedTask;

    public bool Has(string flag) => _flags.TryGetValue(flag, out var value) && value != "false";

    public string? Value(string flag) => _flags.GetValueOrDefault(flag);

    /// <summary>Prints text.</summary>
    public int Print(string text)
    {
        Output.Append(text);
        return 0;
    }

    /// <summary>Prints a line.</summary>
    public int Line(string text) => Print(text + "\n");

    /// <summary>Prints a line on standard error.</summary>
    public int Complain(string text, int exitCode)
    {
        Error.Append(text).Append('\n');
        return exitCode;
    }

    /// <summary>Prints a document when <c>-o</c> asks for one, as pkg/command does: JSON with an empty line behind it.</summary>
    /// <param name="document">Makes it.</param>
    /// <param name="exitCode">The exit code when it was asked for.</param>
    public bool TryDocument(Func<JsonNode?> document, out int exitCode)
    {
        exitCode = 0;
        if (Value("output") is not { Length: > 0 } format)
            return false;
        if (format == "json")
            Print(GoJson.Indented(document()) + "\n\n");
        else if (format == "yaml")
            Print(GoYaml.Write(document()) + "\n");
        else if (format.StartsWith("jsonpath=", StringComparison.Ordinal))
            exitCode = Path(format[9..], document());
        else
            exitCode = Complain("couldn't find output printer", 1);
        return true;
    }

    private int Path(string template, JsonNode? document)
    {
        try
        {
            return Line(new JsonPathTemplate(template).Apply(document));
        }
        catch (FormatException error)
        {
            return Complain($"Couldn't parse jsonpath expression: {error.Message}", 1);
        }
    }
}
