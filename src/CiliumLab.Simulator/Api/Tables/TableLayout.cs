using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>One column of <c>kubectl get</c>.</summary>
/// <param name="Name">The heading before kubectl puts it in capitals.</param>
/// <param name="Priority">Zero: always; more: with <c>-o wide</c>.</param>
/// <param name="Cell">The cell of an object, at a time.</param>
internal sealed record TableColumn(string Name, int Priority, Func<JsonObject, DateTimeOffset, JsonNode?> Cell)
{
    /// <summary>The cell's type.</summary>
    public string Type { get; init; } = "string";

    /// <summary>The cell's format; the name column says so.</summary>
    public string Format { get; init; } = "";

    /// <summary>What the column means.</summary>
    public string Description { get; init; } = "";
}

/// <summary>The columns of a kind.</summary>
internal sealed class TableLayout(params TableColumn[] columns)
{
    /// <summary>Marks rows, as upstream marks finished pods.</summary>
    public Func<JsonObject, JsonArray?> Conditions { get; init; } = static _ => null;

    /// <summary>The cells of an object.</summary>
    public JsonArray Cells(JsonObject obj, DateTimeOffset now) => new([.. columns.Select(c => c.Cell(obj, now))]);

    /// <summary>The columns' definitions.</summary>
    public JsonArray Definitions() => new([.. columns.Select(static c => (JsonNode)new JsonObject
    {
        ["name"] = c.Name,
        ["type"] = c.Type,
        ["format"] = c.Format,
        ["description"] = c.Description,
        ["priority"] = c.Priority,
    })]);

    /// <summary>The name column that every kind begins with.</summary>
    public static TableColumn Name { get; } = new("Name", 0, static (o, _) => o.Text("metadata", "name"))
    {
        Format = "name",
        Description = "Name must be unique within a namespace.",
    };

    /// <summary>The age column.</summary>
    public static TableColumn Age { get; } = new("Age", 0, static (o, now) => AgeOf(o.Text("metadata", "creationTimestamp"), now))
    {
        Description = "How long the object has been there.",
    };

    /// <summary>A column of text; an empty cell reads &lt;none&gt;.</summary>
    public static TableColumn Text(string name, Func<JsonObject, string?> cell, int priority = 0) =>
        new(name, priority, (o, _) => cell(o) is { Length: > 0 } text ? text : "<none>");

    /// <summary>A column of whole numbers.</summary>
    public static TableColumn Number(string name, Func<JsonObject, long?> cell, int priority = 0) =>
        new(name, priority, (o, _) => cell(o) ?? 0) { Type = "integer" };

    /// <summary>A column of whole numbers that upstream calls text.</summary>
    public static TableColumn Count(string name, Func<JsonObject, long?> cell) => new(name, 0, (o, _) => cell(o) ?? 0);

    /// <summary>How long ago a timestamp was.</summary>
    public static string AgeOf(string? timestamp, DateTimeOffset now) =>
        DateTimeOffset.TryParse(timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? HumanDuration(now - time) : "<unknown>";

    /// <summary>A duration as kubectl shows it: two units while small, one when large.</summary>
    public static string HumanDuration(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        if (seconds < -1)
            return "<invalid>";
        if (seconds < 0)
            return "0s";
        if (seconds < 120)
            return $"{seconds}s";
        var minutes = seconds / 60;
        if (minutes < 10)
            return seconds % 60 == 0 ? $"{minutes}m" : $"{minutes}m{seconds % 60}s";
        if (minutes < 180)
            return $"{minutes}m";
        var hours = minutes / 60;
        if (hours < 8)
            return minutes % 60 == 0 ? $"{hours}h" : $"{hours}h{minutes % 60}m";
        if (hours < 48)
            return $"{hours}h";
        if (hours < 24 * 8)
            return hours % 24 == 0 ? $"{hours / 24}d" : $"{hours / 24}d{hours % 24}h";
        if (hours < 24 * 365 * 2)
            return $"{hours / 24}d";
        var days = hours / 24;
        if (hours < 24 * 365 * 8)
            return days % 365 == 0 ? $"{days / 365}y" : $"{days / 365}y{days % 365}d";
        return $"{days / 365}y";
    }

    /// <summary>A custom kind's columns.</summary>
    public static TableLayout OfCustom(CustomResource custom, string version)
    {
        var columns = new List<TableColumn> { Name };
        foreach (var column in custom.Columns(version))
        {
            columns.Add(new TableColumn(column.Name, (int)column.Priority, (o, now) => CustomCell(o, column, now))
            {
                Type = column.Type,
                Format = column.Format,
                Description = column.Description,
            });
        }
        if (columns.Count == 1)
            columns.Add(Age);
        return new([.. columns]);
    }

    private static JsonNode? CustomCell(JsonObject obj, CustomResource.PrinterColumn column, DateTimeOffset now)
    {
        var found = SimpleJsonPath.Find(obj, column.Path).ToList();
        if (found.Count == 0 || found[0] is not { } value)
            return null;
        return column.Type switch
        {
            "date" => AgeOf(value.AsText(), now),
            "integer" or "number" => value.GetValueKind() == JsonValueKind.Number ? value.DeepClone() : null,
            "boolean" => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? value.DeepClone() : null,
            _ => string.Join(',', found.Select(static f => f.AsDisplay())),
        };
    }
}
