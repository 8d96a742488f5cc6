using System.Globalization;

namespace CiliumLab.Simulator.Charts;

/// <summary>A wrong call of Helm.</summary>
/// <param name="message">What it says behind <c>Error:</c>.</param>
internal sealed class HelmUsageException(string message) : Exception(message);

/// <summary>The words of a call of Helm: operands, and flags that may stand anywhere.</summary>
internal sealed class HelmArguments
{
    private static readonly HashSet<string> WithValue = new(StringComparer.Ordinal)
    {
        "namespace", "values", "set", "set-string", "set-json", "set-file", "version", "timeout", "output", "kubeconfig", "kube-context", "revision", "max", "filter", "description", "name-template", "history-max", "repo", "dry-run",
    };

    private static readonly HashSet<string> Switches = new(StringComparer.Ordinal)
    {
        "create-namespace", "wait", "wait-for-jobs", "atomic", "install", "reuse-values", "reset-values", "reset-then-reuse-values", "all-namespaces", "all", "short", "force-update", "keep-history", "debug",
        "versions", "devel", "help", "no-hooks", "skip-crds", "force", "ignore-not-found", "deployed", "failed", "pending", "superseded", "uninstalled", "cleanup-on-fail", "no-headers",
    };

    private readonly List<(string Name, string Value)> _flags = [];
    private readonly List<string> _operands = [];

    /// <summary>What is no flag, without the command itself.</summary>
    public IReadOnlyList<string> Operands => _operands;

    /// <summary>The first operand; null when there is none.</summary>
    public string? First => _operands.Count > 0 ? _operands[0] : null;

    /// <summary>The flags that set values, in their order.</summary>
    public IEnumerable<(string Name, string Value)> Settings => _flags.Where(static flag => flag.Name is "values" or "set" or "set-string" or "set-json" or "set-file");

    /// <summary>Reads words.</summary>
    public static HelmArguments Read(IEnumerable<string> words)
    {
        var read = new HelmArguments();
        var rest = new Queue<string>(words);
        while (rest.TryDequeue(out var word))
        {
            if (word.Length < 2 || word[0] != '-')
            {
                read._operands.Add(word);
                continue;
            }

            var isLong = word.StartsWith("--", StringComparison.Ordinal);
            var parts = isLong ? word[2..].Split('=', 2) : word.Length > 2 ? [word[1..2], word[2..].TrimStart('=')] : [word[1..]];
            var name = isLong ? parts[0] : Long(parts[0], read._operands.FirstOrDefault()) ?? throw new HelmUsageException($"unknown shorthand flag: '{parts[0]}' in {word}");
            if (name == "dry-run" && parts.Length == 1)
                read._flags.Add((name, "client"));
            else if (Switches.Contains(name))
                read._flags.Add((name, parts.Length > 1 ? parts[1] : "true"));
            else if (!WithValue.Contains(name))
                throw new HelmUsageException($"unknown flag: --{name}");
            else if (parts.Length > 1)
                read._flags.Add((name, parts[1]));
            else if (rest.TryDequeue(out var value))
                read._flags.Add((name, value));
            else
                throw new HelmUsageException(isLong ? $"flag needs an argument: --{name}" : $"flag needs an argument: '{parts[0]}' in {word}");
        }

        return read;
    }

    /// <summary>Whether a switch is on.</summary>
    public bool Has(string name) => Value(name) is { } value && value is not ("false" or "none");

    /// <summary>A flag's last value; null when it was not given.</summary>
    public string? Value(string name) => _flags.FindLast(flag => flag.Name == name).Value;

    /// <summary>Takes the command's words off the operands.</summary>
    public void Skip(int count) => _operands.RemoveRange(0, Math.Min(count, _operands.Count));

    /// <summary>A duration as Go writes it.</summary>
    public TimeSpan Duration(string name, TimeSpan otherwise)
    {
        if (Value(name) is not { } text)
            return otherwise;
        var (total, number) = (TimeSpan.Zero, "");
        for (var index = 0; index < text.Length; index++)
        {
            if (char.IsAsciiDigit(text[index]) || text[index] == '.')
            {
                number += text[index];
                continue;
            }

            var unit = text[index..].StartsWith("ms", StringComparison.Ordinal) ? "ms" : text[index..(index + 1)];
            index += unit.Length - 1;
            if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
                throw Wrong(name, text);
            total += unit switch { "h" => TimeSpan.FromHours(amount), "m" => TimeSpan.FromMinutes(amount), "s" => TimeSpan.FromSeconds(amount), "ms" => TimeSpan.FromMilliseconds(amount), _ => throw Wrong(name, text) };
            number = "";
        }

        return number.Length == 0 && text.Length > 0 ? total : throw Wrong(name, text);
    }

    private static HelmUsageException Wrong(string name, string text) =>
        new($"invalid argument \"{text}\" for \"--{name}\" flag: time: {(text.All(char.IsAsciiDigit) ? "missing unit in duration" : "invalid duration")} \"{text}\"");

    private static string? Long(string letter, string? command) => letter switch
    {
        "n" => "namespace",
        "f" => command is "list" or "ls" ? "filter" : "values",
        "o" => "output",
        "A" => "all-namespaces",
        "a" => "all",
        "i" => "install",
        "q" => "short",
        "l" => "versions",
        "h" => "help",
        "m" => "max",
        _ => null,
    };
}
