using System.Text;
using System.Text.RegularExpressions;

namespace CiliumLab.Tests.Simulator.Transcript;

/// <summary>
/// As much of a shell as the recorded commands need: pipes, loops over nodes, here documents, variables, aliases. What is left are
/// argument vectors: for kubectl, or for programs of a node.
/// </summary>
/// <param name="lab">Where they are run.</param>
internal sealed partial class TranscriptShell(TranscriptLab lab)
{
    private readonly Dictionary<string, string> _aliases = new(StringComparer.Ordinal) { ["k"] = "kubectl", ["kc"] = "kubectl" };

    /// <summary>Variables by name.</summary>
    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    /// <summary>Runs a recorded command, which may have several lines.</summary>
    public async Task<string> RunAsync(string node, string command)
    {
        var output = new StringBuilder();
        var lines = new Queue<string>(command.Replace("\\\n", "", StringComparison.Ordinal).Split('\n'));
        while (lines.TryDequeue(out var line))
        {
            string? document = null;
            if (HereDocument().Match(line) is { Success: true } here)
            {
                var text = new StringBuilder();
                while (lines.TryDequeue(out var next) && next.Trim() != here.Groups["end"].Value)
                    text.Append(next).Append('\n');
                (line, document) = (line[(line.IndexOf('|', StringComparison.Ordinal) + 1)..], text.ToString());
            }

            output.Append(await LineAsync(node, line.Trim(), document));
        }

        return output.ToString();
    }

    private async Task<string> LineAsync(string node, string line, string? input)
    {
        if (Loop().Match(line) is { Success: true } loop)
        {
            var all = new StringBuilder();
            foreach (var value in loop.Groups["values"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                Variables["i"] = value;
                foreach (var part in loop.Groups["body"].Value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                    all.Append(await LineAsync(node, part, null));
            }

            return all.ToString();
        }

        if (Assignment().Match(line) is { Success: true } set)
        {
            Variables[set.Groups["name"].Value] = await ExpandAsync(node, set.Groups["value"].Value);
            return "";
        }

        if (AliasDefinition().Match(line) is { Success: true } alias)
        {
            _aliases[alias.Groups["name"].Value] = await ExpandAsync(node, alias.Groups["value"].Value);
            return "";
        }

        // Two commands: the second is asked although the first one is not asked for its code.
        var both = line.Split(" && ");
        if (both.Length > 1)
            return string.Concat(await LineAsync(node, both[0], input), await LineAsync(node, both[1], null));
        var said = input;
        foreach (var stage in Stages(await ExpandAsync(node, line)))
            said = await CommandAsync(node, NodeWords(stage), said);
        return said ?? "";
    }

    private async Task<string> CommandAsync(string node, string[] words, string? input)
    {
        if (words.Length == 0)
            return "";
        if (_aliases.TryGetValue(words[0], out var meaning))
            words = [.. NodeWords(meaning), .. words[1..]];
        switch (words[0])
        {
            case "kubectl":
                return await lab.KubectlAsync(words[1..].Where(static word => word != "-it"), input);
            case "watch":
                return await CommandAsync(node, words[1] == "-d" ? words[2..] : words[1..], input);
            case "echo":
                return string.Join(' ', words[1..]) + "\n";
            case "sshpass":
                var there = Array.FindIndex(words, static word => word.StartsWith("vagrant@", StringComparison.Ordinal));
                return await OnAsync(words[there]["vagrant@".Length..], words[(there + 1)..], input);
            case "grep" or "head" or "jq" when input is not null:
                return TranscriptPipes.Run(words, input);
            default:
                return await OnAsync(node, words, input);
        }
    }

    // A command over ssh is a line for the shell there, and may be a pipe that was meant for it.
    private async Task<string> OnAsync(string node, string[] words, string? input)
    {
        var said = await lab.RunAsync(node, words[0] == "sudo" ? words[1..] : words, input);
        return said.Output + said.Error;
    }

    private async Task<string> ExpandAsync(string node, string text)
    {
        while (Substitution().Match(text) is { Success: true } inner)
            text = text[..inner.Index] + (await LineAsync(node, inner.Groups["command"].Value, null)).TrimEnd('\n') + text[(inner.Index + inner.Length)..];
        return Variable().Replace(text, match => match.Groups["quote"].Success ? match.Value : Variables.GetValueOrDefault(match.Groups["name"].Value, match.Value));
    }

    private static string[] NodeWords(string line) => Simulator.Nodes.NodeRun.Words(line);

    private static List<string> Stages(string line)
    {
        var stages = new List<string>();
        var (from, quote) = (0, '\0');
        for (var at = 0; at < line.Length; at++)
        {
            if (quote == '\0' && line[at] is '\'' or '"' && quote == '\0')
            {
                quote = line[at];
            }
            else if (line[at] == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && line[at] == '|')
            {
                stages.Add(line[from..at].Trim());
                from = at + 1;
            }
        }

        stages.Add(line[from..].Trim());
        return stages;
    }

    [GeneratedRegex("^cat *<< *(?<end>\\w+) *\\|")]
    private static partial Regex HereDocument();

    [GeneratedRegex("^for i in (?<values>[^;]+); *do (?<body>.*?);? *done")]
    private static partial Regex Loop();

    [GeneratedRegex("^(export )?(?<name>[A-Z][A-Z0-9_]*)=(?<value>.*)$")]
    private static partial Regex Assignment();

    [GeneratedRegex("^alias (?<name>\\w+)=\"(?<value>.*)\"$")]
    private static partial Regex AliasDefinition();

    [GeneratedRegex("\\$\\((?<command>[^()]*)\\)")]
    private static partial Regex Substitution();

    [GeneratedRegex("\\$(?<name>[A-Za-z_][A-Za-z0-9_]*)")]
    private static partial Regex Variable();
}
