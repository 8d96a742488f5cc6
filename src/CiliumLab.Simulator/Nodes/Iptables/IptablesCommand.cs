using System.Net.Sockets;

namespace CiliumLab.Simulator.Nodes.Iptables;

/// <summary>What an iptables command does.</summary>
internal enum IptablesVerb
{
    None,
    Append,
    Insert,
    Delete,
    Replace,
    Check,
    List,
    ListRules,
    Flush,
    Zero,
    NewChain,
    DeleteChain,
    RenameChain,
    Policy,
    Version,
    Help,
}

/// <summary>A command of iptables, read from its words as xtables.c reads them.</summary>
internal sealed class IptablesCommand
{
    private static readonly Dictionary<string, IptablesVerb> Verbs = new(StringComparer.Ordinal)
    {
        ["-A"] = IptablesVerb.Append,
        ["--append"] = IptablesVerb.Append,
        ["-I"] = IptablesVerb.Insert,
        ["--insert"] = IptablesVerb.Insert,
        ["-D"] = IptablesVerb.Delete,
        ["--delete"] = IptablesVerb.Delete,
        ["-R"] = IptablesVerb.Replace,
        ["--replace"] = IptablesVerb.Replace,
        ["-C"] = IptablesVerb.Check,
        ["--check"] = IptablesVerb.Check,
        ["-L"] = IptablesVerb.List,
        ["--list"] = IptablesVerb.List,
        ["-S"] = IptablesVerb.ListRules,
        ["--list-rules"] = IptablesVerb.ListRules,
        ["-F"] = IptablesVerb.Flush,
        ["--flush"] = IptablesVerb.Flush,
        ["-Z"] = IptablesVerb.Zero,
        ["--zero"] = IptablesVerb.Zero,
        ["-N"] = IptablesVerb.NewChain,
        ["--new-chain"] = IptablesVerb.NewChain,
        ["--new"] = IptablesVerb.NewChain,
        ["-X"] = IptablesVerb.DeleteChain,
        ["--delete-chain"] = IptablesVerb.DeleteChain,
        ["-E"] = IptablesVerb.RenameChain,
        ["--rename-chain"] = IptablesVerb.RenameChain,
        ["-P"] = IptablesVerb.Policy,
        ["--policy"] = IptablesVerb.Policy,
        ["-V"] = IptablesVerb.Version,
        ["--version"] = IptablesVerb.Version,
        ["-h"] = IptablesVerb.Help,
        ["--help"] = IptablesVerb.Help,
    };

    private readonly List<(bool Negated, string Value)[]> _sources = [];
    private readonly List<(bool Negated, string Value)[]> _destinations = [];
    private readonly List<RuleOption> _other = [];
    private readonly List<(string Module, List<RuleOption> Options)> _matches = [];
    private readonly List<RuleOption> _targetOptions = [];
    private string? _protocol;
    private string? _target;
    private bool _goto;

    private IptablesCommand()
    {
    }

    /// <summary>What it does.</summary>
    public IptablesVerb Verb { get; private set; }

    /// <summary>The table.</summary>
    public string Table { get; private set; } = "filter";

    /// <summary>The chain; null for all.</summary>
    public string? Chain { get; private set; }

    /// <summary>A new name, a policy; null for none.</summary>
    public string? Second { get; private set; }

    /// <summary>A rule's position; null for none.</summary>
    public int? Number { get; private set; }

    public bool Verbose { get; private set; }

    public bool Numeric { get; private set; }

    public bool Exact { get; private set; }

    public bool LineNumbers { get; private set; }

    /// <summary>Counters for a new rule.</summary>
    public (ulong Packets, ulong Bytes) Counters { get; set; }

    /// <summary>The rules that it is about: one for each pair of a source and a destination.</summary>
    public IReadOnlyList<Rule> Rules { get; private set; } = [];

    /// <summary>Reads a command.</summary>
    /// <exception cref="RuleFormatException">It cannot be one.</exception>
    public static IptablesCommand Read(IReadOnlyList<string> words, bool isIpv6)
    {
        var command = new IptablesCommand();
        var reader = new Reader(words);
        while (reader.TryTake(out var word))
            command.ReadWord(word, reader, isIpv6);
        command.Finish(isIpv6);
        return command;
    }

    private void ReadWord(string word, Reader reader, bool isIpv6)
    {
        var negated = false;
        if (word == "!")
        {
            negated = true;
            word = reader.Take("!");
        }

        // --wait=5 and --table=nat
        if (word.StartsWith("--", StringComparison.Ordinal) && word.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
        {
            reader.PutBack(word[(at + 1)..]);
            word = word[..at];
            if (word == "--wait")
            {
                reader.Take(word);
                return;
            }
        }

        if (Verbs.TryGetValue(word, out var verb))
        {
            ReadVerb(verb, reader);
            return;
        }

        if (word.Length > 2 && word[0] == '-' && word[1] != '-' && word.Skip(1).All(letter => "nvx46LSFZVw".Contains(letter)))
        {
            foreach (var letter in word.Skip(1))
                ReadWord("-" + letter, reader, isIpv6);
            return;
        }

        if (!ReadExtensionOption(word, negated, reader) && !ReadGeneral(word, negated, reader, isIpv6))
            throw new RuleFormatException(word.StartsWith('-') ? $"unknown option \"{word}\"" : $"\u0001Bad argument `{word}'");
    }

    private void ReadVerb(IptablesVerb verb, Reader reader)
    {
        if (Verb != IptablesVerb.None)
            throw new RuleFormatException("Cannot use two commands");
        Verb = verb;
        if (verb is IptablesVerb.Version or IptablesVerb.Help)
            return;
        if (verb is IptablesVerb.List or IptablesVerb.ListRules or IptablesVerb.Flush or IptablesVerb.Zero or IptablesVerb.DeleteChain)
        {
            if (reader.PeekValue() is { } chain)
                Chain = reader.Take(chain);
        }
        else
        {
            Chain = reader.Take(verb.ToString());
            if (verb == IptablesVerb.NewChain)
                CheckChainName(Chain);
        }

        if (verb is IptablesVerb.RenameChain or IptablesVerb.Policy)
            Second = reader.PeekValue() is null ? throw new RuleFormatException("\u0001-P requires a chain and a policy") : reader.Take("-P");
        if (verb is IptablesVerb.Insert or IptablesVerb.Delete or IptablesVerb.Replace or IptablesVerb.List or IptablesVerb.ListRules or IptablesVerb.Zero
            && Chain is not null && int.TryParse(reader.PeekValue(), out var number))
        {
            reader.Take("number");
            Number = number > 0 ? number : throw new RuleFormatException($"Invalid rule number `{number}'");
        }
        else if (verb == IptablesVerb.Replace)
        {
            throw new RuleFormatException("-R requires a rule number");
        }
    }

    private bool ReadGeneral(string word, bool negated, Reader reader, bool isIpv6)
    {
        switch (word)
        {
            case "-t" or "--table":
                Table = reader.Take(word);
                return true;
            case "-s" or "--source" or "--src":
                _sources.Add(Networks(reader.Take(word), negated, isIpv6));
                return true;
            case "-d" or "--destination" or "--dst":
                _destinations.Add(Networks(reader.Take(word), negated, isIpv6));
                return true;
            case "-i" or "--in-interface":
                _other.Add(new RuleOption(null, "-i", negated, [reader.Take(word)]));
                return true;
            case "-o" or "--out-interface":
                _other.Add(new RuleOption(null, "-o", negated, [reader.Take(word)]));
                return true;
            case "-p" or "--protocol" or "--proto":
                _protocol = ValueForms.Protocol(reader.Take(word));
                if (_protocol is not null)
                    _other.Add(new RuleOption(null, "-p", negated, [_protocol]));
                return true;
            case "-f" or "--fragment" when !isIpv6:
                _other.Add(new RuleOption(null, "-f", negated, []));
                return true;
            case "-m" or "--match":
                LoadMatch(reader.Take(word));
                return true;
            case "-j" or "--jump" or "-g" or "--goto":
                _goto = word is "-g" or "--goto";
                _target = reader.Take(word);
                return true;
            case "-c" or "--set-counters":
                Counters = (ulong.Parse(reader.Take(word), System.Globalization.CultureInfo.InvariantCulture), ulong.Parse(reader.Take(word), System.Globalization.CultureInfo.InvariantCulture));
                return true;
            case "-v" or "--verbose":
                Verbose = true;
                return true;
            case "-n" or "--numeric":
                Numeric = true;
                return true;
            case "-x" or "--exact":
                Exact = true;
                return true;
            case "--line-numbers":
                LineNumbers = true;
                return true;
            case "-w" or "--wait":
                if (int.TryParse(reader.PeekValue(), out _))
                    reader.Take(word);
                return true;
            case "-W" or "--wait-interval" or "--modprobe" or "-M":
                reader.Take(word);
                return true;
            case "-4" or "--ipv4" or "-6" or "--ipv6":
                return true;
            default:
                return false;
        }
    }

    private bool ReadExtensionOption(string word, bool negated, Reader reader)
    {
        if (!word.StartsWith("--", StringComparison.Ordinal))
            return false;
        if (_target is not null && ExtensionCatalog.Target(_target)?.TryGetValue(word, out var ofTarget) == true)
        {
            if (ValueForms.Normalise(ofTarget, negated, reader.Take(ofTarget)) is { } kept)
                _targetOptions.Add(kept);
            return true;
        }

        // The latest match that knows the option has it.
        for (var index = _matches.Count - 1; index >= 0; index--)
        {
            if (ExtensionCatalog.Match(_matches[index].Module)!.TryGetValue(word, out var option))
            {
                Add(_matches[index].Options, option);
                return true;
            }
        }

        if (ExtensionCatalog.MatchOf(_protocol) is not { } implied || !ExtensionCatalog.Match(implied)!.TryGetValue(word, out var impliedOption))
            return false;
        LoadMatch(implied);
        Add(_matches[^1].Options, impliedOption);
        return true;

        void Add(List<RuleOption> options, ExtensionOption option)
        {
            if (ValueForms.Normalise(option, negated, reader.Take(option)) is { } kept)
                options.Add(kept);
        }
    }

    private void LoadMatch(string name)
    {
        if (ExtensionCatalog.Match(name) is null)
            throw new RuleFormatException($"Couldn't load match `{name}':No such file or directory\n");
        _matches.Add((name, []));
    }

    private void Finish(bool isIpv6)
    {
        if (Verb == IptablesVerb.None)
            throw new RuleFormatException(_matches.Exists(match => match is { Module: "comment", Options.Count: 0 }) ? "comment: option \"--comment\" must be specified\n" : "no command specified");
        if (_matches.Exists(match => match is { Module: "comment", Options.Count: 0 }))
            throw new RuleFormatException("comment: option \"--comment\" must be specified\n");
        if (Verb is IptablesVerb.Append or IptablesVerb.Insert or IptablesVerb.Delete or IptablesVerb.Replace or IptablesVerb.Check)
        {
            if (_other.Exists(option => option.Name == "-o") && Chain is "INPUT" or "PREROUTING")
                throw new RuleFormatException($"Can't use -o with {Chain}\n");
            if (_other.Exists(option => option.Name == "-i") && Chain is "OUTPUT" or "POSTROUTING")
                throw new RuleFormatException($"Can't use -i with {Chain}\n");
        }

        if (_target == "REJECT" && !_targetOptions.Exists(option => option.Name == "--reject-with"))
            _targetOptions.Add(new RuleOption("REJECT", "--reject-with", false, [isIpv6 ? "icmp6-port-unreachable" : "icmp-port-unreachable"]));
        string[] order = ["-i", "-o", "-p", "-f"];
        var general = _other.OrderBy(option => Array.IndexOf(order, option.Name)).ToArray();
        var rules = new List<Rule>();
        foreach (var source in _sources.Count == 0 ? [null] : _sources.SelectMany(list => list).Select(Nullable))
        {
            foreach (var destination in _destinations.Count == 0 ? [null] : _destinations.SelectMany(list => list).Select(Nullable))
            {
                rules.Add(new Rule
                {
                    General =
                    [
                        .. source is { Value.Length: > 0 } from ? [new RuleOption(null, "-s", from.Negated, [from.Value])] : Array.Empty<RuleOption>(),
                        .. destination is { Value.Length: > 0 } to ? [new RuleOption(null, "-d", to.Negated, [to.Value])] : Array.Empty<RuleOption>(),
                        .. general,
                    ],
                    Matches = [.. _matches.Select(match => new RuleMatch(match.Module, match.Options))],
                    Target = _target,
                    IsGoto = _goto,
                    TargetOptions = _targetOptions,
                    Packets = Counters.Packets,
                    Bytes = Counters.Bytes,
                });
            }
        }

        Rules = rules;

        static (bool Negated, string Value)? Nullable((bool Negated, string Value) value) => value;
    }

    private static (bool Negated, string Value)[] Networks(string text, bool negated, bool isIpv6) =>
        [.. text.Split(',').Select(word => (negated, ValueForms.Network(word, isIpv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork) ?? ""))];

    private static void CheckChainName(string name)
    {
        if (name.StartsWith('-') || name.StartsWith('!'))
            throw new RuleFormatException($"chain name not allowed to start with `{name[0]}'");
        if (name.Length >= 29)
            throw new RuleFormatException($"chain name `{name}' too long (must be under 29 chars)");
        if (ExtensionCatalog.Verdicts.Contains(name) || ExtensionCatalog.Target(name) is not null)
            throw new RuleFormatException("chain name may not clash with target name");
    }

    private sealed class Reader(IReadOnlyList<string> words)
    {
        private readonly LinkedList<string> _words = new(words);

        public bool TryTake(out string word)
        {
            word = _words.First?.Value ?? "";
            if (_words.Count == 0)
                return false;
            _words.RemoveFirst();
            return true;
        }

        /// <summary>The next word when it is no option.</summary>
        public string? PeekValue() => _words.First?.Value is { } word && (word.Length == 0 || word[0] != '-') && word != "!" ? word : null;

        public string Take(string option) => TryTake(out var word) ? word : throw new RuleFormatException($"option \"{option}\" requires an argument");

        public string[] Take(ExtensionOption option) => [.. Enumerable.Range(0, option.Arity).Select(_ => Take(option.Name))];

        public void PutBack(string word) => _words.AddFirst(word);
    }
}
