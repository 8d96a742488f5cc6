using System.Buffers;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>A label selector in its text form (<c>a=b,c!=d,e in (f,g),!h</c>) or an object's (<c>matchLabels</c>).</summary>
internal sealed class LabelSelector
{
    /// <summary>Selects everything.</summary>
    public static readonly LabelSelector Everything = new([]);

    private static readonly SearchValues<char> Ends = SearchValues.Create(" ,()=!<>");

    private readonly IReadOnlyList<Requirement> _requirements;

    private LabelSelector(IReadOnlyList<Requirement> requirements) => _requirements = requirements;

    /// <summary>Whether it selects everything.</summary>
    public bool IsEmpty => _requirements.Count == 0;

    /// <summary>Whether an object with these labels is selected.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels))
                return false;
        }
        return true;
    }

    /// <summary>Exactly these labels, as a Service's selector.</summary>
    public static LabelSelector OfLabels(JsonObject? labels) =>
        new([.. (labels ?? []).Select(static l => new Requirement(l.Key, SelectorOperator.In, [l.Value.AsText() ?? ""]))]);

    /// <summary>The selector of a Deployment and its like: matchLabels and matchExpressions.</summary>
    public static LabelSelector OfObject(JsonObject? selector)
    {
        var requirements = new List<Requirement>(OfLabels(selector.Object("matchLabels"))._requirements);
        foreach (var expression in selector.Objects("matchExpressions"))
        {
            var what = expression.Text("operator") switch
            {
                "In" => SelectorOperator.In,
                "NotIn" => SelectorOperator.NotIn,
                "Exists" => SelectorOperator.Exists,
                "DoesNotExist" => SelectorOperator.Missing,
                var other => throw ApiException.BadRequest($"\"{other}\" is not a valid label selector operator"),
            };
            requirements.Add(new(expression.Text("key") ?? "", what, [.. expression.Texts("values")]));
        }
        return new(requirements);
    }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="ApiException">It cannot be read (400).</exception>
    public static LabelSelector Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return Everything;
        var requirements = new List<Requirement>();
        var reader = new Scanner(text);
        do
        {
            requirements.Add(ParseRequirement(ref reader, text));
        }
        while (reader.Take(","));
        if (!reader.AtEnd)
            throw Unparsable(text, $"found '{reader.Word()}', expected: ',' or 'end of string'");
        return new(requirements);
    }

    /// <summary>The text form, as the scale subresource shows it.</summary>
    public override string ToString() => string.Join(',', _requirements.Select(static r => r.ToString()));

    private static Requirement ParseRequirement(ref Scanner reader, string text)
    {
        if (reader.Take("!"))
            return new(Key(reader.Word(), text), SelectorOperator.Missing, []);
        var key = Key(reader.Word(), text);
        if (reader.Take("==") || reader.Take("="))
            return new(key, SelectorOperator.In, [Value(key, reader.Word())]);
        if (reader.Take("!="))
            return new(key, SelectorOperator.NotIn, [Value(key, reader.Word())]);
        if (reader.Take(">"))
            return new(key, SelectorOperator.Greater, [reader.Word()]);
        if (reader.Take("<"))
            return new(key, SelectorOperator.Less, [reader.Word()]);
        if (reader.AtEnd || reader.Peek == ',')
            return new(key, SelectorOperator.Exists, []);
        var word = reader.Word();
        if (word is not ("in" or "notin"))
            throw Unparsable(text, $"found '{word}', expected: in, notin, =, ==, !=, gt, lt");
        if (!reader.Take("("))
            throw Unparsable(text, $"found '{reader.Word()}' expected: '('");
        var values = new List<string>();
        do
        {
            values.Add(Value(key, reader.Word()));
        }
        while (reader.Take(","));
        return reader.Take(")")
            ? new(key, word == "in" ? SelectorOperator.In : SelectorOperator.NotIn, values)
            : throw Unparsable(text, $"found '{reader.Word()}', expected: ',' or ')'");
    }

    private static string Key(string key, string text) => key.Length == 0
        ? throw Unparsable(text, "found '', expected: !, identifier, or 'end of string'")
        : NameRules.Qualified(key) is { } complaint ? throw Unparsable(text, $"key: Invalid value: \"{key}\": {complaint}") : key;

    private static string Value(string key, string value) => NameRules.LabelValue(value) is { } complaint
        ? throw ApiException.BadRequest($"unable to parse requirement: values[0][{key}]: Invalid value: \"{value}\": {complaint}")
        : value;

    private static ApiException Unparsable(string text, string why) =>
        ApiException.BadRequest(why.StartsWith("key:", StringComparison.Ordinal) ? $"unable to parse requirement: {why}" : $"unable to parse requirement: {why} (in \"{text}\")");

    private enum SelectorOperator
    {
        In,
        NotIn,
        Exists,
        Missing,
        Greater,
        Less,
    }

    private sealed record Requirement(string Key, SelectorOperator Operator, IReadOnlyList<string> Values)
    {
        public bool Matches(IReadOnlyDictionary<string, string> labels)
        {
            var present = labels.TryGetValue(Key, out var value);
            return Operator switch
            {
                SelectorOperator.In => present && Values.Contains(value!),
                SelectorOperator.NotIn => !present || !Values.Contains(value!),
                SelectorOperator.Exists => present,
                SelectorOperator.Missing => !present,
                SelectorOperator.Greater => present && long.TryParse(value, out var a) && long.TryParse(Values[0], out var b) && a > b,
                _ => present && long.TryParse(value, out var c) && long.TryParse(Values[0], out var d) && c < d,
            };
        }

        public override string ToString() => Operator switch
        {
            SelectorOperator.In when Values.Count == 1 => $"{Key}={Values[0]}",
            SelectorOperator.NotIn when Values.Count == 1 => $"{Key}!={Values[0]}",
            SelectorOperator.In => $"{Key} in ({string.Join(',', Values.Order(StringComparer.Ordinal))})",
            SelectorOperator.NotIn => $"{Key} notin ({string.Join(',', Values.Order(StringComparer.Ordinal))})",
            SelectorOperator.Exists => Key,
            SelectorOperator.Missing => "!" + Key,
            SelectorOperator.Greater => $"{Key}>{Values[0]}",
            _ => $"{Key}<{Values[0]}",
        };
    }

    private ref struct Scanner(string text)
    {
        private ReadOnlySpan<char> _rest = text.AsSpan().TrimStart();

        public readonly bool AtEnd => _rest.IsEmpty;

        public readonly char Peek => _rest.IsEmpty ? '\0' : _rest[0];

        public bool Take(string token)
        {
            if (!_rest.StartsWith(token))
                return false;
            _rest = _rest[token.Length..].TrimStart();
            return true;
        }

        public string Word()
        {
            var end = _rest.IndexOfAny(Ends);
            var word = end < 0 ? _rest : _rest[..end];
            _rest = _rest[word.Length..].TrimStart();
            return word.ToString();
        }
    }
}
