using System.Text.RegularExpressions;

namespace CiliumLab.Engine.Text;

/// <summary>Reads the options that <c>cilium-agent --help</c> lists (spf13/pflag's usage).</summary>
public static partial class AgentFlagsText
{
    /// <summary>Reads the options; none when the text lists none.</summary>
    public static IEnumerable<AgentFlag> Parse(TextReader text)
    {
        ArgumentNullException.ThrowIfNull(text);
        while (text.ReadLine() is { } line)
        {
            if (Flag().Match(line) is { Success: true } flag)
                yield return new AgentFlag(flag.Groups["name"].Value, flag.Groups["type"].Value);
        }
    }

    // What stands behind a name and one blank is the type; a description comes after more of them.
    [GeneratedRegex(@"^\s+(?:-\w, )?--(?<name>[a-z0-9][a-z0-9-]*)(?: (?<type>[^\s\[]+))?(?:\[=\S*\])?(?:\s{2,}|\s*$)")]
    private static partial Regex Flag();
}
