using System.Text;
using System.Text.Json;

namespace CiliumLab.Engine.Text;

/// <summary>The objects in the arrays that <c>ip -j</c> and <c>bridge -j</c> print; several arrays may follow each other.</summary>
internal static class IprouteJson
{
    /// <summary>Whether a line begins a JSON document.</summary>
    public static bool StartsAt(string line) => line.TrimStart() is ['[' or '{', ..];

    /// <summary>Reads the objects; empty ones, which old versions print for what they filter, are left out.</summary>
    /// <param name="kind">The kind of output, for the error.</param>
    /// <param name="lines">Stands before the document.</param>
    /// <param name="warn">Is told where a document breaks off behind objects that could be read.</param>
    public static IEnumerable<IprouteObject> Items(string kind, LineReader lines, Action<TextWarning> warn)
    {
        var first = lines.Number + 1;
        var text = new StringBuilder();
        while (lines.Next() is { } line)
            text.Append(line).Append('\n');
        var items = new List<IprouteObject>();
        var broken = Read(Encoding.UTF8.GetBytes(text.ToString()), first, items, warn);
        if (broken is not null)
        {
            if (items.Count == 0)
                throw OutputErrors.NotThisOutput(kind, broken.Line, broken.Text, broken.Reason);
            warn(broken);
        }

        foreach (var item in items)
            yield return item;
    }

    private static TextWarning? Read(byte[] utf8, int first, List<IprouteObject> items, Action<TextWarning> warn)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { AllowMultipleValues = true });
        var counted = 0;
        var line = first;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray && reader.CurrentDepth == 0)
                    continue;
                var start = (int)reader.TokenStartIndex;
                line += utf8.AsSpan(counted, start - counted).Count((byte)'\n');
                counted = start;
                if (reader.TokenType != JsonTokenType.StartObject)
                    return new TextWarning(line, Shown(utf8, start), "expected a JSON object");
                var element = JsonElement.ParseValue(ref reader);
                if (element.EnumerateObject().Any())
                    items.Add(new IprouteObject(element, line, warn));
            }

            return null;
        }
        catch (JsonException error)
        {
            return new TextWarning(first + (int)(error.LineNumber ?? 0), Shown(utf8, counted), $"the JSON document is broken: {error.Message}");
        }
    }

    private static string Shown(byte[] utf8, int start) =>
        Encoding.UTF8.GetString(utf8, start, Math.Min(160, utf8.Length - start)).Split('\n')[0];
}
