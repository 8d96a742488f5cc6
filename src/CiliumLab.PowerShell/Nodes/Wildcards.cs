using CiliumLab.Engine.Labs;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Filters by name for parameters that take wildcards.</summary>
internal static class Wildcards
{
    /// <summary>Whether the name fits one of the patterns; everything fits when there is no pattern.</summary>
    public static bool Match(IReadOnlyList<string>? patterns, string? name) =>
        patterns is null || (name is not null && patterns.Any(pattern => NodePattern.Matches(pattern, name)));

    /// <summary>Whether one of the names fits one of the patterns.</summary>
    public static bool AnyMatch(IReadOnlyList<string>? patterns, IEnumerable<string> names) =>
        patterns is null || names.Any(name => Match(patterns, name));
}
