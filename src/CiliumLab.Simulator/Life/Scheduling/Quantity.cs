using System.Globalization;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Kubernetes quantities: <c>100m</c>, <c>70Mi</c>, <c>2</c>.</summary>
internal static class Quantity
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", 1048576m), ("Gi", 1073741824m), ("Ti", 1099511627776m), ("Pi", 1125899906842624m),
        ("n", 0.000000001m), ("u", 0.000001m), ("m", 0.001m), ("k", 1000m), ("M", 1000000m), ("G", 1000000000m), ("T", 1000000000000m), ("P", 1000000000000000m),
    ];

    /// <summary>The number that a quantity stands for; zero for what is none.</summary>
    public static decimal Parse(JsonNode? value)
    {
        var text = value.AsDisplay();
        foreach (var (suffix, factor) in Suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal) && decimal.TryParse(text[..^suffix.Length], NumberStyles.Float, CultureInfo.InvariantCulture, out var scaled))
                return scaled * factor;
        }
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var plain) ? plain : 0;
    }

    /// <summary>What a pod asks for of a resource: its containers together, or its greediest init container.</summary>
    public static decimal Requested(JsonObject pod, string resource)
    {
        var together = pod.Objects("spec", "containers").Sum(c => Parse(c.At("resources", "requests", resource)));
        var first = pod.Objects("spec", "initContainers").Select(c => Parse(c.At("resources", "requests", resource))).DefaultIfEmpty(0).Max();
        return Math.Max(together, first);
    }
}
