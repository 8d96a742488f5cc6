using System.Collections;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text.Iptables;

/// <summary>
/// The options of a rule, made from its line when somebody first looks. The line has been found to be a rule before; most of a
/// long listing is only counted or filtered by chain, and never looked at more closely.
/// </summary>
internal sealed class IptablesLineOptions(string line, int start) : IReadOnlyList<IptablesOption>
{
    private volatile IptablesOption[]? _options;
    private volatile string? _line = line;

    /// <inheritdoc/>
    public int Count => Options.Length;

    /// <inheritdoc/>
    public IptablesOption this[int index] => Options[index];

    /// <inheritdoc/>
    public IEnumerator<IptablesOption> GetEnumerator() => Options.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => Options.GetEnumerator();

    private IptablesOption[] Options
    {
        get
        {
            // Two threads may both make them; the line is let go only after the options are there, so it is looked at first.
            var text = _line;
            if (_options is { } made)
                return made;
            var options = Make(text!, start);
            _options = options;
            _line = null;
            return options;
        }
    }

    private static IptablesOption[] Make(string line, int start)
    {
        var options = new List<IptablesOption>();
        var scanner = new IptablesOptionScanner(line, start);
        string? module = null;
        string? target = null;
        while (scanner.Read())
        {
            var option = Option(line, in scanner, module, target);
            if (option.Kind == IptablesOptionKind.Module)
                (module, target) = (option.Value, null);
            else if (option.Kind == IptablesOptionKind.Target)
                target = option.Value;
            else if (option is { Kind: IptablesOptionKind.Match, Name: "-p" or "--protocol" or "--proto" })
                module ??= option.Value;
            options.Add(option);
        }

        return [.. options];
    }

    private static IptablesOption Option(string line, in IptablesOptionScanner scanner, string? module, string? target)
    {
        var name = IptablesNames.Get(scanner.Name);
        var kind = Kind(name, target);
        var regular = scanner.Regular && !IptablesQuoting.HasWideName(name);
        var option = new IptablesOption
        {
            Kind = kind,
            Module = kind switch
            {
                IptablesOptionKind.TargetOption => target,
                IptablesOptionKind.Match when !IsBuiltIn(name) => module,
                _ => null,
            },
            Negated = scanner.Negated,
            Name = name,
            Values = Values(line, in scanner, name, ref regular),
        };
        if (regular)
            return option;
        var written = line.AsSpan(scanner.Start, scanner.End - scanner.Start);
        return written is [' ', .. var text] && text[^1] is not (' ' or '\t') && text.SequenceEqual(option.ToString())
            ? option
            : option with { Written = written.ToString() };
    }

    private static string[] Values(string line, in IptablesOptionScanner scanner, string name, ref bool regular)
    {
        if (scanner.ValueCount == 0)
            return [];
        var values = new string[scanner.ValueCount];
        var words = new IptablesWordScanner(line, scanner.ValuesStart);
        for (var index = 0; index < values.Length && words.Next(); index++)
        {
            var word = words.Word;
            if (regular)
            {
                values[index] = name.Length == 2 ? IptablesNames.Get(word) : word.ToString();
                regular = !IptablesQuoting.IsQuoted(name, word);
            }
            else
            {
                values[index] = IptablesWordScanner.Decode(word);
            }
        }

        return values;
    }

    private static IptablesOptionKind Kind(string name, string? target) => name switch
    {
        "-m" or "--match" => IptablesOptionKind.Module,
        "-j" or "--jump" or "-g" or "--goto" => IptablesOptionKind.Target,
        "-c" or "--set-counters" => IptablesOptionKind.Counters,
        _ => target is null || IsBuiltIn(name) ? IptablesOptionKind.Match : IptablesOptionKind.TargetOption,
    };

    private static bool IsBuiltIn(string name) => name is
        "-s" or "--source" or "--src" or "-d" or "--destination" or "--dst" or "-p" or "--protocol" or "--proto"
        or "-i" or "--in-interface" or "-o" or "--out-interface" or "-f" or "--fragment" or "-4" or "--ipv4" or "-6" or "--ipv6";
}
