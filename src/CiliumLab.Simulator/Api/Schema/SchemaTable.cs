using System.Collections.Frozen;
using System.Globalization;

namespace CiliumLab.Simulator.Api;

/// <summary>
/// The fields of the built-in kinds, read from <c>kubernetes.fields</c>: one line per field with its type and how it merges. Everything
/// that must know fields uses it: patches, field ownership, strict decoding and OpenAPI.
/// </summary>
internal static class SchemaTable
{
    private static readonly Lazy<Table> Contents = new(Read);

    /// <summary>metadata's fields.</summary>
    public static FieldSchema Metadata { get; } = new() { Shape = FieldShape.Object, Type = Contents.Value.Types["ObjectMeta"] };

    /// <summary>All types, by short name.</summary>
    public static FrozenDictionary<string, TypeSchema> Types => Contents.Value.Types;

    /// <summary>The kinds, by group, version and kind.</summary>
    public static FrozenDictionary<(string Group, string Version, string Kind), TypeSchema> Kinds => Contents.Value.Kinds;

    /// <summary>The fields of a kind; an unknown kind's are unknown.</summary>
    public static FieldSchema OfKind(string group, string version, string kind) => Kinds.TryGetValue((group, version, kind), out var type)
        ? new() { Shape = FieldShape.Object, Type = type }
        : FieldSchema.Unknown;

    private static Table Read()
    {
        using var stream = typeof(SchemaTable).Assembly.GetManifestResourceStream("kubernetes.fields")!;
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().Split('\n');
        var types = new Dictionary<string, TypeSchema>(StringComparer.Ordinal);
        var kinds = new Dictionary<(string, string, string), TypeSchema>();
        var bodies = new List<(TypeSchema Type, List<string> Fields)>();
        var package = "";
        var (group, version) = ("", "");
        foreach (var line in lines.Select(static l => l.TrimEnd()).Where(static l => l.Length > 0 && l[0] != '#'))
        {
            var (head, description) = Split(line);
            var words = head.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (line[0] != ' ' && words[0] == "package")
            {
                package = words[1];
                (group, version) = words.Length > 3 ? (words[2], words[3]) : words.Length > 2 ? ("", words[2]) : ("", "");
            }
            else if (line[0] != ' ')
            {
                var type = new TypeSchema($"{package}.{words[1]}") { Description = description, IsOpen = words.Contains("open") };
                if (!types.TryAdd(words[1], type))
                    types[$"{group}/{words[1]}"] = type;
                bodies.Add((type, []));
                if (words[0] == "type")
                    continue;
                kinds[(group, version, words[1])] = type;
                bodies[^1].Fields.AddRange(["apiVersion string", "kind string", "metadata ObjectMeta @1 | Standard object's metadata."]);
            }
            else
            {
                bodies[^1].Fields.Add(line.Trim());
            }
        }
        foreach (var (type, fields) in bodies)
        {
            foreach (var field in fields)
                AddField(type, field, types);
        }
        return new(types.ToFrozenDictionary(), kinds.ToFrozenDictionary());
    }

    private static (string Head, string Description) Split(string line)
    {
        var bar = line.IndexOf(" | ", StringComparison.Ordinal);
        return bar < 0 ? (line, "") : (line[..bar], line[(bar + 3)..]);
    }

    private static void AddField(TypeSchema owner, string line, Dictionary<string, TypeSchema> types)
    {
        var (head, description) = Split(line);
        var words = head.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words[0] == "~")
        {
            owner.Embedded[int.Parse(words[2].AsSpan(1), CultureInfo.InvariantCulture)] = types[words[1]];
            return;
        }
        var required = words[0].EndsWith('!');
        var field = Parse(words[1], types) with { Description = description, Required = required };
        foreach (var option in words.Skip(2))
        {
            if (option[0] == '@')
            {
                field = field with { Number = int.Parse(option.AsSpan(1), CultureInfo.InvariantCulture) };
                continue;
            }
            var equals = option.IndexOf('=', StringComparison.Ordinal);
            var values = equals < 0 ? [] : option[(equals + 1)..].Split(',');
            field = (equals < 0 ? option : option[..equals]) switch
            {
                "key" => field with { Sharing = ListKind.Map, Keys = [.. values], PatchMerges = true, PatchKey = field.PatchKey ?? values[0] },
                "ssakey" => field with { Sharing = ListKind.Map, Keys = [.. values] },
                "patch" => field with { PatchMerges = true, PatchKey = values.Length == 0 ? null : values[0] },
                "set" => field with { Sharing = ListKind.Set },
                "atomic" => field with { Atomic = true },
                "retain" => field with { RetainsKeys = true },
                _ => throw new FormatException($"kubernetes.fields: {owner.Name}: unknown option in '{line}'"),
            };
        }
        owner.Fields[words[0].TrimEnd('!')] = field;
    }

    private static FieldSchema Parse(string text, Dictionary<string, TypeSchema> types)
    {
        if (text.StartsWith("[]", StringComparison.Ordinal))
            return new() { Shape = FieldShape.List, Items = Parse(text[2..], types) };
        if (text.StartsWith("map:", StringComparison.Ordinal))
            return new() { Shape = FieldShape.Map, Items = Parse(text[4..], types) };
        return text switch
        {
            "string" => new() { Shape = FieldShape.Text },
            "int32" or "int64" => new() { Shape = FieldShape.Integer, Format = text },
            "double" => new() { Shape = FieldShape.Number, Format = text },
            "bool" => new() { Shape = FieldShape.Truth },
            "time" => new() { Shape = FieldShape.Time, Format = "date-time" },
            "bytes" => new() { Shape = FieldShape.Bytes, Format = "byte" },
            "quantity" => new() { Shape = FieldShape.Quantity },
            "intstr" => new() { Shape = FieldShape.IntOrString, Format = "int-or-string" },
            "any" => FieldSchema.Unknown,
            _ => types.TryGetValue(text, out var type)
                ? new() { Shape = FieldShape.Object, Type = type }
                : throw new FormatException($"kubernetes.fields: no type '{text}'"),
        };
    }

    private sealed record Table(
        FrozenDictionary<string, TypeSchema> Types, FrozenDictionary<(string Group, string Version, string Kind), TypeSchema> Kinds);
}
