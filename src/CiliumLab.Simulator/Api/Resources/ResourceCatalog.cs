using System.Collections.Immutable;

namespace CiliumLab.Simulator.Api;

/// <summary>The types that a server knows: the built-in ones, and those that CustomResourceDefinitions add and take away.</summary>
internal sealed class ResourceCatalog
{
    private ImmutableArray<ResourceType> _types = ResourceTypes.BuiltIn;
    private ImmutableDictionary<(string Group, string Resource), FieldSchema> _schemas = ImmutableDictionary<(string, string), FieldSchema>.Empty;

    /// <summary>All types, built-in ones first.</summary>
    public ImmutableArray<ResourceType> Types => _types;

    /// <summary>Counts up with every change, so that discovery documents can be kept.</summary>
    public int Generation { get; private set; }

    /// <summary>A type by its path, or null.</summary>
    public ResourceType? Find(string group, string? version, string resource)
    {
        foreach (var type in _types)
        {
            if (type.Resource == resource && type.Group == group && (version is null || type.Versions.Contains(version)))
                return type;
        }
        return null;
    }

    /// <summary>A type by its kind, or null.</summary>
    public ResourceType? FindKind(string apiVersion, string kind)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var group = slash < 0 ? "" : apiVersion[..slash];
        var version = apiVersion[(slash + 1)..];
        foreach (var type in _types)
        {
            if (type.Kind == kind && type.Group == group && type.Versions.Contains(version))
                return type;
        }
        return null;
    }

    /// <summary>The fields of a type in its storage version.</summary>
    public FieldSchema SchemaOf(ResourceType type)
    {
        if (_schemas.TryGetValue((type.Group, type.Resource), out var known))
            return known;
        var schema = type.Custom is { } custom
            ? custom.Schema(type.StorageVersion)?.Fields ?? FieldSchema.Unknown
            : SchemaTable.OfKind(type.Group, type.StorageVersion, type.Kind);
        _schemas = _schemas.SetItem((type.Group, type.Resource), schema);
        return schema;
    }

    /// <summary>Adds a custom type, or puts its newer definition in place.</summary>
    internal void Install(ResourceType type)
    {
        _types = [.. _types.Where(t => t != type), type];
        _schemas = _schemas.Remove((type.Group, type.Resource));
        Generation++;
    }

    /// <summary>Takes a custom type away.</summary>
    internal void Uninstall(string group, string resource)
    {
        _types = _types.RemoveAll(t => t.Custom is not null && t.Group == group && t.Resource == resource);
        _schemas = _schemas.Remove((group, resource));
        Generation++;
    }
}
