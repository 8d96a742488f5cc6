namespace CiliumLab.Engine.Tracing.Packets;

/// <summary>Where a capture was made, for every packet of it.</summary>
/// <param name="Node">The node.</param>
/// <param name="Namespace">The pod's namespace.</param>
/// <param name="Pod">The pod.</param>
/// <param name="Interface">The interface, where it was one.</param>
public sealed record CaptureOrigin(string? Node = null, string? Namespace = null, string? Pod = null, string? Interface = null)
{
    /// <summary>The names of interfaces by their numbers, for captures of all of them.</summary>
    public IReadOnlyDictionary<int, string> InterfaceNames { get; init; } = new Dictionary<int, string>();
}
