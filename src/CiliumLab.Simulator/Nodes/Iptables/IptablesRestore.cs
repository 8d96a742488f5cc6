using System.Globalization;

namespace CiliumLab.Simulator.Nodes.Iptables;

/// <summary>A text for iptables-restore is refused.</summary>
/// <param name="message">What the program says, without its name.</param>
/// <param name="exitCode">Its exit code.</param>
internal sealed class RestoreException(string message, int exitCode) : Exception(message)
{
    /// <summary>The program's exit code.</summary>
    public int ExitCode { get; } = exitCode;
}

/// <summary>How iptables-restore reads.</summary>
/// <param name="NoFlush">Whether what is there stays.</param>
/// <param name="Counters">Whether counters are taken over.</param>
/// <param name="TestOnly">Whether nothing is changed.</param>
/// <param name="Table">The only table to read; null for all.</param>
internal sealed record RestoreOptions(bool NoFlush = false, bool Counters = false, bool TestOnly = false, string? Table = null);

/// <summary>
/// Reads what iptables-save printed, or what kube-proxy, flanneld and the agent write, into a rule set. Each table is changed as a
/// whole at its <c>COMMIT</c>, or not at all.
/// </summary>
internal static class IptablesRestore
{
    /// <summary>Reads a text into a rule set.</summary>
    /// <param name="rules">The rule set.</param>
    /// <param name="text">The text.</param>
    /// <param name="options">How it is read.</param>
    /// <param name="program">The program's name, for its messages.</param>
    /// <param name="commitRefusal">Asked before each commit; what it returns is why that fails.</param>
    /// <exception cref="RestoreException">The text is refused; tables that were committed before stay.</exception>
    public static void Run(RuleSet rules, string text, RestoreOptions options, string program = "iptables-restore", Func<string?>? commitRefusal = null)
    {
        RuleTable? draft = null;
        var skipping = false;
        var changes = new List<(int Line, Action Change)>();
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.TrimEnd('\r');
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line[0] == '*' && draft is null && !skipping)
            {
                var name = line[1..].Trim();
                skipping = options.Table is { } only && only != name;
                if (!RuleSet.TableNames.Contains(name))
                    throw WithHelp(program, number, $"{program}: line {number} table name '{name}' invalid");
                draft = skipping ? null : options.NoFlush ? rules.Draft(name) : new RuleTable(name);
                changes.Clear();
            }
            else if (skipping)
            {
                skipping = line.Trim() != "COMMIT";
            }
            else if (draft is null)
            {
                throw new RestoreException($"{program}: line {number} failed", 1);
            }
            else if (line.Trim() == "COMMIT")
            {
                Commit(rules, draft, changes, options, program, number, commitRefusal);
                draft = null;
            }
            else if (line[0] == ':')
            {
                ReadChain(draft, line, options, program, number);
            }
            else
            {
                var change = ReadCommand(rules, draft, line, options, program, number);
                changes.Add((number, change));
            }
        }

        if (draft is not null || skipping)
            throw new RestoreException($"{program}: COMMIT expected at line {number}", 1);
    }

    private static void ReadChain(RuleTable draft, string line, RestoreOptions options, string program, int number)
    {
        var words = line[1..].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2)
            throw WithHelp(program, number, $"{program}: line {number} policy invalid");
        var counters = words.Length > 2 && options.Counters ? ReadCounters(words[2]) : (0, 0);
        if (draft.Find(words[0]) is { IsBuiltIn: true } builtIn)
        {
            builtIn.Exists = true;
            if (words[1] != "-")
                IptablesEngine.SetPolicy(draft, words[0], words[1]);
            (builtIn.Packets, builtIn.Bytes) = counters;
            return;
        }

        if (words[0].Length >= 29)
            throw WithHelp(program, number, $"Invalid chain name `{words[0]}' (28 chars max)");
        draft.Add(words[0]);
    }

    private static Action ReadCommand(RuleSet rules, RuleTable draft, string line, RestoreOptions options, string program, int number)
    {
        (ulong Packets, ulong Bytes) counters = (0, 0);
        var words = RuleText.Split(line);
        if (words[0].StartsWith('['))
        {
            if (options.Counters)
                counters = ReadCounters(words[0]);
            words.RemoveAt(0);
        }

        try
        {
            var command = IptablesCommand.Read(words, rules.IsIpv6);
            foreach (var rule in command.Rules.Where(_ => counters != default))
                (rule.Packets, rule.Bytes) = counters;
            return () => IptablesEngine.Execute(draft, command, rules.ModuleNeeded);
        }
        catch (RuleFormatException error) when (error.Message[0] == '\u0001')
        {
            throw new RestoreException($"{error.Message[1..]}\nError occurred at line: {number}\n{Help(program)}", 2);
        }
        catch (RuleFormatException error)
        {
            throw WithHelp(program, number, error.Message);
        }
    }

    private static void Commit(
        RuleSet rules, RuleTable draft, List<(int Line, Action Change)> changes, RestoreOptions options, string program, int number, Func<string?>? commitRefusal)
    {
        foreach (var (line, change) in changes)
        {
            try
            {
                change();
            }
            catch (TableChangeException error) when (error.Form == TableChangeForm.WithHelp)
            {
                throw WithHelp(program, number, error.Message);
            }
            catch (TableChangeException error) when (error.Form == TableChangeForm.Kernel)
            {
                throw new RestoreException($"{Banner(program)}\nline {line}: {error.Message}", error.ExitCode);
            }
            catch (TableChangeException error)
            {
                throw new RestoreException($"{program}: line {line} failed: {error.Message}.", 1);
            }
        }

        if (commitRefusal?.Invoke() is { } refusal)
            throw new RestoreException($"{program}: line {number} failed: {refusal}.", 1);
        if (!options.TestOnly)
            rules.Commit(draft);
    }

    private static (ulong Packets, ulong Bytes) ReadCounters(string word)
    {
        var parts = word.Trim('[', ']').Split(':');
        return parts.Length == 2
            && ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var packets)
            && ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
                ? (packets, bytes)
                : (0, 0);
    }

    private static string Help(string program) => $"Try `{program} -h' or '{program} --help' for more information.";

    private static string Banner(string program) => $"{program} v{IptablesSave.Version} (nf_tables): ";

    private static RestoreException WithHelp(string program, int line, string message) =>
        new($"{Banner(program)}{message}\nError occurred at line: {line}\n{Help(program)}", 2);
}
