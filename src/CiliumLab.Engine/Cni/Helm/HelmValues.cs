using System.Collections;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using YamlDotNet.Core;

namespace CiliumLab.Engine.Cni.Helm;

/// <summary>Values for a chart: a tree whose leaves keep their types.</summary>
public sealed class HelmValues
{
    private readonly JsonObject _tree;

    private HelmValues(JsonObject tree) => _tree = tree;

    /// <summary>No values.</summary>
    public static HelmValues None => new([]);

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _tree.Count == 0;

    /// <summary>The tree itself; not to be changed.</summary>
    internal JsonObject Tree => _tree;

    /// <summary>Takes a tree over.</summary>
    internal static HelmValues Of(JsonObject tree) => new(tree);

    /// <summary>
    /// Reads a hashtable as people write it: nested hashtables, dotted keys (<c>'ipam.mode'</c>; <c>\.</c> is a dot of the key itself), or both.
    /// </summary>
    /// <exception cref="LabException"><c>HelmValueInvalid</c>, naming the key.</exception>
    public static HelmValues Read(IDictionary values)
    {
        var read = new HelmValues([]);
        foreach (DictionaryEntry entry in values)
            read.Set(HelmPath.Parse(Text(entry.Key)), Node(Text(entry.Key), entry.Value));
        return read;
    }

    /// <summary>Reads a values file.</summary>
    /// <exception cref="LabException"><c>HelmValuesFileNotFound</c> or <c>HelmValuesFileInvalid</c>, naming the line.</exception>
    public static HelmValues ReadFile(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LabException(
                "HelmValuesFileNotFound", LabErrorKind.ObjectNotFound, $"The values file '{path}' cannot be read: {error.Message}", path, "Give the path of a YAML file to -ValuesFile.", error);
        }

        try
        {
            return YamlJson.Read(text) switch
            {
                null => None,
                JsonObject tree => new HelmValues(tree),
                _ => throw Invalid(path, 1, "it is no mapping of names to values", null),
            };
        }
        catch (YamlException error)
        {
            throw Invalid(path, error.Start.Line, error.Message, error);
        }
    }

    /// <summary>These values with others laid over them: maps are merged, everything else is replaced, as Helm does with several files.</summary>
    public HelmValues With(HelmValues others)
    {
        var merged = (JsonObject)_tree.DeepClone();
        Merge(merged, others._tree);
        return new HelmValues(merged);
    }

    /// <summary>The value at a dotted path; null when there is none.</summary>
    internal JsonNode? At(string path)
    {
        JsonNode? node = _tree;
        foreach (var step in path.Split('.'))
            node = (node as JsonObject)?[step];
        return node;
    }

    /// <summary>The text of the value at a dotted path; null when there is none.</summary>
    internal string? TextAt(string path) => At(path) is JsonValue value ? value.ToString() : null;

    /// <summary>The paths and values of all leaves, in their order; an empty map or list is a leaf.</summary>
    internal IEnumerable<(HelmPath Path, JsonNode? Value)> Leaves() => Leaves(new HelmPath([]), _tree);

    /// <summary>Puts a value at a path.</summary>
    internal void Set(HelmPath path, JsonNode? value)
    {
        var map = _tree;
        foreach (var step in path.Steps.SkipLast(1))
        {
            if (map[step] is not JsonObject next)
                map[step] = next = [];
            map = next;
        }

        if (value is JsonObject more && map[path.Steps[^1]] is JsonObject known)
            Merge(known, more);
        else
            map[path.Steps[^1]] = value;
    }

    /// <summary>The values for Helm's standard input. JSON is YAML, and has but one way to write each type.</summary>
    internal string ToYaml() => _tree.ToJsonString();

    private static IEnumerable<(HelmPath Path, JsonNode? Value)> Leaves(HelmPath path, JsonObject map)
    {
        foreach (var (key, value) in map)
        {
            var here = path.Then(key);
            if (value is JsonObject { Count: > 0 } inner)
            {
                foreach (var leaf in Leaves(here, inner))
                    yield return leaf;
            }
            else
            {
                yield return (here, value);
            }
        }
    }

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (key, value) in from)
        {
            if (value is JsonObject more && into[key] is JsonObject known)
                Merge(known, more);
            else
                into[key] = value?.DeepClone();
        }
    }

    private static JsonNode? Node(string key, object? value) => value switch
    {
        null => null,
        string text => text,
        bool flag => flag,
        byte or sbyte or short or ushort or int or uint or long => System.Convert.ToInt64(value, CultureInfo.InvariantCulture),
        float or double => System.Convert.ToDouble(value, CultureInfo.InvariantCulture),
        decimal number => number,
        IDictionary map => Read(map)._tree,
        IPAddress or IPNetwork or Uri or Enum => value.ToString(),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(item => Node(key, item))]),
        _ => throw new LabException(
            "HelmValueInvalid",
            LabErrorKind.InvalidArgument,
            $"The value of '{key}' is a {value.GetType().Name}; a chart takes texts, numbers, true and false, lists and hashtables.",
            key,
            $"Give its text: '{key}' = \"$value\""),
    };

    private static string Text(object key) => System.Convert.ToString(key, CultureInfo.InvariantCulture) ?? "";

    private static LabException Invalid(string path, long line, string reason, Exception? cause) =>
        new(
            "HelmValuesFileInvalid",
            LabErrorKind.InvalidData,
            $"{path}, line {line}: not a file of values: {reason}",
            path,
            "Mend that line; helm show values CHART shows how such a file looks.",
            cause);
}
