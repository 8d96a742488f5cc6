using System.Net;

namespace CiliumLab.Model;

/// <summary>A line of /etc/hosts: an address and the names that it answers to.</summary>
public sealed record NodeHostEntry
{
    /// <summary>The node whose file it is; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The first name, the canonical one.</summary>
    public required string Name { get; init; }

    /// <summary>The other names.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The comment behind the names, without its <c>#</c>; null when there is none.</summary>
    public string? Comment { get; init; }
}
