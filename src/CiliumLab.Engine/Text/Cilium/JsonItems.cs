using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Lists in JSON, read item by item.</summary>
internal static class JsonItems
{
    /// <summary>Reads a document that is one array.</summary>
    /// <param name="kind">What should have come.</param>
    /// <param name="lines">The output.</param>
    /// <param name="warn">Is told of items that are not understood.</param>
    /// <param name="expected">What an item should be, such as "an endpoint with its number".</param>
    /// <param name="read">Reads an item.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is another command's document, or broken.</exception>
    public static IEnumerable<T> OfArray<T>(string kind, LineReader lines, Action<TextWarning> warn, string expected, JsonItemReader<T> read)
        where T : class
    {
        var json = new JsonStream(kind, lines);
        if (json.Read() != JsonTokenType.StartArray)
            throw json.NotThis("the JSON is no array");
        var start = new OutputStart(kind, warn);
        while (json.TryItem(read, out var item))
        {
            if (item is null)
            {
                start.Warn(json.Warning($"expected {expected}"));
                continue;
            }

            start.Understood();
            yield return item;
        }

        start.AtEnd();
        json.Finish(warn);
    }

    /// <summary>Reads a document that is one array, item by item as elements.</summary>
    /// <inheritdoc cref="OfArray{T}(string, LineReader, Action{TextWarning}, string, JsonItemReader{T})"/>
    public static IEnumerable<T> OfArray<T>(string kind, LineReader lines, Action<TextWarning> warn, string expected, Func<JsonElement, T?> read)
        where T : class =>
        OfArray(kind, lines, warn, expected, (ref Utf8JsonReader reader) => read(JsonElement.ParseValue(ref reader)));

    /// <summary>
    /// Reads what Cilium makes of a map of strings: an object with an array of texts for each key. Each pair comes as soon as it is read.
    /// </summary>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is another command's document, or broken.</exception>
    public static IEnumerable<(string Key, string Value, int Line)> OfStringMap(string kind, LineReader lines, Action<TextWarning> warn)
    {
        var number = lines.Number;
        var json = new JsonStream(kind, lines);
        if (json.Read() != JsonTokenType.StartObject)
            throw json.NotThis("the JSON is no object");
        while (json.Read() == JsonTokenType.PropertyName)
        {
            var key = json.Text;
            if (json.Read() != JsonTokenType.StartArray)
                throw json.NotThis($"'{key}' has no list of texts");
            while (json.TryItem(static (ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String ? reader.GetString() : null, out var value))
                yield return value is null ? throw json.NotThis($"'{key}' has no list of texts") : (key, value, ++number);
        }

        json.Finish(warn);
    }

    /// <summary>A field's number, also beyond what fits in a signed one; null when it is absent or something else.</summary>
    public static ulong? Unsigned(this JsonElement element, string field) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out var number)
            ? number
            : null;

    /// <summary>A field's whole number when it fits; null when it does not, or is absent or something else.</summary>
    public static int? Int32(this JsonElement element, string field) => element.Integer(field) is >= int.MinValue and <= int.MaxValue and var number ? (int)number : null;

    /// <summary>A field's whole number when it fits; null when it does not, or is absent or something else.</summary>
    public static uint? UInt32(this JsonElement element, string field) => element.Integer(field) is >= 0 and <= uint.MaxValue and var number ? (uint)number : null;

    /// <summary>A field's whole number when it is that of a port; null when it is not, or absent or something else.</summary>
    public static ushort? UInt16(this JsonElement element, string field) => element.Integer(field) is >= 0 and <= ushort.MaxValue and var number ? (ushort)number : null;

    /// <summary>The texts of a field that is an array.</summary>
    public static IEnumerable<string> Texts(this JsonElement element, string field) =>
        element.Items(field).Select(static item => item.ValueKind == JsonValueKind.String ? Whole(item) : null).OfType<string>();

    /// <summary>A field's time; null when it is absent, Go's zero, or something else.</summary>
    public static DateTimeOffset? Time(this JsonElement element, string field) => GoValues.Time(element.Text(field));

    private static string? Whole(JsonElement item)
    {
        try
        {
            return item.GetString();
        }
        catch (InvalidOperationException)
        {
            // An escape that is half a surrogate pair: no text.
            return null;
        }
    }
}
