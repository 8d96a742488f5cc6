namespace CiliumLab.Engine.Cluster;

/// <summary>Which objects of a kind are meant.</summary>
/// <param name="Namespace">Their namespace; null for all namespaces, and for kinds that have none.</param>
internal sealed record ResourceQuery(string? Namespace = null)
{
    /// <summary>All objects of a kind.</summary>
    public static ResourceQuery All { get; } = new();

    /// <summary>A label selector, as kubectl's <c>-l</c> takes it.</summary>
    public string? Labels { get; init; }

    /// <summary>A field selector, as kubectl's <c>--field-selector</c> takes it.</summary>
    public string? Fields { get; init; }

    /// <summary>One object.</summary>
    public static ResourceQuery Named(string? ns, string name) => new(ns) { Fields = $"metadata.name={name}" };
}
