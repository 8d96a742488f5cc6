using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>brctl show</c> (bridge-utils, brctl_cmd.c), which lists bridges with the names of their ports, and <c>bridge link</c> (bridge/link.c),
/// text or JSON, which lists ports only: a bridge without ports is not in it, and of the others nothing but the name.
/// </summary>
public static partial class BridgeShowText
{
    private const string Kind = "brctl show or bridge link";

    /// <summary>Reads the bridges.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when neither a heading nor a port could be read.</exception>
    public static IEnumerable<NodeBridge> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = new LineReader(text);
        while (lines.Peek() is { } blank && string.IsNullOrWhiteSpace(blank))
            lines.Next();
        if (lines.Peek() is not { } first)
            return [];
        if (IprouteJson.StartsAt(first))
            return ByMaster(JsonPorts(IprouteJson.Items(Kind, lines, warn)), node);
        return first.StartsWith("bridge name", StringComparison.Ordinal) ? Shown(lines, node, warn) : ByMaster(TextPorts(lines, warn), node);
    }

    private static IEnumerable<NodeBridge> Shown(LineReader lines, string? node, Action<TextWarning> warn)
    {
        NodeBridge? bridge = null;
        var ports = new List<BridgePort>();
        lines.Next();
        while (lines.Next() is { } line)
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || line.StartsWith("bridge name", StringComparison.Ordinal))
                continue;
            if (words.Length == 1 && char.IsWhiteSpace(line[0]) && bridge is not null)
            {
                ports.Add(new BridgePort { Interface = words[0] });
            }
            else if (words.Length is 3 or 4 && !char.IsWhiteSpace(line[0]) && words[2] is ("yes" or "no"))
            {
                if (bridge is not null)
                    yield return bridge with { Ports = ports };
                bridge = new NodeBridge { Node = node, Name = words[0], BridgeId = words[1], Stp = words[2] == "yes" };
                ports = [.. words[3..].Select(port => new BridgePort { Interface = port })];
            }
            else
            {
                warn(new TextWarning(lines.Number, line, "expected a bridge or a port"));
            }
        }

        if (bridge is not null)
            yield return bridge with { Ports = ports };
    }

    // Bridges come when all ports are known: nothing says that the ports of one stand together.
    private static IEnumerable<NodeBridge> ByMaster(IEnumerable<(string Master, BridgePort Port)> ports, string? node) => ports
        .GroupBy(port => port.Master, port => port.Port)
        .Select(group => new NodeBridge { Node = node, Name = group.Key, Ports = [.. group] });

    private static IEnumerable<(string Master, BridgePort Port)> JsonPorts(IEnumerable<IprouteObject> items)
    {
        foreach (var item in items)
        {
            if (item.Text("ifname") is { } name && item.Text("master") is { } master)
                yield return (master, LinkJson.Port(name, item));
            else
                item.Complain("expected a port of a bridge");
        }
    }

    private static IEnumerable<(string Master, BridgePort Port)> TextPorts(LineReader lines, Action<TextWarning> warn)
    {
        var start = new OutputStart(Kind, warn);
        (string Master, BridgePort Port)? current = null;
        while (lines.Next() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (PortHead().Match(line) is { Success: true } head)
            {
                start.Understood();
                if (current is { } done)
                    yield return done;
                current = Port(head.Groups["name"].Value, new IprouteWords(lines.Number, head.Groups["rest"].Value, warn));
            }
            else if (current is { } port && char.IsWhiteSpace(line[0]))
            {
                var words = new IprouteWords(lines.Number, line, warn);
                while (!words.AtEnd)
                    port.Port = LinkKinds.WithSetting(port.Port, words.Take()!, words);
                current = port;
            }
            else
            {
                start.Warn(new TextWarning(lines.Number, line, "expected a port of a bridge"));
            }
        }

        start.AtEnd();
        if (current is { } last)
            yield return last;
    }

    private static (string Master, BridgePort Port)? Port(string name, IprouteWords words)
    {
        string? master = null;
        var port = new BridgePort { Interface = name };
        while (!words.AtEnd)
        {
            var word = words.Take()!;
            if (word == "master")
                master = words.Take();
            else if (word is "mtu" or "hwmode")
                words.Take();
            else
                port = LinkKinds.WithSetting(port, word, words);
        }

        if (master is not null)
            return (master, port);
        words.Complain("it is not the port of a bridge");
        return null;
    }

    [GeneratedRegex(@"^\d+: (?<name>[^\s@:]+)(@[^\s:]+)?: <[^>]*>(?<rest>.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex PortHead();
}
