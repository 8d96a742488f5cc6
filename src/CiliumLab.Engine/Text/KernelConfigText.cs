using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads a kernel's build configuration (/boot/config-*, /proc/config.gz unpacked; the kernel's
/// Documentation/kbuild/kconfig.rst), whole or what grep found in it, with grep's file names and line numbers too.
/// </summary>
public static partial class KernelConfigText
{
    private const string Kind = "KernelConfig";

    /// <summary>Reads the options in the text's order.</summary>
    /// <param name="text">The configuration.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that is neither an option nor a comment.</param>
    public static IEnumerable<KernelOption> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = new LineReader(text);
        var understood = false;
        while (lines.Next() is { } raw)
        {
            var line = raw.Trim();
            // grep -A prints "--" between groups.
            if (line.Length == 0 || line == "--")
                continue;
            var option = Option(line, node);
            if (option is not null)
            {
                yield return option;
            }
            else if (!Comment().IsMatch(line))
            {
                if (!understood)
                    throw OutputErrors.NotThisOutput(Kind, lines.Number, raw);
                warn(new TextWarning(lines.Number, raw, "expected CONFIG_NAME=value or a comment"));
            }

            understood = true;
        }
    }

    private static KernelOption? Option(string line, string? node)
    {
        if (NotSet().Match(line) is { Success: true } unset)
            return new KernelOption { Node = node, Name = unset.Groups[1].Value, State = KernelOptionState.NotSet };
        if (Assignment().Match(line) is not { Success: true } set)
            return null;
        var value = set.Groups[2].Value;
        return new KernelOption
        {
            Node = node,
            Name = set.Groups[1].Value,
            State = value switch
            {
                "y" => KernelOptionState.BuiltIn,
                "m" => KernelOptionState.Module,
                "n" => KernelOptionState.NotSet,
                _ => KernelOptionState.Value,
            },
            Value = value == "n" ? null : Unquoted(value),
        };
    }

    private static string Unquoted(string value) =>
        value is ['"', .., '"'] && value.Length > 1 ? Escape().Replace(value[1..^1], "$1") : value;

    [GeneratedRegex(@"^(?:[^\s""=]+[:-])?(CONFIG_\w+)=(""(?:[^""\\]|\\.)*""|[^\s""]+)$")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^(?:[^\s""=]+[:-])?#\s*(CONFIG_\w+) is not set$")]
    private static partial Regex NotSet();

    [GeneratedRegex(@"^(?:[^\s""=]+[:-])?#")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\\(.)")]
    private static partial Regex Escape();
}
