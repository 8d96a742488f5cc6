using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Charts;

/// <summary>A chart's values: trees that are laid over each other, and the language of <c>--set</c>.</summary>
internal static class ChartValues
{
    /// <summary>Lays one tree over another; both stay as they are. A null takes a key away, as Helm does.</summary>
    /// <param name="below">The tree below.</param>
    /// <param name="above">What wins.</param>
    /// <param name="keepNulls">Whether a null stays in the tree, to take a default away later.</param>
    public static JsonObject Merge(JsonObject below, JsonObject above, bool keepNulls = false)
    {
        var merged = below.Copy();
        foreach (var (key, value) in above)
        {
            if (value is null && !keepNulls)
                merged.Remove(key);
            else if (value is JsonObject inner && merged[key] is JsonObject old)
                merged[key] = Merge(old, inner, keepNulls);
            else
                merged[key] = value?.DeepClone();
        }

        return merged;
    }

    /// <summary>The value at a dotted path; null when there is none.</summary>
    public static JsonNode? At(this JsonObject values, string path)
    {
        JsonNode? node = values;
        foreach (var part in path.Split('.'))
            node = (node as JsonObject)?[part];
        return node;
    }

    /// <summary>Whether a value is what Go's templates take for true.</summary>
    public static bool IsOn(this JsonObject values, string path) => values.At(path) is { } node && node.GetValueKind() switch
    {
        JsonValueKind.False or JsonValueKind.Null => false,
        JsonValueKind.String => node.GetValue<string>().Length > 0,
        JsonValueKind.Number => node.AsDisplay() != "0",
        JsonValueKind.Array => ((JsonArray)node).Count > 0,
        JsonValueKind.Object => ((JsonObject)node).Count > 0,
        _ => true,
    };

    /// <summary>A value as text; lists are joined by blanks.</summary>
    public static string Word(this JsonObject values, string path) => values.At(path) switch
    {
        JsonArray list => string.Join(' ', list.Select(static item => item.AsDisplay())),
        var node => node.AsDisplay(),
    };

    /// <summary>Reads one argument of <c>--set</c>, <c>--set-string</c> or <c>--set-json</c> into a tree.</summary>
    /// <exception cref="FormatException">It is not understood; the message is Helm's.</exception>
    public static void Set(JsonObject values, string argument, SetForm form)
    {
        if (form == SetForm.Json && argument.StartsWith('{'))
        {
            foreach (var (key, value) in Parse(argument) as JsonObject ?? [])
                values[key] = value?.DeepClone();
            return;
        }

        foreach (var entry in form == SetForm.Json ? [argument] : SplitOutside(argument, ','))
        {
            if (entry.Length == 0)
                continue;
            var equals = FindUnescaped(entry, '=');
            if (equals < 0)
                throw new FormatException($"key \"{Unescape(entry.Split('.')[^1])}\" has no value");
            var text = entry[(equals + 1)..];
            Put(values, entry[..equals], form == SetForm.Json ? Parse(text) : ReadValue(text, form));
        }
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException error)
        {
            throw new FormatException(error.Message);
        }
    }

    private static JsonNode? ReadValue(string text, SetForm form)
    {
        if (text.StartsWith('{') && text.EndsWith('}'))
            return new JsonArray([.. SplitOutside(text[1..^1], ',').Where(static item => item.Length > 0).Select(item => Scalar(item, form))]);
        return Scalar(text, form);
    }

    private static JsonNode? Scalar(string text, SetForm form)
    {
        var plain = Unescape(text);
        return form == SetForm.Text ? plain : plain switch
        {
            "null" => null,
            "true" => true,
            "false" => false,
            "0" => 0,
            _ when plain.Length > 0 && plain[0] != '0' && long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
            _ => plain,
        };
    }

    private static void Put(JsonObject values, string path, JsonNode? value)
    {
        JsonNode at = values;
        var steps = Steps(path);
        for (var index = 0; index < steps.Count; index++)
        {
            var last = index == steps.Count - 1;
            JsonNode? made = last ? value : steps[index + 1] is int ? new JsonArray() : new JsonObject();
            if (steps[index] is int number)
            {
                var list = (JsonArray)at;
                while (list.Count <= number)
                    list.Add(null);
                if (last || list[number] is null || list[number]!.GetValueKind() != made!.GetValueKind())
                    list[number] = made;
                at = list[number]!;
            }
            else
            {
                var map = (JsonObject)at;
                var name = (string)steps[index];
                if (last || map[name] is not { } old || old.GetValueKind() != made!.GetValueKind())
                    map[name] = made;
                at = map[name]!;
            }
        }
    }

    private static List<object> Steps(string path)
    {
        var steps = new List<object>();
        foreach (var part in SplitOutside(path, '.'))
        {
            var open = part.IndexOf('[', StringComparison.Ordinal);
            if (open != 0)
                steps.Add(Unescape(open < 0 ? part : part[..open]));
            while (open >= 0)
            {
                var close = part.IndexOf(']', open);
                if (close < 0 || !int.TryParse(part.AsSpan(open + 1, close - open - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 65536)
                    throw new FormatException($"error parsing index: strconv.Atoi: parsing \"{(close < 0 ? part[(open + 1)..] : part[(open + 1)..close])}\": invalid syntax");
                steps.Add(number);
                open = part.IndexOf('[', close);
            }
        }

        return steps;
    }

    private static List<string> SplitOutside(string text, char separator)
    {
        var parts = new List<string>();
        var (start, depth) = (0, 0);
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '\\')
                index++;
            else if (text[index] == '{')
                depth++;
            else if (text[index] == '}')
                depth--;
            else if (text[index] == separator && depth <= 0)
                (start, _) = (index + 1, Add(text[start..index]));
        }

        parts.Add(text[start..]);
        return parts;

        bool Add(string part)
        {
            parts.Add(part);
            return true;
        }
    }

    private static int FindUnescaped(string text, char wanted)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '\\')
                index++;
            else if (text[index] == wanted)
                return index;
        }

        return -1;
    }

    private static string Unescape(string text)
    {
        var plain = new System.Text.StringBuilder();
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '\\' && index + 1 < text.Length)
                index++;
            plain.Append(text[index]);
        }

        return plain.ToString();
    }
}

/// <summary>How a value on the command line is read.</summary>
internal enum SetForm
{
    /// <summary>Truths, numbers and null are what they look like.</summary>
    Typed,

    /// <summary>Everything is a string.</summary>
    Text,

    /// <summary>The value is JSON.</summary>
    Json,
}
