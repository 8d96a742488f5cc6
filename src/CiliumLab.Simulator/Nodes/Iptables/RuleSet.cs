namespace CiliumLab.Simulator.Nodes.Iptables;

/// <summary>A chain of a table.</summary>
internal sealed class RuleChain(string name, bool isBuiltIn)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>Whether packets come to it by themselves.</summary>
    public bool IsBuiltIn { get; } = isBuiltIn;

    /// <summary>Whether the kernel has it: a built-in chain is made when it is first used.</summary>
    public bool Exists { get; set; } = !isBuiltIn;

    /// <summary>What happens at the end of a built-in chain.</summary>
    public string Policy { get; set; } = "ACCEPT";

    /// <summary>Packets that came to the end of a built-in chain.</summary>
    public ulong Packets { get; set; }

    /// <summary>Bytes that came to the end of a built-in chain.</summary>
    public ulong Bytes { get; set; }

    /// <summary>The rules in order.</summary>
    public List<Rule> Rules { get; } = [];

    /// <summary>A copy that can be changed without changing this; the rules themselves are shared.</summary>
    public RuleChain Copy(string? name = null)
    {
        var copy = new RuleChain(name ?? Name, IsBuiltIn) { Exists = Exists, Policy = Policy, Packets = Packets, Bytes = Bytes };
        copy.Rules.AddRange(Rules);
        return copy;
    }
}

/// <summary>A table of rules.</summary>
internal sealed class RuleTable(string name)
{
    private readonly SortedDictionary<string, RuleChain> _own = new(StringComparer.Ordinal);
    private List<RuleChain> _builtIn = [.. RuleSet.BuiltInChains(name).Select(chain => new RuleChain(chain, isBuiltIn: true))];

    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>The built-in chains in the order of their hooks, then the others by name.</summary>
    public IEnumerable<RuleChain> Chains => _builtIn.Concat(_own.Values);

    /// <summary>A chain; null when there is none.</summary>
    public RuleChain? Find(string chain) => _builtIn.Find(one => one.Name == chain) ?? _own.GetValueOrDefault(chain);

    /// <summary>Makes a chain.</summary>
    public RuleChain Add(string chain) => _own[chain] = new RuleChain(chain, isBuiltIn: false);

    /// <summary>Removes a chain.</summary>
    public void Remove(string chain) => _own.Remove(chain);

    /// <summary>Gives a chain another name; rules that lead to it lead to it still.</summary>
    public void Rename(string chain, string name)
    {
        var renamed = _own[chain].Copy(name);
        _own.Remove(chain);
        _own[name] = renamed;
        foreach (var other in Chains)
        {
            for (var index = 0; index < other.Rules.Count; index++)
            {
                if (other.Rules[index].Target == chain)
                    other.Rules[index] = other.Rules[index].WithTarget(name);
            }
        }
    }

    /// <summary>How many rules lead to a chain.</summary>
    public int References(string chain) => Chains.Sum(other => other.Rules.Count(rule => rule.Target == chain));

    /// <summary>A copy that can be changed without changing this.</summary>
    public RuleTable Copy()
    {
        var copy = new RuleTable(Name) { _builtIn = [.. _builtIn.Select(chain => chain.Copy())] };
        foreach (var chain in _own.Values)
            copy._own[chain.Name] = chain.Copy();
        return copy;
    }
}

/// <summary>
/// The tables of a network namespace for one family and one back end. Programs change a table through a copy that replaces it, so a
/// reader sees it before or after a change.
/// </summary>
internal sealed class RuleSet(Lock gate, bool isIpv6, bool isLegacy = false)
{
    private readonly List<RuleTable> _tables = [];

    /// <summary>The tables that there can be, in the order in which iptables-save prints them.</summary>
    public static IReadOnlyList<string> TableNames { get; } = ["mangle", "security", "raw", "filter", "nat"];

    /// <summary>ip6tables rather than iptables.</summary>
    public bool IsIpv6 => isIpv6;

    /// <summary>The old back end rather than nf_tables.</summary>
    public bool IsLegacy => isLegacy;

    /// <summary>Called with a kernel module's name when a rule needs it.</summary>
    public Action<string> ModuleNeeded { get; init; } = static _ => { };

    /// <summary>The tables that exist, the earliest first.</summary>
    public IReadOnlyList<RuleTable> Tables
    {
        get
        {
            lock (gate)
                return [.. _tables];
        }
    }

    /// <summary>The built-in chains of a table; none when there is no such table.</summary>
    public static IReadOnlyList<string> BuiltInChains(string table) => table switch
    {
        "filter" or "security" => ["INPUT", "FORWARD", "OUTPUT"],
        "nat" => ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
        "mangle" => ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
        "raw" => ["PREROUTING", "OUTPUT"],
        _ => [],
    };

    /// <summary>A table that exists; null when there is none.</summary>
    public RuleTable? Find(string table)
    {
        lock (gate)
            return _tables.Find(one => one.Name == table);
    }

    /// <summary>A copy of a table to change, or a new one.</summary>
    public RuleTable Draft(string table)
    {
        lock (gate)
            return Find(table)?.Copy() ?? new RuleTable(table);
    }

    /// <summary>Puts a changed copy in the place of a table.</summary>
    public void Commit(RuleTable draft)
    {
        lock (gate)
        {
            var at = _tables.FindIndex(table => table.Name == draft.Name);
            if (at >= 0)
                _tables[at] = draft;
            else
                _tables.Add(draft);
        }
    }

    /// <summary>Removes a table.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(string table)
    {
        lock (gate)
            return _tables.RemoveAll(one => one.Name == table) > 0;
    }

    /// <summary>Changes a table; nothing is changed when that fails.</summary>
    public void Change(string table, Action<RuleTable> change)
    {
        lock (gate)
        {
            var draft = Draft(table);
            change(draft);
            Commit(draft);
        }
    }
}
