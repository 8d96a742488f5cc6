namespace CiliumLab.Model;

/// <summary>A program on a node that a cmdlet installed, or found installed already.</summary>
public sealed record ToolInstallation
{
    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>The program.</summary>
    public required string Name { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>The version that was there before; null for none.</summary>
    public string? Before { get; init; }

    /// <summary>Where it lies on the node.</summary>
    public required string Path { get; init; }

    /// <summary>The SHA-256 of the archive that it came from, which was checked; null when nothing was installed.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Where the program lies that was there before; null for none.</summary>
    public string? Backup { get; init; }

    /// <summary>Whether it was installed now.</summary>
    public bool Changed { get; init; }
}
