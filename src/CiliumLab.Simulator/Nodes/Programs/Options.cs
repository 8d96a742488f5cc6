namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary>Reads short and long options as getopt_long of the C library does, and complains as the coreutils do.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly List<string> _operands = [];

    private Options()
    {
    }

    /// <summary>What is no option.</summary>
    public IReadOnlyList<string> Operands => _operands;

    /// <summary>Reads the arguments of a call.</summary>
    /// <param name="call">The run.</param>
    /// <param name="known">Options: <c>n</c>, <c>n=</c> with a value, <c>name</c>, <c>name=</c>; aliases joined by <c>|</c>, the first is the key.</param>
    /// <param name="exitCode">The exit code for a wrong option.</param>
    /// <param name="stopAtOperand">Whether everything behind the first operand is one too.</param>
    public static Options Read(ProgramCall call, string known, int exitCode = 1, bool stopAtOperand = false)
    {
        var names = new Dictionary<string, (string Key, bool HasValue)>(StringComparer.Ordinal);
        foreach (var word in known.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var aliases = word.TrimEnd('=').Split('|');
            foreach (var alias in aliases)
                names[alias] = (aliases[0], word.EndsWith('='));
        }

        var options = new Options();
        var words = new Queue<string>(call.Arguments);
        var only = false;
        while (words.TryDequeue(out var word))
        {
            if (only || word.Length < 2 || word[0] != '-')
            {
                options._operands.Add(word);
                only |= stopAtOperand;
            }
            else if (word == "--")
            {
                only = true;
            }
            else if (word[1] == '-')
            {
                var parts = word[2..].Split('=', 2);
                if (parts[0].Length < 2 || !names.TryGetValue(parts[0], out var option))
                    throw Usage(call, $"unrecognized option '{word}'", exitCode);
                options.Set(call, option, parts[0], parts.Length > 1 ? parts[1] : null, words, exitCode, isLong: true);
            }
            else
            {
                for (var index = 1; index < word.Length; index++)
                {
                    var letter = word[index].ToString();
                    if (!names.TryGetValue(letter, out var option))
                        throw Usage(call, $"invalid option -- '{letter}'", exitCode);
                    if (option.HasValue)
                    {
                        options.Set(call, option, letter, index + 1 < word.Length ? word[(index + 1)..] : null, words, exitCode, isLong: false);
                        break;
                    }

                    options._values[option.Key] = "";
                }
            }
        }

        return options;
    }

    /// <summary>Whether an option was given.</summary>
    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>An option's value; null when it was not given.</summary>
    public string? Value(string key) => _values.GetValueOrDefault(key);

    /// <summary>A wrong call, as the coreutils tell it.</summary>
    public static ProgramException Usage(ProgramCall call, string reason, int exitCode = 1) =>
        new(exitCode, $"{call.Name}: {reason}\nTry '{call.Name} --help' for more information.\n");

    private void Set(ProgramCall call, (string Key, bool HasValue) option, string name, string? value, Queue<string> words, int exitCode, bool isLong)
    {
        if (option.HasValue && value is null && !words.TryDequeue(out value))
            throw Usage(call, isLong ? $"option '--{name}' requires an argument" : $"option requires an argument -- '{name}'", exitCode);
        _values[option.Key] = value ?? "";
    }
}
