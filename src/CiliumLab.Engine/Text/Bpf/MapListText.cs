using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>cilium-dbg map list</c>, also with <c>--verbose</c>, text and JSON (models.BPFMapList; the entries in it are only counted).</summary>
public static partial class MapListText
{
    private const string Kind = "CiliumMapList";

    /// <summary>Reads the maps in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<CiliumBpfMap> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => Documents(lines, node, warn),
            OutputForm.Text => Lines(lines, node, warn),
            _ => [],
        };
    }

    private static IEnumerable<CiliumBpfMap> Documents(LineReader lines, string? node, Action<TextWarning> warn)
    {
        var json = new JsonStream(Kind, lines);
        if (json.Read() != JsonTokenType.StartObject)
            throw json.NotThis("the JSON is no object");
        var found = false;
        while (json.Read() == JsonTokenType.PropertyName)
        {
            if (json.Text != "maps")
            {
                json.Skip();
                continue;
            }

            found = true;
            var token = json.Read();
            if (token == JsonTokenType.Null)
                continue;
            if (token != JsonTokenType.StartArray)
                throw json.NotThis("the field maps is no list");
            while (json.Read() == JsonTokenType.StartObject)
                yield return Map(json, node);
        }

        if (!found)
            throw json.NotThis("the JSON has no field maps");
        json.Finish(warn);
    }

    private static CiliumBpfMap Map(JsonStream json, string? node)
    {
        string? path = null;
        int? entries = null;
        var errors = 0;
        while (json.Read() == JsonTokenType.PropertyName)
        {
            if (json.Text == "path")
            {
                path = json.Read() == JsonTokenType.String ? json.Text : null;
            }
            else if (json.Text == "cache")
            {
                if (json.Read() != JsonTokenType.StartArray)
                    continue;
                entries = 0;
                while (json.TryItem(static (ref Utf8JsonReader reader) => MapEntries.Error(JsonElement.ParseValue(ref reader).Text("last-error")), out var error))
                {
                    entries++;
                    errors += error is null ? 0 : 1;
                }
            }
            else
            {
                json.Skip();
            }
        }

        if (path is null)
            throw json.NotThis("a map has no path");
        return new CiliumBpfMap
        {
            Node = node,
            MapName = path[(path.LastIndexOf('/') + 1)..],
            Path = path,
            EntryCount = entries,
            ErrorCount = entries is null ? null : errors,
            IsCached = entries is not null,
        };
    }

    private static IEnumerable<CiliumBpfMap> Lines(LineReader lines, string? node, Action<TextWarning> warn)
    {
        var start = new OutputStart(Kind, warn);
        CiliumBpfMap? section = null;
        while (lines.Next() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (SectionName(line) is { } name)
            {
                start.Understood();
                if (section is not null)
                    yield return section;
                section = new CiliumBpfMap { Node = node, MapName = name, EntryCount = 0, ErrorCount = 0, IsCached = true };
            }
            else if (section is not null)
            {
                section = With(section, line) ?? Warned(section, line);
            }
            else if (Heading().IsMatch(line))
            {
                start.Understood();
            }
            else if (Row(line, node) is { } map)
            {
                start.Understood();
                yield return map;
            }
            else
            {
                start.Warn(new TextWarning(lines.Number, line, "expected a map with its numbers of entries and errors"));
            }
        }

        if (section is not null)
            yield return section;
        start.AtEnd();

        CiliumBpfMap Warned(CiliumBpfMap map, string line)
        {
            warn(new TextWarning(lines.Number, line, "expected an entry of the map"));
            return map;
        }
    }

    /// <summary>The map whose entries follow in <c>map list --verbose</c>; null when the line is no such heading.</summary>
    internal static string? SectionName(string line) => SectionHeading().Match(line) is { Success: true } heading ? heading.Groups[1].Value : null;

    private static CiliumBpfMap? Row(string line, string? node)
    {
        if (Columns().Match(line) is not { Success: true } columns
            || !int.TryParse(columns.Groups["entries"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var entries)
            || !int.TryParse(columns.Groups["errors"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var errors))
        {
            return null;
        }

        var isCached = columns.Groups["cached"].Value == "true";
        return new CiliumBpfMap
        {
            Node = node,
            MapName = columns.Groups["name"].Value,
            EntryCount = isCached ? entries : null,
            ErrorCount = isCached ? errors : null,
            IsCached = isCached,
        };
    }

    private static CiliumBpfMap? With(CiliumBpfMap map, string line) => line.Trim() switch
    {
        "Cache is disabled" => map with { EntryCount = null, ErrorCount = null, IsCached = false },
        "Cache is empty" => map,
        _ when MapGetText.IsHeading(line) => map,
        _ => MapGetText.Row(line, map.Node, map.MapName) is { } entry
            ? map with { EntryCount = map.EntryCount + 1, ErrorCount = map.ErrorCount + (entry.LastError is null ? 0 : 1) }
            : null,
    };

    [GeneratedRegex(@"^## (\S+)\s*$")]
    private static partial Regex SectionHeading();

    [GeneratedRegex(@"^\s*Name\s+Num entries\s+Num errors\s+Cache enabled\s*$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^(?<name>[a-z]\w*)\s+(?<entries>\d+)\s+(?<errors>\d+)\s+(?<cached>true|false)\s*$")]
    private static partial Regex Columns();
}
