using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni.Helm;

/// <summary>
/// The keys that a chart knows: those of its values.yaml, and those that stand in its comments because they have no default.
/// Below an empty map, a list or nothing the chart takes what comes.
/// </summary>
internal sealed partial class ChartKeys
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    private ChartKeys()
    {
    }

    /// <summary>Reads a chart's values.yaml.</summary>
    public static ChartKeys Read(string valuesYaml)
    {
        var keys = new ChartKeys();
        if (YamlJson.Read(valuesYaml) is JsonObject tree)
            keys.AddTree(tree, "");
        keys.AddComments(valuesYaml);
        return keys;
    }

    /// <summary>Refuses values that the chart does not know; Helm itself would pass over them without a word.</summary>
    /// <exception cref="LabException"><c>HelmValueUnknown</c>, with the nearest known key.</exception>
    public void Check(HelmValues values, ChartReference chart)
    {
        foreach (var (path, _) in values.Leaves())
        {
            if (Knows(path))
                continue;
            var key = path.ToString();
            var nearest = Nearest(key, path.Steps[^1]);
            throw new LabException(
                "HelmValueUnknown",
                LabErrorKind.InvalidArgument,
                $"The chart {chart} has no value '{key}'{(nearest is null ? "." : $"; did you mean '{nearest}'?")}",
                key,
                $"See the chart's values: helm show values {string.Join(' ', chart.Words)}");
        }
    }

    private string? Nearest(string key, string name)
    {
        var all = _known.Concat(_open).ToList();
        return Spelling.Nearest(key, all)
            ?? all.FirstOrDefault(known => known.EndsWith("." + name, StringComparison.OrdinalIgnoreCase))
            ?? all.FirstOrDefault(known => key.StartsWith(known + ".", StringComparison.Ordinal) && known.Contains('.', StringComparison.Ordinal));
    }

    private bool Knows(HelmPath path)
    {
        for (var length = 1; length <= path.Steps.Count; length++)
        {
            var key = new HelmPath([.. path.Steps.Take(length)]).ToString();
            if (_open.Contains(key) || (length == path.Steps.Count && _known.Contains(key)))
                return true;
            if (!_known.Contains(key))
                return false;
        }

        return false;
    }

    private void AddTree(JsonObject map, string prefix)
    {
        foreach (var (name, value) in map)
        {
            var key = prefix + name.Replace(".", "\\.", StringComparison.Ordinal);
            switch (value)
            {
                case JsonObject { Count: > 0 } inner:
                    _known.Add(key);
                    AddTree(inner, key + ".");
                    break;
                case null or JsonObject or JsonArray:
                    _open.Add(key);
                    break;
                default:
                    _known.Add(key);
                    break;
            }
        }
    }

    // "  # range: [...]" below "nodePort:" is the key nodePort.range; what follows a name in prose is no key, since prose has blanks in front of its colon.
    private void AddComments(string text)
    {
        var parents = new Stack<(int Indent, string Key)>();
        foreach (var line in text.Split('\n'))
        {
            if (KeyLine().Match(line) is not { Success: true } match)
                continue;
            var indent = match.Groups["indent"].Length;
            while (parents.TryPeek(out var above) && above.Indent >= indent)
                parents.Pop();
            var key = (parents.TryPeek(out var parent) ? parent.Key + "." : "") + match.Groups["name"].Value;
            if (match.Groups["comment"].Success)
                _open.Add(key);
            else
                parents.Push((indent, key));
        }
    }

    [GeneratedRegex(@"^(?<indent> *)(?<comment>#\s?)?(?<name>[A-Za-z][\w-]*):(?:\s|$)")]
    private static partial Regex KeyLine();
}
