using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads what <c>cilium-dbg bpf ... list -o json</c> prints of the kernel's own maps, which is a map of texts: <c>bpf ipcache</c>,
/// <c>bpf endpoint</c>, <c>bpf lb</c>. Entries come as they are read, typed where the map is understood.
/// </summary>
internal static class BpfTableText
{
    /// <summary>Reads the entries in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each item that was not understood.</param>
    /// <param name="mapName">The map, for the output does not tell.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<BpfMapEntry> Parse(TextReader text, string? node, Action<TextWarning> warn, string mapName)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form == OutputForm.Empty
            ? []
            : JsonItems.OfStringMap(mapName, lines, warn).Select(pair => MapEntries.Typed(new BpfMapEntry
            {
                Node = node,
                MapName = mapName,
                Key = pair.Key,
                Value = pair.Value.TrimEnd(),
            }));
    }
}
