using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>bpftool prog show</c>, of all programs or one, text and JSON (src/prog.c of bpftool).</summary>
public static partial class BpftoolProgramText
{
    private const string Kind = "BpftoolProgram";

    /// <summary>Reads the programs in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<BpfProgram> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => BpftoolJson.Read(Kind, lines, warn, "a program with id, type and tag", item => FromJson(item, node)),
            OutputForm.Text => new BpftoolObjects(Kind, "tag").Read(lines, warn).Select(one => FromText(one, node)),
            _ => [],
        };
    }

    private static BpfProgram FromText(BpftoolObject one, string? node) => new()
    {
        Node = node,
        ProgramId = one.Id,
        Type = one.Type,
        ProgramName = one.Text("name"),
        Tag = one.Text("tag"),
        IsGplCompatible = one.Has("gpl"),
        LoadedAt = Loaded(one.Text("loaded_at")),
        UserId = one.Number32("uid"),
        TranslatedBytes = one.Number("xlated") ?? 0,
        JitedBytes = one.Number("jited"),
        LockedBytes = one.Number("memlock"),
        MapId = [.. (one.Text("map_ids") ?? "").Split(',').Select(static id => uint.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (uint?)null).OfType<uint>()],
        BtfId = one.Number32("btf_id"),
        RunTime = one.Number("run_time_ns") is <= long.MaxValue and var time ? GoValues.Nanoseconds((long)time) : null,
        RunCount = one.Number("run_cnt"),
        Holders = one.Holders,
    };

    private static BpfProgram? FromJson(JsonElement item, string? node)
    {
        if (item.UInt32("id") is not { } id || item.Text("type") is not { } type || item.Text("tag") is not { } tag)
            return null;
        return new BpfProgram
        {
            Node = node,
            ProgramId = id,
            Type = type,
            ProgramName = item.Text("name"),
            Tag = tag,
            IsGplCompatible = item.Boolean("gpl_compatible") == true,
            LoadedAt = item.Integer("loaded_at") is > 0 and < 253402300800 and var seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
            UserId = item.UInt32("uid"),
            TranslatedBytes = item.Unsigned("bytes_xlated") ?? 0,
            JitedBytes = item.Boolean("jited") == true ? item.Unsigned("bytes_jited") : null,
            LockedBytes = item.Unsigned("bytes_memlock"),
            MapId = [.. item.Items("map_ids").Select(static map => map.ValueKind == JsonValueKind.Number && map.TryGetUInt32(out var number) ? number : (uint?)null).OfType<uint>()],
            BtfId = item.UInt32("btf_id"),
            RunTime = item.Integer("run_time_ns") is { } time ? GoValues.Nanoseconds(time) : null,
            RunCount = item.Unsigned("run_cnt"),
            Holders = BpftoolObjects.Holders(item),
        };
    }

    // 2025-07-17T12:49:54+0000
    private static DateTimeOffset? Loaded(string? text) => text is not null && Zone().IsMatch(text)
        && DateTimeOffset.TryParseExact(text.Insert(text.Length - 2, ":"), "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time
            : null;

    [GeneratedRegex(@"[+-]\d{4}$")]
    private static partial Regex Zone();
}
