using System.Text.Json;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>cilium-dbg map get</c>, text and JSON (models.BPFMap): the entries that the agent wrote. Those of maps that are understood
/// have a record of their own.
/// </summary>
public static partial class MapGetText
{
    private const string Kind = "CiliumMapGet";

    // The JSON names the map behind its entries. So many wait for the name; of a larger map they come without one, unless it is given.
    private const int WaitForName = 4096;

    /// <summary>Reads the entries in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<BpfMapEntry> Parse(TextReader text, string? node, Action<TextWarning> warn) => Parse(text, node, warn, null);

    /// <summary>Reads the entries of a map whose name is known.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <param name="mapName">The map; null when only the output can tell.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<BpfMapEntry> Parse(TextReader text, string? node, Action<TextWarning> warn, string? mapName)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => Documents(lines, node, warn, mapName),
            OutputForm.Text => Lines(lines, node, warn, mapName),
            _ => [],
        };
    }

    // map list --verbose prints the same, with the maps' names above.
    private static IEnumerable<BpfMapEntry> Lines(LineReader lines, string? node, Action<TextWarning> warn, string? mapName) =>
        new TextRows<BpfMapEntry>(Kind, "a key, a value and a state", line => Row(line, node, mapName))
        {
            IsHeading = line =>
            {
                if (MapListText.SectionName(line) is not { } name)
                    return IsHeading(line) || IsEmpty(line);
                mapName = name;
                return true;
            },
        }.Read(lines, warn);

    internal static bool IsHeading(string line) => Heading().IsMatch(line);

    /// <summary>Columns are three blanks apart; neither keys nor values have that many.</summary>
    internal static BpfMapEntry? Row(string line, string? node, string? mapName)
    {
        var cells = Gap().Split(line.TrimEnd());
        if (cells.Length < 3 || cells[0].Length == 0)
            return null;

        // An empty value leaves a gap that cannot be told from the one between columns.
        var stateAt = cells.Length > 3 && MapEntries.State(cells[^2]) != BpfEntryState.Unknown ? cells.Length - 2 : cells.Length - 1;
        if (MapEntries.State(cells[stateAt]) is var state && state == BpfEntryState.Unknown)
            return null;
        return MapEntries.Typed(new BpfMapEntry
        {
            Node = node,
            MapName = mapName,
            Key = cells[0],
            Value = string.Join("   ", cells[1..stateAt]),
            State = state,
            LastError = stateAt < cells.Length - 1 ? MapEntries.Error(cells[^1]) : null,
        });
    }

    private static bool IsEmpty(string line) => line.Trim() is "Cache is empty" or "Cache is disabled";

    private static IEnumerable<BpfMapEntry> Documents(LineReader lines, string? node, Action<TextWarning> warn, string? mapName)
    {
        var json = new JsonStream(Kind, lines);
        if (json.Read() != JsonTokenType.StartObject)
            throw json.NotThis("the JSON is no object");
        var held = new List<BpfMapEntry>();
        var found = false;
        while (json.Read() == JsonTokenType.PropertyName)
        {
            if (json.Text == "path")
            {
                found = true;
                var named = json.Read() == JsonTokenType.String ? json.Text[(json.Text.LastIndexOf('/') + 1)..] : null;
                mapName ??= named;
                continue;
            }

            if (json.Text != "cache" || json.Read() is var token && token != JsonTokenType.StartArray && token != JsonTokenType.Null)
                throw json.NotThis("the JSON is no map with a cache");
            found = true;
            while (token == JsonTokenType.StartArray && json.TryItem((ref Utf8JsonReader reader) => FromJson(JsonElement.ParseValue(ref reader), node, mapName), out var entry))
            {
                if (entry is null)
                    warn(json.Warning("expected an entry with a key"));
                else
                    held.Add(entry);
                if (mapName is null && held.Count < WaitForName)
                    continue;
                foreach (var one in held)
                    yield return one;
                held.Clear();
            }
        }

        if (!found)
            throw json.NotThis("the JSON is no map with a cache");
        foreach (var one in held)
            yield return one with { MapName = mapName };
        json.Finish(warn);
    }

    private static BpfMapEntry? FromJson(JsonElement item, string? node, string? mapName) => item.Text("key") is not { } key ? null : MapEntries.Typed(new BpfMapEntry
    {
        Node = node,
        MapName = mapName,
        Key = key,
        Value = item.Text("value") ?? "",
        State = MapEntries.State(item.Text("desired-action")),
        LastError = MapEntries.Error(item.Text("last-error")),
    });

    [GeneratedRegex(@"^Key\s+Value\s+State\s+Error\s*$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\s{3,}")]
    private static partial Regex Gap();
}
