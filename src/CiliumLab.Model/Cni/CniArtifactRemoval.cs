namespace CiliumLab.Model;

/// <summary>What became of something that a removed CNI, or kube-proxy, had left on a node or in the cluster.</summary>
public sealed record CniArtifactRemoval
{
    /// <summary>The node; null for an object of the cluster.</summary>
    public string? Node { get; init; }

    /// <summary>Who left it.</summary>
    public required CniArtifactOwner Owner { get; init; }

    /// <summary>What it is, or was.</summary>
    public required CniArtifactKind Kind { get; init; }

    /// <summary>Its name, as in <see cref="CniArtifact.Name"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Where it was and what was in it, for people to read.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Whether it is gone; false under <c>-WhatIf</c> and when the removal was not confirmed.</summary>
    public bool Removed { get; init; }

    /// <summary>The folder on the node (for an object of the cluster: on the control plane) that holds what is needed to put it back; null when nothing was removed.</summary>
    public string? Backup { get; init; }

    /// <summary>Says of an artifact what became of it.</summary>
    /// <param name="artifact">What was left.</param>
    /// <param name="backup">The folder of its backup; null when it was not removed.</param>
    public static CniArtifactRemoval Of(CniArtifact artifact, string? backup) => new()
    {
        Node = artifact.Node,
        Owner = artifact.Owner,
        Kind = artifact.Kind,
        Name = artifact.Name,
        Detail = artifact.Detail,
        Removed = backup is not null,
        Backup = backup,
    };
}
