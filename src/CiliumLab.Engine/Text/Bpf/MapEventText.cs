using System.Text.Json;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>cilium-dbg map events</c>, also with <c>-f</c>, text and JSON, which is documents one after the other (models.MapEvent).
/// An event comes as soon as its last line is there.
/// </summary>
public static partial class MapEventText
{
    private const string Kind = "CiliumMapEvents";

    /// <summary>Reads the events in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<BpfMapEvent> Parse(TextReader text, string? node, Action<TextWarning> warn) => Parse(text, node, warn, null);

    /// <summary>Reads the events of a map whose name is known.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or document that was not understood.</param>
    /// <param name="mapName">The map; null when it is not known, for the output does not tell.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<BpfMapEvent> Parse(TextReader text, string? node, Action<TextWarning> warn, string? mapName)
    {
        var lines = new LineReader(new AgentOutput(text, warn));
        var start = new OutputStart(Kind, warn);
        foreach (var (document, line, number) in JsonDocuments.Read(lines, start))
        {
            if ((document is { } item ? FromJson(item, node, mapName) : FromText(line, node, mapName)) is { } change)
            {
                start.Understood();
                yield return change;
            }
            else
            {
                start.Warn(new TextWarning(number, line, "expected an event with key, value, time and action"));
            }
        }

        start.AtEnd();
    }

    private static BpfMapEvent? FromText(string line, string? node, string? mapName) =>
        Form().Match(line) is { Success: true } form && GoValues.Time(form.Groups["time"].Value) is { } time
            ? Event(new BpfMapEvent
            {
                Node = node,
                MapName = mapName,
                Time = time,
                Action = Action(form.Groups["action"].Value),
                Key = form.Groups["key"].Value,
                Value = form.Groups["value"].Value,
                State = MapEntries.State(form.Groups["state"].Value),
                LastError = MapEntries.Error(form.Groups["error"].Value),
            })
            : null;

    private static BpfMapEvent? FromJson(JsonElement item, string? node, string? mapName) =>
        item.Text("action") is { } action && item.Time("timestamp") is { } time
            ? Event(new BpfMapEvent
            {
                Node = node,
                MapName = mapName,
                Time = time,
                Action = Action(action),
                Key = item.Text("key") ?? "",
                Value = item.Text("value"),
                State = MapEntries.State(item.Text("desired-action")),
                LastError = MapEntries.Error(item.Text("last-error")),
            })
            : null;

    private static BpfMapEvent Event(BpfMapEvent change)
    {
        if (change.Value is null or "<nil>")
            return change with { Value = null };
        return change with
        {
            Entry = MapEntries.Typed(new BpfMapEntry
            {
                Node = change.Node,
                MapName = change.MapName,
                Key = change.Key,
                Value = change.Value,
                State = change.State,
                LastError = change.LastError,
            }),
        };
    }

    private static BpfMapAction Action(string word) => word switch
    {
        "update" => BpfMapAction.Update,
        "delete" => BpfMapAction.Delete,
        "delete-all" => BpfMapAction.DeleteAll,
        _ => BpfMapAction.Unknown,
    };

    [GeneratedRegex(@"^key=""(?<key>.*)"" value=""(?<value>.*)"" time=(?<time>\S+) action=(?<action>\S+) desiredState=(?<state>\S+) lastError=""(?<error>.*)""\s*$")]
    private static partial Regex Form();
}
