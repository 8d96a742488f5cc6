using System.IO.Enumeration;
using CiliumLab.Model;

namespace CiliumLab.Engine.Labs;

/// <summary>Chooses nodes by name; <c>*</c> and <c>?</c> are wildcards, case does not matter.</summary>
public static class NodePattern
{
    /// <summary>The nodes that the patterns name, each once, in the lab's order; all of them when there is no pattern.</summary>
    /// <param name="lab">The lab's name, for the error.</param>
    /// <param name="nodes">The lab's nodes.</param>
    /// <param name="patterns">Names or wildcards; null or empty for all.</param>
    /// <param name="missing">Is told of each plain name that no node has.</param>
    public static IReadOnlyList<string> Select(
        string lab, IReadOnlyList<string> nodes, IReadOnlyList<string>? patterns, Action<LabException> missing)
    {
        if (patterns is null or [])
            return nodes;
        foreach (var pattern in patterns)
        {
            if (!IsWildcard(pattern) && !nodes.Any(node => Matches(pattern, node)))
                missing(NotFound(lab, nodes, pattern));
        }

        return [.. nodes.Where(node => patterns.Any(pattern => Matches(pattern, node)))];
    }

    /// <summary>Whether a text holds a wildcard.</summary>
    public static bool IsWildcard(string text) => text.AsSpan().ContainsAny('*', '?');

    /// <summary>Whether a name fits a pattern.</summary>
    public static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: true);

    private static LabException NotFound(string lab, IReadOnlyList<string> nodes, string name) =>
        new(
            "NodeNotFound",
            LabErrorKind.ObjectNotFound,
            $"Lab '{lab}' has no node '{name}'. Its nodes are: {string.Join(", ", nodes)}.",
            name,
            "See them with: Get-LabNode");
}
