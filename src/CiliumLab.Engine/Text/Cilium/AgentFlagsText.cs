using System.Text.RegularExpressions;

namespace CiliumLab.Engine.Text;

/// <summary>Reads the names of the options that <c>cilium-agent --help</c> lists (spf13/pflag's usage).</summary>
public static partial class AgentFlagsText
{
    /// <summary>Reads the names, without their dashes; none when the text lists no options.</summary>
    public static IEnumerable<string> Parse(TextReader text)
    {
        ArgumentNullException.ThrowIfNull(text);
        while (text.ReadLine() is { } line)
        {
            if (Flag().Match(line) is { Success: true } flag)
                yield return flag.Groups["name"].Value;
        }
    }

    [GeneratedRegex(@"^\s+(?:-\w, )?--(?<name>[a-z0-9][a-z0-9-]*)")]
    private static partial Regex Flag();
}
