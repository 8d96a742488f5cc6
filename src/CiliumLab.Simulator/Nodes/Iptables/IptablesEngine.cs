namespace CiliumLab.Simulator.Nodes.Iptables;

/// <summary>A change of a table is refused.</summary>
/// <param name="reason">Why, as nft_strerror says it.</param>
/// <param name="exitCode">iptables' exit code.</param>
/// <param name="form">How the program tells it.</param>
internal sealed class TableChangeException(string reason, int exitCode, TableChangeForm form) : Exception(reason)
{
    /// <summary>iptables' exit code.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>How the program tells it.</summary>
    public TableChangeForm Form { get; } = form;
}

/// <summary>How iptables tells why a change is refused.</summary>
internal enum TableChangeForm
{
    /// <summary><c>iptables: REASON.</c></summary>
    Plain,

    /// <summary><c>iptables v1.8.10 (nf_tables): REASON</c> and where to find help.</summary>
    WithHelp,

    /// <summary><c>iptables v1.8.10 (nf_tables):  REASON</c>: what the kernel said.</summary>
    Kernel,
}

/// <summary>Carries out commands on a table that may be changed.</summary>
internal static class IptablesEngine
{
    private const string NoChain = "No chain/target/match by that name";
    private const string BadRule = "Bad rule (does a matching rule exist in that chain?)";

    /// <summary>Carries out a command that changes a table or checks it.</summary>
    public static void Execute(RuleTable table, IptablesCommand command, Action<string> moduleNeeded)
    {
        switch (command.Verb)
        {
            case IptablesVerb.Append or IptablesVerb.Insert or IptablesVerb.Replace:
                CheckTarget(table, command);
                Place(table, command);
                RequestModules(command, moduleNeeded);
                break;
            case IptablesVerb.Delete:
                Delete(table, command);
                break;
            case IptablesVerb.Check:
                CheckTarget(table, command);
                foreach (var rule in command.Rules)
                    Index(Chain(table, command.Chain!, BadRule), rule);
                break;
            case IptablesVerb.NewChain:
                if (table.Find(command.Chain!) is not null)
                    throw Plain("Chain already exists");
                table.Add(command.Chain!);
                break;
            case IptablesVerb.DeleteChain:
                DeleteChains(table, command.Chain);
                break;
            case IptablesVerb.Flush:
                foreach (var chain in Chains(table, command.Chain))
                    chain.Rules.Clear();
                break;
            case IptablesVerb.Zero:
                Zero(table, command);
                break;
            case IptablesVerb.Policy:
                SetPolicy(table, command.Chain!, command.Second!);
                break;
            case IptablesVerb.RenameChain:
                Rename(table, command.Chain!, command.Second!);
                break;
        }
    }

    /// <summary>Sets what happens at the end of a built-in chain.</summary>
    public static void SetPolicy(RuleTable table, string chain, string policy)
    {
        if (table.Find(chain) is not { IsBuiltIn: true } found)
            throw Plain("Bad built-in chain name");
        if (policy is not ("ACCEPT" or "DROP"))
            throw new TableChangeException("Bad policy name. Run `dmesg' for more information", 1, TableChangeForm.Plain);
        found.Policy = policy;
        found.Exists = true;
    }

    private static void CheckTarget(RuleTable table, IptablesCommand command)
    {
        if (command.Rules.Count == 0 || command.Rules[0].Target is not { } target || ExtensionCatalog.Verdicts.Contains(target))
            return;
        if (ExtensionCatalog.Target(target) is null)
        {
            if (table.Find(target) is not { IsBuiltIn: false })
                throw new TableChangeException($"Chain '{target}' does not exist", 2, TableChangeForm.WithHelp);
            return;
        }

        var misplaced = (ExtensionCatalog.TableOf(target) is { } only && only != table.Name)
            || (table.Find(command.Chain!) is { IsBuiltIn: true } && ExtensionCatalog.ChainsOf(target) is { } chains && !chains.Contains(command.Chain!));
        if (misplaced && command.Verb != IptablesVerb.Check)
            throw new TableChangeException($"RULE_{command.Verb.ToString().ToUpperInvariant()} failed (Invalid argument): rule in chain {command.Chain}", 4, TableChangeForm.Kernel);
    }

    private static void Place(RuleTable table, IptablesCommand command)
    {
        var chain = Chain(table, command.Chain!, NoChain);
        chain.Exists = true;
        if (command.Verb == IptablesVerb.Append)
        {
            chain.Rules.AddRange(command.Rules);
            return;
        }

        var at = (command.Number ?? 1) - 1;
        if (command.Verb == IptablesVerb.Insert)
        {
            if (at > chain.Rules.Count)
                throw Plain("Index of insertion too big");
            chain.Rules.InsertRange(at, command.Rules);
            return;
        }

        if (at >= chain.Rules.Count)
            throw Plain("Index of replacement too big");
        chain.Rules[at] = command.Rules[0];
    }

    private static void Delete(RuleTable table, IptablesCommand command)
    {
        if (command.Number is { } number)
        {
            var chain = Chain(table, command.Chain!, NoChain);
            if (number > chain.Rules.Count)
                throw Plain("Index of deletion too big");
            chain.Rules.RemoveAt(number - 1);
            return;
        }

        foreach (var rule in command.Rules)
        {
            var chain = Chain(table, command.Chain!, BadRule);
            chain.Rules.RemoveAt(Index(chain, rule));
        }
    }

    private static void DeleteChains(RuleTable table, string? name)
    {
        if (name is null)
        {
            foreach (var chain in table.Chains.Where(chain => !chain.IsBuiltIn).ToArray())
                DeleteChain(table, chain);
            return;
        }

        DeleteChain(table, Chain(table, name, NoChain));
    }

    private static void DeleteChain(RuleTable table, RuleChain chain)
    {
        if (chain.Rules.Count > 0 || table.References(chain.Name) > 0 || chain.IsBuiltIn)
            throw new TableChangeException($"CHAIN_DEL failed (Device or resource busy): chain {chain.Name}", 4, TableChangeForm.Kernel);
        table.Remove(chain.Name);
    }

    private static void Zero(RuleTable table, IptablesCommand command)
    {
        foreach (var chain in Chains(table, command.Chain))
        {
            if (command.Number is null)
                (chain.Packets, chain.Bytes) = (0, 0);
            for (var index = 0; index < chain.Rules.Count; index++)
            {
                if (command.Number is null || command.Number == index + 1)
                    (chain.Rules[index].Packets, chain.Rules[index].Bytes) = (0, 0);
            }
        }
    }

    private static void Rename(RuleTable table, string name, string newName)
    {
        if (table.Find(newName) is not null)
            throw Plain("File exists");
        if (Chain(table, name, NoChain).IsBuiltIn)
            throw Plain(NoChain);
        table.Rename(name, newName);
    }

    private static void RequestModules(IptablesCommand command, Action<string> moduleNeeded)
    {
        foreach (var rule in command.Rules)
        {
            foreach (var match in rule.Matches)
                moduleNeeded("xt_" + match.Module);
            if (rule.Target is { } target && ExtensionCatalog.Target(target) is not null)
                moduleNeeded(target == "REJECT" ? "ipt_REJECT" : target is "DNAT" or "SNAT" ? "xt_nat" : target == "MARK" ? "xt_mark" : "xt_" + target);
        }
    }

    private static int Index(RuleChain chain, Rule rule)
    {
        var at = chain.Rules.FindIndex(other => other.Specification == rule.Specification);
        return at >= 0 ? at : throw Plain(BadRule);
    }

    private static IEnumerable<RuleChain> Chains(RuleTable table, string? name) => name is null ? table.Chains : [Chain(table, name, NoChain)];

    private static RuleChain Chain(RuleTable table, string name, string otherwise) => table.Find(name) ?? throw Plain(otherwise);

    private static TableChangeException Plain(string reason) => new(reason, 1, TableChangeForm.Plain);
}
