using System.Text;
using System.Text.Json;

namespace CiliumLab.Engine.Text;

/// <summary>The JSON form of a tool's output: finding out that it is one, and reading fields that may be absent or of another type.</summary>
internal static class JsonOutput
{
    /// <summary>Skips blank lines and says whether what follows is JSON.</summary>
    public static bool IsNext(LineReader lines)
    {
        while (lines.Peek() is { } line)
        {
            var text = line.AsSpan().TrimStart("\uFEFF \t\r");
            if (text.Length > 0)
                return text[0] is '{' or '[';
            lines.Next();
        }

        return false;
    }

    /// <summary>Reads the rest of the text as one document.</summary>
    /// <exception cref="Model.LabException"><c>OutputNotUnderstood</c> when it is not whole or not JSON.</exception>
    public static JsonDocument Read(string kind, LineReader lines)
    {
        var first = lines.Number + 1;
        var opening = lines.Peek() ?? "";
        var text = new StringBuilder();
        while (lines.Next() is { } line)
            text.Append(line).Append('\n');
        try
        {
            return JsonDocument.Parse(text.ToString().TrimStart('\uFEFF'));
        }
        catch (JsonException error)
        {
            throw OutputErrors.NotThisOutput(kind, first + (int)(error.LineNumber ?? 0), opening, "the JSON document is broken or cut off");
        }
        catch (ArgumentException)
        {
            throw OutputErrors.NotThisOutput(kind, first, opening, "the text holds half characters");
        }
    }

    /// <summary>A field's text; null when it is absent, empty or not a text.</summary>
    public static string? Text(this JsonElement element, string field)
    {
        if (element.Field(field) is not { ValueKind: JsonValueKind.String } value)
            return null;
        try
        {
            return value.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            // An escape that is half a surrogate pair: no text.
            return null;
        }
    }

    /// <summary>A field's whole number, also when it is written as a text; null when it is absent or something else.</summary>
    public static long? Integer(this JsonElement element, string field) => element.Field(field) switch
    {
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var number) => number,
        { ValueKind: JsonValueKind.String } when long.TryParse(element.Text(field), out var number) => number,
        _ => null,
    };

    /// <summary>A field's truth value; null when it is absent or something else.</summary>
    public static bool? Boolean(this JsonElement element, string field) => element.Field(field)?.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <summary>A field that is an object; null when it is absent or something else.</summary>
    public static JsonElement? Object(this JsonElement element, string field) =>
        element.Field(field) is { ValueKind: JsonValueKind.Object } value ? value : null;

    /// <summary>The items of a field that is an array; none when it is absent or something else.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string field) =>
        element.Field(field) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : [];

    private static JsonElement? Field(this JsonElement element, string field) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(field, out var value) ? value : null;
}
