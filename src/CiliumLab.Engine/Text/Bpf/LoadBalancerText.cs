using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>cilium-dbg bpf lb list</c>, also with <c>--frontends</c>, <c>--backends</c>, <c>--revnat</c> and <c>--source-ranges</c>, text
/// and JSON, which is a map of texts. Entries come as they are read.
/// </summary>
public static partial class LoadBalancerText
{
    private const string Kind = "BpfLoadBalancer";
    private const string Expected = "a service, backend, reverse translation or source range";

    /// <summary>Reads the entries in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<BpfMapEntry> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => Pairs(JsonItems.OfStringMap(Kind, lines, warn), node, warn),
            OutputForm.Text => Pairs(Rows(lines), node, warn),
            _ => [],
        };
    }

    private static IEnumerable<BpfMapEntry> Pairs(IEnumerable<(string Key, string Value, int Line)> pairs, string? node, Action<TextWarning> warn)
    {
        var start = new OutputStart(Kind, warn);
        foreach (var (key, value, line) in pairs)
        {
            if (Heading().IsMatch($"{key}   {value}"))
            {
                start.Understood();
            }
            else if (MapEntries.Typed(new BpfMapEntry { Node = node, Key = key, Value = value.TrimEnd() }) is var entry
                && entry is BpfServiceEntry or BpfBackendEntry or BpfReverseNatEntry or BpfSourceRangeEntry)
            {
                start.Understood();
                yield return entry;
            }
            else
            {
                start.Warn(new TextWarning(line, $"{key}   {value}", $"expected {Expected}"));
            }
        }

        start.AtEnd();
    }

    // Of a service with several lines only the first has the service's address.
    private static IEnumerable<(string Key, string Value, int Line)> Rows(LineReader lines)
    {
        var key = "";
        while (lines.Next() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var cells = Gap().Split(line.TrimEnd(), 2);
            if (cells[0].Length > 0)
                key = cells[0];
            yield return (key, cells.Length > 1 ? cells[1] : "", lines.Number);
        }
    }

    [GeneratedRegex(@"^(?:SERVICE ADDRESS\s+BACKEND (?:ADDRESS|ID)|ID\s+BACKEND ADDRESS|SOURCE RANGE \(REVNAT_ID\))")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\s{2,}")]
    private static partial Regex Gap();
}
