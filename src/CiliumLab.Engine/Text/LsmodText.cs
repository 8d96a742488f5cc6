using System.Globalization;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>lsmod</c> (name, size, use count, users) and the file that it is made from, /proc/modules, whose lines also have
/// the state and the address (kernel/module/procfs.c).
/// </summary>
public static class LsmodText
{
    private const string Kind = "Lsmod";

    /// <summary>Reads the modules in the output's order.</summary>
    /// <param name="text">The output, with its header or, from grep, without.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that is not a module.</param>
    public static IEnumerable<KernelModule> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = new LineReader(text);
        var understood = false;
        while (lines.Next() is { } line)
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                continue;
            if (words is ["Module", "Size", "Used", "by"])
            {
                understood = true;
                continue;
            }

            if (Module(words, node) is { } module)
            {
                understood = true;
                yield return module;
            }
            else if (understood)
            {
                warn(new TextWarning(lines.Number, line, "expected a module's name, size and use count"));
            }
            else
            {
                throw OutputErrors.NotThisOutput(Kind, lines.Number, line);
            }
        }
    }

    private static KernelModule? Module(string[] words, string? node)
    {
        if (words.Length < 3 || !ulong.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            return null;
        // A kernel that cannot unload modules prints "-" for the count.
        int? uses = null;
        if (int.TryParse(words[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count))
            uses = count;
        else if (words[2] != "-")
            return null;
        var state = words.Length < 5 ? KernelModuleState.Loaded : StateOf(words[4]);
        if (state is null || words.Length is 4 && words[3].StartsWith("0x", StringComparison.Ordinal))
            return null;
        return new KernelModule
        {
            Node = node,
            Name = words[0],
            Size = size,
            UseCount = uses,
            UsedBy = words.Length < 4 || words[3] == "-"
                ? []
                : [.. words[3].Split(',', StringSplitOptions.RemoveEmptyEntries).Where(user => user != "[permanent]")],
            State = state.Value,
        };
    }

    private static KernelModuleState? StateOf(string word) => word switch
    {
        "Live" => KernelModuleState.Loaded,
        "Loading" => KernelModuleState.Loading,
        "Unloading" => KernelModuleState.Unloading,
        _ => null,
    };
}
