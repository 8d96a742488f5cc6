using System.Text.Json;

namespace CiliumLab.Simulator.Api;

/// <summary>A field selector: <c>spec.nodeName=k8s-w1,status.phase!=Running</c>.</summary>
internal sealed class FieldSelector
{
    private readonly IReadOnlyList<(string[] Path, bool Equal, string Value)> _terms;

    private FieldSelector(IReadOnlyList<(string[] Path, bool Equal, string Value)> terms) => _terms = terms;

    /// <summary>Whether it selects everything.</summary>
    public bool IsEmpty => _terms.Count == 0;

    /// <summary>The name that must be, when the selector asks for one.</summary>
    public string? Name => _terms.FirstOrDefault(static t => t.Equal && t.Path is ["metadata", "name"]).Value;

    /// <summary>Whether an object is selected.</summary>
    public bool Matches(StoredObject obj)
    {
        foreach (var (path, equal, value) in _terms)
        {
            if (Read(obj, path) == value != equal)
                return false;
        }
        return true;
    }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="ApiException">It cannot be read, or names a field that the kind cannot select by (400).</exception>
    public static FieldSelector Parse(string? text, ResourceType type)
    {
        var terms = new List<(string[], bool, string)>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
                throw ApiException.BadRequest($"invalid selector: '{text}'; can't understand '{part}'");
            var equal = part[at - 1] != '!';
            var field = part[..(equal ? at : at - 1)];
            var value = part[(at + 1)..];
            if (equal && value.StartsWith('='))
                value = value[1..];
            if (field is not ("metadata.name" or "metadata.namespace") && !type.SelectableFields.Contains(field))
            {
                throw ApiException.BadRequest(type.SelectableFields.IsEmpty
                    ? $"\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                    : $"field label not supported: {field}");
            }
            terms.Add((field.Split('.'), equal, value));
        }
        return new(terms);
    }

    private static string Read(StoredObject obj, string[] path) => path switch
    {
        ["metadata", "name"] => obj.Name,
        ["metadata", "namespace"] => obj.Namespace,
        _ => obj.Json.At(path) switch
        {
            null when path is ["spec", "unschedulable"] or ["spec", "hostNetwork"] => "false",
            null when path is [.., "replicas" or "successful"] => "0",
            null => "",
            var node when node.GetValueKind() is JsonValueKind.True => "true",
            var node when node.GetValueKind() is JsonValueKind.False => "false",
            var node => node.AsDisplay(),
        },
    };
}
