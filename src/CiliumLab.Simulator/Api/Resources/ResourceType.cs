using System.Collections.Immutable;

namespace CiliumLab.Simulator.Api;

/// <summary>One kind of object that the server stores: how it is named, where it is served, and what its rules are.</summary>
internal sealed record ResourceType
{
    /// <summary>The API group; empty for the core group.</summary>
    public required string Group { get; init; }

    /// <summary>The versions that are served, preferred first. Objects are stored in <see cref="StorageVersion"/>.</summary>
    public required ImmutableArray<string> Versions { get; init; }

    /// <summary>The plural name in paths, for instance <c>pods</c>.</summary>
    public required string Resource { get; init; }

    /// <summary>The singular name.</summary>
    public required string Singular { get; init; }

    /// <summary>The kind, for instance <c>Pod</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The kind of a list of them.</summary>
    public string ListKind { get => field ?? Kind + "List"; private init; }

    /// <summary>Whether objects live in namespaces.</summary>
    public bool Namespaced { get; init; } = true;

    /// <summary>Short names for kubectl.</summary>
    public ImmutableArray<string> ShortNames { get; init; } = [];

    /// <summary>Categories such as <c>all</c>.</summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    /// <summary>Whether spec and status are written through different paths.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Where the scale subresource finds its fields, when there is one.</summary>
    public ScalePaths? Scale { get; init; }

    /// <summary>Whether metadata.generation counts changes of what is neither metadata nor status.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>Whether an update may leave metadata.resourceVersion out.</summary>
    public bool UnconditionalUpdate { get; init; } = true;

    /// <summary>Whether deleting answers with the object rather than with a Status.</summary>
    public bool ReturnsDeleted { get; init; }

    /// <summary>Whether a status write may also change labels and annotations (pods and nodes).</summary>
    public bool StatusKeepsMetadata { get; init; }

    /// <summary>How long objects live when nobody deletes them; null for ever.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Fields that field selectors may name, beyond metadata.name and metadata.namespace.</summary>
    public ImmutableArray<string> SelectableFields { get; init; } = [];

    /// <summary>Further subresources that discovery lists, for instance <c>log</c>.</summary>
    public ImmutableArray<string> Subresources { get; init; } = [];

    /// <summary>Defaults, validation and admission of this kind.</summary>
    public ResourceRules Rules { get; init; } = ResourceRules.None;

    /// <summary>The definition this type came from; null for built-in types.</summary>
    public CustomResource? Custom { get; init; }

    /// <summary>The version in which objects lie in the store.</summary>
    public string StorageVersion { get => field ?? Versions[0]; private init; }

    /// <summary>apiVersion of stored objects.</summary>
    public string ApiVersion => ApiVersionOf(StorageVersion);

    /// <summary>The name in messages: <c>deployments.apps</c>, or <c>pods</c> for the core group.</summary>
    public string QualifiedName => Group.Length == 0 ? Resource : $"{Resource}.{Group}";

    /// <summary>apiVersion in another version.</summary>
    public string ApiVersionOf(string version) => Group.Length == 0 ? version : $"{Group}/{version}";

    /// <summary>A copy whose list kind or storage version is not the usual one.</summary>
    public ResourceType With(string? listKind, string? storageVersion) => this with { ListKind = listKind!, StorageVersion = storageVersion! };

    /// <summary>Types are equal when they are the same group and resource, whatever a newer definition says.</summary>
    public bool Equals(ResourceType? other) => other is not null && other.Group == Group && other.Resource == Resource;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Group, Resource);

    /// <inheritdoc/>
    public override string ToString() => QualifiedName;
}

/// <summary>Where a kind keeps what the scale subresource shows.</summary>
/// <param name="Spec">Path of the wanted replicas, for instance <c>spec.replicas</c>.</param>
/// <param name="Status">Path of the observed replicas.</param>
/// <param name="Selector">Path of the selector in the status or spec; null when there is none.</param>
internal sealed record ScalePaths(string Spec, string Status, string? Selector);
