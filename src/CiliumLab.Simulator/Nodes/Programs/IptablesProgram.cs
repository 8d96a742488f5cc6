using CiliumLab.Simulator.Nodes.Iptables;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary><c>iptables</c> and <c>ip6tables</c>, on nf_tables or on the old back end.</summary>
internal sealed class IptablesProgram() : ImmediateProgram(
    "/usr/sbin/iptables", "/usr/sbin/iptables-nft", "/usr/sbin/iptables-legacy", "/usr/sbin/ip6tables", "/usr/sbin/ip6tables-nft", "/usr/sbin/ip6tables-legacy")
{
    private const int NotPermitted = 4;

    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var name = call.Name[(call.Name.LastIndexOf('/') + 1)..];
        var rules = RulesOf(call, name);
        var banner = $"{name} v{IptablesSave.Version} ({(rules.IsLegacy ? "legacy" : "nf_tables")})";
        IptablesCommand command;
        try
        {
            command = IptablesCommand.Read(call.Arguments, rules.IsIpv6);
        }
        catch (RuleFormatException error)
        {
            return call.Complain($"{(error.Message[0] == '\u0001' ? error.Message[1..] : $"{banner}: {error.Message}")}\nTry `{name} -h' or '{name} --help' for more information.", 2);
        }

        switch (command.Verb)
        {
            case IptablesVerb.Version:
                call.Line(banner);
                return 0;
            case IptablesVerb.Help:
                call.Line($"{banner}\n\nUsage: {name} -[ACD] chain rule-specification [options]\n       {name} -[LS] [chain [rulenum]] [options]\n       {name} -[FZ] [chain] [options]\n       {name} -[NX] chain\n       {name} -P chain target [options]");
                return 0;
        }

        if (!call.User.IsRoot)
            return call.Complain($"{banner}: Could not fetch rule set generation id: Permission denied (you must be root)", NotPermitted);
        if (!RuleSet.TableNames.Contains(command.Table))
            return call.Complain($"{banner}: table '{command.Table}' does not exist\nPerhaps {name} or your kernel needs to be upgraded.", 3);
        Warn(call, rules, name);
        return command.Verb is IptablesVerb.List or IptablesVerb.ListRules
            ? List(call, rules, command, banner)
            : Change(call, rules, command, name, banner);
    }

    /// <summary>The rule set that a program of this name is about.</summary>
    internal static RuleSet RulesOf(ProgramCall call, string name) =>
        call.Network.Rules(name.StartsWith("ip6", StringComparison.Ordinal), name.Contains("legacy", StringComparison.Ordinal));

    /// <summary>Says that the old back end has tables too.</summary>
    internal static void Warn(ProgramCall call, RuleSet rules, string name)
    {
        if (rules.IsLegacy || call.Network.Rules(rules.IsIpv6, isLegacy: true).Tables.Count == 0)
            return;
        var family = rules.IsIpv6 ? "ip6tables" : "iptables";
        var suffix = name.EndsWith("-save", StringComparison.Ordinal) ? "-save" : "";
        call.Complain($"# Warning: {family}-legacy tables present, use {family}-legacy{suffix} to see them");
    }

    private static int List(ProgramCall call, RuleSet rules, IptablesCommand command, string banner)
    {
        if (rules.IsLegacy && rules.Find(command.Table) is null)
            rules.Commit(new RuleTable(command.Table));
        var table = rules.Draft(command.Table);
        if (command.Chain is { } chain && table.Find(chain) is null)
            return call.Complain($"{banner}: chain `{chain}' in table `{table.Name}' is incompatible, use 'nft' tool.");
        call.Print(command.Verb == IptablesVerb.ListRules
            ? IptablesSave.List(table, command.Chain, command.Number, command.Verbose)
            : IptablesListing.Print(table, command, rules.IsIpv6));
        return 0;
    }

    private static int Change(ProgramCall call, RuleSet rules, IptablesCommand command, string name, string banner)
    {
        // What does not change anything does not make a table either.
        var draft = rules.Draft(command.Table);
        var isNew = rules.Find(command.Table) is null;
        try
        {
            IptablesEngine.Execute(draft, command, rules.ModuleNeeded);
        }
        catch (TableChangeException error)
        {
            return call.Complain(
                error.Form switch
                {
                    TableChangeForm.WithHelp => $"{banner}: {error.Message}\nTry `{name} -h' or '{name} --help' for more information.",
                    TableChangeForm.Kernel => $"{banner}:  {error.Message}",
                    _ => $"{name}: {error.Message}.",
                },
                error.ExitCode);
        }

        if (command.Verb != IptablesVerb.Check && !(isNew && command.Verb is IptablesVerb.Flush or IptablesVerb.DeleteChain or IptablesVerb.Zero && isNew))
            rules.Commit(draft);
        return 0;
    }
}

/// <summary><c>iptables-save</c> and <c>ip6tables-save</c>.</summary>
internal sealed class IptablesSaveProgram() : ImmediateProgram(
    "/usr/sbin/iptables-save", "/usr/sbin/iptables-nft-save", "/usr/sbin/iptables-legacy-save", "/usr/sbin/ip6tables-save", "/usr/sbin/ip6tables-nft-save", "/usr/sbin/ip6tables-legacy-save")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var name = call.Name[(call.Name.LastIndexOf('/') + 1)..];
        var rules = IptablesProgram.RulesOf(call, name);
        var counters = false;
        string? only = null;
        for (var index = 0; index < call.Arguments.Count; index++)
        {
            var word = call.Arguments[index];
            switch (word)
            {
                case "-c" or "--counters":
                    counters = true;
                    break;
                case "-t" or "--table" when index + 1 < call.Arguments.Count:
                    only = call.Arguments[++index];
                    break;
                case "-V" or "--version":
                    call.Line($"{name} v{IptablesSave.Version} ({(rules.IsLegacy ? "legacy" : "nf_tables")})");
                    return 0;
                default:
                    if (word.StartsWith("--table=", StringComparison.Ordinal))
                    {
                        only = word["--table=".Length..];
                        break;
                    }

                    return call.Complain($"{name}: {(word.StartsWith("--", StringComparison.Ordinal) ? $"unrecognized option '{word}'" : $"invalid option -- '{word.TrimStart('-')[..1]}'")}\nLook at manual page `{name}.8' for more information.");
            }
        }

        if (!call.User.IsRoot)
            return call.Complain($"{name} v{IptablesSave.Version} (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)", 4);
        if (only is not null && !RuleSet.TableNames.Contains(only))
            return call.Complain($"Table `{only}' does not exist");
        call.Print(IptablesSave.Print(rules, name, call.Now, counters, only));
        IptablesProgram.Warn(call, rules, name);
        return 0;
    }
}

/// <summary><c>iptables-restore</c> and <c>ip6tables-restore</c>.</summary>
internal sealed class IptablesRestoreProgram() : ImmediateProgram(
    "/usr/sbin/iptables-restore", "/usr/sbin/iptables-nft-restore", "/usr/sbin/iptables-legacy-restore", "/usr/sbin/ip6tables-restore", "/usr/sbin/ip6tables-nft-restore", "/usr/sbin/ip6tables-legacy-restore")
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var name = call.Name[(call.Name.LastIndexOf('/') + 1)..];
        var rules = IptablesProgram.RulesOf(call, name);
        var options = new RestoreOptions();
        var text = call.InputText;
        for (var index = 0; index < call.Arguments.Count; index++)
        {
            var word = call.Arguments[index];
            switch (word)
            {
                case "-n" or "--noflush":
                    options = options with { NoFlush = true };
                    break;
                case "-c" or "--counters":
                    options = options with { Counters = true };
                    break;
                case "-t" or "--test":
                    options = options with { TestOnly = true };
                    break;
                case "-T" or "--table" when index + 1 < call.Arguments.Count:
                    options = options with { Table = call.Arguments[++index] };
                    break;
                case "-v" or "--verbose" or "-w" or "--wait":
                    if (word is "-w" or "--wait" && index + 1 < call.Arguments.Count && int.TryParse(call.Arguments[index + 1], out _))
                        index++;
                    break;
                case "-V" or "--version":
                    call.Line($"{name} v{IptablesSave.Version} ({(rules.IsLegacy ? "legacy" : "nf_tables")})");
                    return 0;
                default:
                    if (word.StartsWith("--table=", StringComparison.Ordinal))
                        options = options with { Table = word["--table=".Length..] };
                    else if (!word.StartsWith("--wait=", StringComparison.Ordinal) && word.StartsWith('-'))
                        return call.Complain($"{name}: {(word.StartsWith("--", StringComparison.Ordinal) ? $"unrecognized option '{word}'" : $"invalid option -- '{word[1]}'")}\nTry `{name} -h' for more information.");
                    else if (!word.StartsWith('-'))
                        text = ReadFile(call, word);
                    break;
            }
        }

        if (!call.User.IsRoot)
            return call.Complain($"{name} v{IptablesSave.Version} (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)", 4);
        try
        {
            IptablesRestore.Run(rules, text, options, name, call.Node.Faults.CommitRefusal);
            return 0;
        }
        catch (RestoreException error)
        {
            return call.Complain(error.Message, error.ExitCode);
        }
    }

    private static string ReadFile(ProgramCall call, string path)
    {
        try
        {
            return System.Text.Encoding.UTF8.GetString(call.Node.Files.Read(call.PathOf(path), call.User));
        }
        catch (KernelException error)
        {
            throw new ProgramException(1, $"Can't open {path}: {error.Errno.Text()}\n");
        }
    }
}
