using System.Text.Json;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>
/// A set of field paths in the form of managedFields' fieldsV1: <c>f:name</c> a field, <c>k:{...}</c> an item by its keys,
/// <c>v:...</c> a value of a set, <c>.</c> the thing itself.
/// </summary>
internal sealed class FieldSet
{
    private readonly SortedDictionary<string, FieldSet> _children = new(StringComparer.Ordinal);

    /// <summary>Whether the path that leads here belongs to the set.</summary>
    public bool IsMember { get; set; }

    /// <summary>Whether nothing is in it.</summary>
    public bool IsEmpty => !IsMember && _children.Values.All(static c => c.IsEmpty);

    /// <summary>The steps from here.</summary>
    public IEnumerable<KeyValuePair<string, FieldSet>> Children => _children;

    /// <summary>The set after a step, or null.</summary>
    public FieldSet? this[string step] => _children.GetValueOrDefault(step);

    /// <summary>The set after a step, made when absent.</summary>
    public FieldSet Step(string step)
    {
        if (!_children.TryGetValue(step, out var child))
            _children[step] = child = new FieldSet();
        return child;
    }

    /// <summary>Takes a step and all behind it away.</summary>
    public void Forget(string step) => _children.Remove(step);

    /// <summary>Reads fieldsV1.</summary>
    public static FieldSet Parse(JsonObject? fields)
    {
        var set = new FieldSet();
        foreach (var (key, value) in fields ?? [])
        {
            if (key == ".")
            {
                set.IsMember = true;
                continue;
            }
            var child = Parse(value as JsonObject);
            child.IsMember |= value is JsonObject { Count: 0 };
            set._children[key] = child;
        }
        return set;
    }

    /// <summary>Writes fieldsV1.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (IsMember && _children.Values.Any(static c => !c.IsEmpty))
            json["."] = new JsonObject();
        foreach (var (step, child) in _children)
        {
            if (!child.IsEmpty)
                json[step] = child.ToJson();
        }
        return json;
    }

    /// <summary>What is in either.</summary>
    public FieldSet Union(FieldSet other)
    {
        var result = new FieldSet { IsMember = IsMember || other.IsMember };
        foreach (var (step, child) in _children)
            result._children[step] = other[step] is { } theirs ? child.Union(theirs) : child;
        foreach (var (step, child) in other._children)
            result._children.TryAdd(step, child);
        return result;
    }

    /// <summary>What is in both.</summary>
    public FieldSet Intersection(FieldSet other)
    {
        var result = new FieldSet { IsMember = IsMember && other.IsMember };
        foreach (var (step, child) in _children)
        {
            if (other[step] is { } theirs && child.Intersection(theirs) is { IsEmpty: false } common)
                result._children[step] = common;
        }
        return result;
    }

    /// <summary>What is here and not there.</summary>
    public FieldSet Difference(FieldSet other)
    {
        var result = new FieldSet { IsMember = IsMember && !other.IsMember };
        foreach (var (step, child) in _children)
        {
            var rest = other[step] is { } theirs ? child.Difference(theirs) : child;
            if (!rest.IsEmpty)
                result._children[step] = rest;
        }
        return result;
    }

    /// <summary>The members' paths as conflicts name them: <c>.spec.containers[name="a"].image</c>.</summary>
    public IEnumerable<string> Paths(string prefix = "")
    {
        if (IsMember)
            yield return prefix;
        foreach (var (step, child) in _children)
        {
            foreach (var path in child.Paths(prefix + Display(step)))
                yield return path;
        }
    }

    private static string Display(string step)
    {
        if (step.StartsWith("f:", StringComparison.Ordinal))
            return "." + step[2..];
        if (step.StartsWith("v:", StringComparison.Ordinal))
            return $"[={step[2..]}]";
        var keys = JsonNode.Parse(step[2..])!.AsObject();
        return "[" + string.Join(',', keys.Select(static k =>
            k.Value?.GetValueKind() == JsonValueKind.String ? $"{k.Key}=\"{k.Value.GetValue<string>()}\"" : $"{k.Key}={k.Value?.ToJsonString()}")) + "]";
    }
}
