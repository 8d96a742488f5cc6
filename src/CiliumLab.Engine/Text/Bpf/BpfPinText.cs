using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads what is pinned in the BPF file system, from <c>tree</c> and from <c>find</c>.</summary>
internal static partial class BpfPinText
{
    /// <summary>What <c>find</c> is asked to print: the kind as a letter, and the path.</summary>
    public const string FindFormat = "%y %p\\n";

    private const string Kind = "BpfFilesystem";

    /// <summary>Whether a line is the root of a tree of pins.</summary>
    public static bool IsRoot(string line) => Root().IsMatch(line);

    /// <summary>Reads <c>tree /sys/fs/bpf</c> in its order. What has something below it is a folder.</summary>
    public static IEnumerable<BpfPin> Tree(LineReader lines, string? node, Action<TextWarning> warn)
    {
        var start = new OutputStart(Kind, warn);
        var path = new List<string> { lines.Next()!.TrimEnd().TrimEnd('/') };
        start.Understood();
        BpfPin? held = null;
        while (lines.Next() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line) || Summary().IsMatch(line))
                continue;
            var branch = Branch().Match(line);
            var depth = (branch.Groups["before"].Length / 4) + 1;
            if (!branch.Success || depth > path.Count)
            {
                start.Warn(new TextWarning(lines.Number, line, "expected a branch of the tree"));
                continue;
            }

            var name = branch.Groups["name"].Value;
            path.RemoveRange(depth, path.Count - depth);
            path.Add(name.TrimEnd('/'));
            if (held is not null)
                yield return held with { IsFolder = held.IsFolder || depth > held.Depth };
            held = new BpfPin { Node = node, Path = string.Join('/', path), Depth = depth, IsFolder = name.EndsWith('/') };
        }

        if (held is not null)
            yield return held;
    }

    /// <summary>Reads <c>find -mindepth 1 -printf</c> with <see cref="FindFormat"/>, and puts it in the order of names, folder by folder.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from.</param>
    /// <param name="warn">Is told of each line that was not understood.</param>
    /// <param name="root">Where the file system is mounted.</param>
    public static IEnumerable<BpfPin> Found(TextReader text, string? node, Action<TextWarning> warn, string root)
    {
        var lines = new LineReader(new AgentOutput(text, warn));
        var pins = new List<BpfPin>();
        while (lines.Next() is { } line)
        {
            if (line.Length == 0)
                continue;
            if (line.Length > root.Length + 3 && line[1] == ' ' && line.AsSpan(2).StartsWith(root) && line[root.Length + 2] == '/')
                pins.Add(new BpfPin { Node = node, Path = line[2..], Depth = line.AsSpan(root.Length + 2).Count('/'), IsFolder = line[0] == 'd' });
            else
                warn(new TextWarning(lines.Number, line, "expected a kind and a path"));
        }

        // A slash sorts before every other letter of a name, so that a folder's content follows it.
        return pins.OrderBy(pin => pin.Path.Replace('/', '\0'), StringComparer.Ordinal);
    }

    [GeneratedRegex(@"^/\S*bpf\S*\s*$")]
    private static partial Regex Root();

    [GeneratedRegex(@"^(?<before>(?:[│|\s]\s{3})*)(?:├──|└──|\|--|`--)\s(?<name>\S+)(?: -> .*)?\s*$")]
    private static partial Regex Branch();

    [GeneratedRegex(@"^\d+ director(?:y|ies)(?:, \d+ files?)?\s*$")]
    private static partial Regex Summary();
}
