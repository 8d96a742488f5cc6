using System.Collections.Immutable;

namespace CiliumLab.Simulator.Api;

/// <summary>What a field holds.</summary>
internal enum FieldShape
{
    /// <summary>A string.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>Any number.</summary>
    Number,

    /// <summary>true or false.</summary>
    Truth,

    /// <summary>A number or a string, such as a port.</summary>
    IntOrString,

    /// <summary>A quantity such as 100m; a string, and a number is taken too.</summary>
    Quantity,

    /// <summary>An RFC 3339 time.</summary>
    Time,

    /// <summary>Base64.</summary>
    Bytes,

    /// <summary>Anything at all.</summary>
    Any,

    /// <summary>An object with fields of its own.</summary>
    Object,

    /// <summary>An object with free keys.</summary>
    Map,

    /// <summary>An array.</summary>
    List,
}

/// <summary>How writers share a list.</summary>
internal enum ListKind
{
    /// <summary>One writer owns all of it.</summary>
    Atomic,

    /// <summary>Every value has its owners.</summary>
    Set,

    /// <summary>Every item has its owners and is known by key fields.</summary>
    Map,
}

/// <summary>One field of a type: what it holds and how changes to it merge.</summary>
internal sealed record FieldSchema
{
    /// <summary>A field about which nothing is known.</summary>
    public static readonly FieldSchema Unknown = new() { Shape = FieldShape.Any };

    /// <summary>What it holds.</summary>
    public required FieldShape Shape { get; init; }

    /// <summary>OpenAPI's format, such as int32 or date-time.</summary>
    public string? Format { get; init; }

    /// <summary>The fields when <see cref="Shape"/> is Object.</summary>
    public TypeSchema? Type { get; init; }

    /// <summary>What a list's items or a map's values are.</summary>
    public FieldSchema? Items { get; init; }

    /// <summary>How a list is shared.</summary>
    public ListKind Sharing { get; init; }

    /// <summary>The key fields of a list whose sharing is Map.</summary>
    public ImmutableArray<string> Keys { get; init; } = [];

    /// <summary>Whether a strategic merge patch merges the list rather than replaces it.</summary>
    public bool PatchMerges { get; init; }

    /// <summary>The key field for strategic merges of lists of objects.</summary>
    public string? PatchKey { get; init; }

    /// <summary>Whether a strategic merge patch says which keys stay (a volume, a strategy).</summary>
    public bool RetainsKeys { get; init; }

    /// <summary>Whether an object is owned as a whole (a label selector).</summary>
    public bool Atomic { get; init; }

    /// <summary>Whether the field must be there.</summary>
    public bool Required { get; init; }

    /// <summary>The number in protobuf messages; zero when it is not known here.</summary>
    public int Number { get; init; }

    /// <summary>What explain says.</summary>
    public string Description { get; init; } = "";
}

/// <summary>A type with named fields.</summary>
/// <param name="Name">The definition's name, such as <c>io.k8s.api.core.v1.Pod</c>.</param>
internal sealed record TypeSchema(string Name)
{
    /// <summary>What explain says.</summary>
    public string Description { get; init; } = "";

    /// <summary>The fields in order.</summary>
    public OrderedDictionary<string, FieldSchema> Fields { get; } = [];

    /// <summary>Types whose fields are this type's own in JSON, and a message of their own in protobuf; by the number of that message.</summary>
    public Dictionary<int, TypeSchema> Embedded { get; } = [];

    /// <summary>Whether other fields may be there too.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Types are the same when they are the same object: they may refer to themselves.</summary>
    public bool Equals(TypeSchema? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}
