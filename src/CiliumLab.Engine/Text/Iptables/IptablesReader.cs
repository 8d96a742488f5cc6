using CiliumLab.Model;

namespace CiliumLab.Engine.Text.Iptables;

/// <summary>What a line of a listing is.</summary>
internal enum IptablesLineKind
{
    Remark,
    Table,
    Chain,
    Rule,
    Commit,
    NotUnderstood,
}

/// <summary>
/// Reads iptables-save and <c>iptables -S</c> line by line and knows where it is: family, table, chains. The form is that of
/// iptables-restore (iptables/iptables-restore.c) and of <c>print_rule4</c> and <c>nft_rule_print_save</c>.
/// </summary>
internal sealed class IptablesReader(TextReader text, string? node, Action<TextWarning> warn, IptablesFamily? family, string? listedTable)
{
    private const int BuiltInChains = 5;

    private readonly string? _listedTable = listedTable;
    private readonly Queue<string> _ahead = new();
    private IptablesFamily _family = family ?? IptablesFamily.IPv4;
    private IptablesChainHead _chain;
    private bool _inPolicies;
    private bool _understood;

    public IptablesLineKind Kind { get; private set; }

    public string Line { get; private set; } = "";

    public int Number { get; private set; }

    /// <summary>The line's chain, made anew each time; null when the line is none.</summary>
    public IptablesChain? Chain => Kind == IptablesLineKind.Chain ? _chain.Make(Line, node, _family, Table) : null;

    public IptablesRule? Rule { get; private set; }

    public string? Table { get; private set; } = listedTable;

    public IptablesFamily Family => _family;

    /// <summary>The chains of the table that is being read; another table has others.</summary>
    public IptablesChainCounts Counts { get; private set; } = new();

    /// <summary>Whether a table has begun with a line of its own and not been committed.</summary>
    public bool Open { get; private set; }

    public bool Read()
    {
        if ((_ahead.TryDequeue(out var line) ? line : text.ReadLine()) is not { } next)
        {
            if (Open)
                warn(new TextWarning(Number, Line, $"table '{Table}' has no COMMIT: the output was cut off"));
            Open = false;
            return false;
        }

        Line = next;
        Number++;
        Rule = null;
        Kind = Classify(next, out var problem);
        _inPolicies &= Rule is null;
        if (Kind == IptablesLineKind.NotUnderstood)
            Complain(problem);
        else
            _understood |= Kind != IptablesLineKind.Remark;
        return true;
    }

    private IptablesLineKind Classify(string line, out string problem)
    {
        problem = "expected a rule or a chain, as iptables-save or iptables -S prints it";
        var text = line.AsSpan().Trim();
        switch (text)
        {
            case []:
                return IptablesLineKind.Remark;
            case ['#', ..]:
                ReadRemark(text);
                return IptablesLineKind.Remark;
            case ['*', .. var name] when name.Length > 0 && !name.ContainsAny(" \t"):
                BeginTable(IptablesNames.Get(name));
                Open = true;
                return IptablesLineKind.Table;
            case "COMMIT":
                Open = false;
                return IptablesLineKind.Commit;
            case [':', ..]:
                return IptablesChainHead.TryReadSaved(line, out _chain) ? DeclareChain() : IptablesLineKind.NotUnderstood;
            case ['-', 'P', ' ', ..] or ['-', 'N', ' ', ..]:
                if (text[1] == 'N')
                    _inPolicies = false;
                else if (!_inPolicies && !Open)
                    BeginListing(line);
                return IptablesChainHead.TryReadListed(line, out _chain) ? DeclareChain() : IptablesLineKind.NotUnderstood;
            default:
                Rule = ReadRule(line, ref problem);
                return Rule is null ? IptablesLineKind.NotUnderstood : IptablesLineKind.Rule;
        }
    }

    private IptablesLineKind DeclareChain()
    {
        Counts.Declare();
        return IptablesLineKind.Chain;
    }

    private IptablesRule? ReadRule(string line, ref string problem)
    {
        if (!IptablesRuleHead.TryRead(line, out var head))
            return null;

        // Counted whether understood or not: the numbers of those behind it must be the kernel's.
        var (chain, number) = Counts.Add(line.AsSpan()[head.Chain]);
        var options = new IptablesOptionScanner(line, head.End);
        while (options.Read())
        {
            if (options.Name is "-s" or "-d" && family is null && line.AsSpan(options.ValuesStart, options.End - options.ValuesStart).Contains(':'))
                _family = IptablesFamily.IPv6;
        }

        if (options.Problem is { } found)
        {
            problem = found;
            return null;
        }

        // Without options, blanks at the line's end belong to nothing else.
        var headEnd = options.Name.IsEmpty ? line.Length : head.End;
        return new IptablesRule
        {
            Node = node,
            Family = _family,
            Table = Table,
            Chain = chain,
            Number = number,
            Packets = head.Packets,
            Bytes = head.Bytes,
            Options = new IptablesLineOptions(line, head.End),
            Head = head.Regular && headEnd == head.End ? null : line[..headEnd],
        };
    }

    private void ReadRemark(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("# Generated by ") && text.Contains("-save", StringComparison.Ordinal))
        {
            _understood = true;
            if (family is null)
                _family = text["# Generated by ".Length..].StartsWith("ip6") ? IptablesFamily.IPv6 : IptablesFamily.IPv4;
        }
        else if (text.StartsWith("# Warning: ") && text.Contains("tables present", StringComparison.Ordinal))
        {
            warn(new TextWarning(Number, Line, "there are rules on this node that this output does not show"));
        }
        else if (text.StartsWith("# Table `"))
        {
            warn(new TextWarning(Number, Line, "this output does not show that table's rules"));
        }
    }

    private void BeginTable(string? name)
    {
        Table = name;
        Counts = new IptablesChainCounts();
        _inPolicies = false;
    }

    // iptables -S does not name its table, but begins with the policies of the built-in chains, and they differ from table to table.
    private void BeginListing(string first)
    {
        var chains = new HashSet<string>(StringComparer.Ordinal);
        for (var line = first; line?.StartsWith("-P ", StringComparison.Ordinal) == true && chains.Count < BuiltInChains;)
        {
            chains.Add(line.Split(' ', 3)[1]);
            line = text.ReadLine();
            if (line is not null)
                _ahead.Enqueue(line);
        }

        BeginTable(_listedTable ?? ListedTable(chains));
        _inPolicies = true;
    }

    // filter and security have the same chains; without -t, iptables means filter.
    private static string? ListedTable(HashSet<string> chains)
    {
        var forward = chains.Contains("FORWARD");
        return (chains.Contains("PREROUTING"), chains.Contains("POSTROUTING")) switch
        {
            (true, true) => forward ? "mangle" : "nat",
            (true, false) => forward ? null : "raw",
            (false, false) when forward => "filter",
            _ => null,
        };
    }

    private void Complain(string problem)
    {
        if (!_understood)
            throw OutputErrors.NotThisOutput(nameof(LabOutputKind.IptablesSave), Number, Line);
        warn(new TextWarning(Number, Line, problem));
    }
}
