using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>bpftool map show</c>, of all maps or one, text and JSON (src/map.c of bpftool).</summary>
public static class BpftoolMapText
{
    private const string Kind = "BpftoolMap";

    /// <summary>Reads the maps in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<BpfMap> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => BpftoolJson.Read(Kind, lines, warn, "a map with id, type and sizes", item => FromJson(item, node)),
            OutputForm.Text => new BpftoolObjects(Kind, "flags").Read(lines, warn).Select(one => FromText(one, node)),
            _ => [],
        };
    }

    private static BpfMap FromText(BpftoolObject one, string? node) => new()
    {
        Node = node,
        MapId = one.Id,
        Type = one.Type,
        MapName = one.Text("name"),
        Flags = CiliumValues.TryHex(one.Text("flags"), out var flags) ? flags : 0,
        KeyBytes = one.Number32("key") ?? 0,
        ValueBytes = one.Number32("value") ?? 0,
        MaximumEntries = one.Number32("max_entries") ?? 0,
        LockedBytes = one.Number("memlock"),
        BtfId = one.Number32("btf_id"),
        IsFrozen = one.Has("frozen"),
        OwnerType = one.Text("owner_prog_type"),
        Holders = one.Holders,
    };

    private static BpfMap? FromJson(JsonElement item, string? node)
    {
        if (item.UInt32("id") is not { } id || item.Text("type") is not { } type || item.UInt32("bytes_key") is not { } key)
            return null;
        return new BpfMap
        {
            Node = node,
            MapId = id,
            Type = type,
            MapName = item.Text("name"),
            Flags = item.UInt32("flags") ?? 0,
            KeyBytes = key,
            ValueBytes = item.UInt32("bytes_value") ?? 0,
            MaximumEntries = item.UInt32("max_entries") ?? 0,
            LockedBytes = item.Unsigned("bytes_memlock"),
            BtfId = item.UInt32("btf_id"),
            IsFrozen = item.Integer("frozen") is 1 || item.Boolean("frozen") == true,
            OwnerType = item.Text("owner_prog_type"),
            Holders = BpftoolObjects.Holders(item),
        };
    }
}
