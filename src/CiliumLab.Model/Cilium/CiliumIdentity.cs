namespace CiliumLab.Model;

/// <summary>A security identity: a number for a set of labels.</summary>
public sealed record CiliumIdentity
{
    /// <summary>The node whose agent was asked; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The number.</summary>
    public required uint IdentityId { get; init; }

    /// <summary>The name: a reserved one's, else the number.</summary>
    public string Identity => ReservedIdentity.Name(IdentityId);

    /// <summary>The labels.</summary>
    public LabelDictionary Labels { get; init; } = LabelDictionary.Empty;

    /// <summary>How many endpoints of the node have it; null unless <c>--endpoints</c> was asked for.</summary>
    public int? EndpointCount { get; init; }
}
