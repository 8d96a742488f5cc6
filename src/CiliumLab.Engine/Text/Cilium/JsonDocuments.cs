using System.Text;
using System.Text.Json;

namespace CiliumLab.Engine.Text;

/// <summary>
/// JSON documents one after the other, each over many lines or on one, with lines of text between them: what commands print that never
/// end. A document comes as soon as its last line is there.
/// </summary>
internal static class JsonDocuments
{
    /// <summary>Reads them.</summary>
    /// <param name="lines">The output.</param>
    /// <param name="start">Is told of documents that are broken, or cut off by another one's beginning.</param>
    /// <returns>Each document, or each line that is none; and the number of its first line.</returns>
    public static IEnumerable<(JsonElement? Document, string Text, int Line)> Read(LineReader lines, OutputStart start)
    {
        var text = new StringBuilder();
        var depth = new Depth();
        var first = 0;
        while (lines.Next() is { } line)
        {
            if (depth.Open > 0 && line.StartsWith('{'))
            {
                start.Warn(new TextWarning(first, FirstLine(text), "the JSON document is cut off"));
                text.Clear();
                depth = new Depth();
            }

            if (depth.Open == 0)
            {
                if (string.IsNullOrWhiteSpace(line))
                    continue;
                first = lines.Number;
                if (line.AsSpan().TrimStart("\uFEFF \t")[0] != '{')
                {
                    yield return (null, line, first);
                    continue;
                }
            }

            text.Append(line).Append('\n');
            depth.Add(line);
            if (depth.Open > 0)
                continue;
            if (Parse(text.ToString()) is { } document)
                yield return (document, FirstLine(text), first);
            else
                start.Warn(new TextWarning(first, FirstLine(text), "the JSON document is broken"));
            text.Clear();
            depth = new Depth();
        }

        if (text.Length > 0)
            start.Warn(new TextWarning(first, FirstLine(text), "the JSON document is cut off"));
    }

    private static JsonElement? Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text.TrimStart('\uFEFF'));
            return document.RootElement.Clone();
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            return null;
        }
    }

    private static string FirstLine(StringBuilder text) => text.ToString().Split('\n').FirstOrDefault(static line => line.Trim().Length > 1) ?? text.ToString();

    /// <summary>Counts how many brackets are open, those in texts aside.</summary>
    private struct Depth
    {
        private bool _inText;
        private bool _escaped;

        public int Open { get; private set; }

        public void Add(string line)
        {
            foreach (var letter in line)
            {
                if (_escaped)
                    _escaped = false;
                else if (_inText)
                    (_inText, _escaped) = (letter != '"', letter == '\\');
                else if (letter == '"')
                    _inText = true;
                else if (letter is '{' or '[')
                    Open++;
                else if (letter is '}' or ']')
                    Open--;
            }
        }
    }
}
