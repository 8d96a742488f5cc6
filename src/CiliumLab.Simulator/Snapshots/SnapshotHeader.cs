using System.Reflection;

namespace CiliumLab.Simulator.Snapshots;

/// <summary>What a snapshot says about itself.</summary>
internal sealed record SnapshotHeader
{
    /// <summary>The module's version in this process.</summary>
    public static string VersionHere { get; } =
        typeof(SnapshotHeader).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>The builds of the module's assemblies in this process.</summary>
    public static string BuildsHere { get; } = string.Join(' ', GraphType.OwnAssemblies.Select(static assembly => assembly.ManifestModule.ModuleVersionId))
        + " .NET " + Environment.Version.Major;

    /// <summary>The lab.</summary>
    public required string Lab { get; init; }

    /// <summary>A note; null for none.</summary>
    public string? Description { get; init; }

    /// <summary>When it was taken.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What time it was in the lab.</summary>
    public required DateTimeOffset LabTime { get; init; }

    /// <summary>The module's version.</summary>
    public string Version { get; init; } = VersionHere;

    /// <summary>The builds of the module's assemblies.</summary>
    public string Builds { get; init; } = BuildsHere;
}
