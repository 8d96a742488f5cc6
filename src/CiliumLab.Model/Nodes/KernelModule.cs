namespace CiliumLab.Model;

/// <summary>Whether the kernel has a module.</summary>
public enum KernelModuleState
{
    /// <summary>The kernel does not have it now.</summary>
    NotLoaded,

    /// <summary>It is being loaded.</summary>
    Loading,

    /// <summary>It is loaded.</summary>
    Loaded,

    /// <summary>It is being removed.</summary>
    Unloading,

    /// <summary>It is a part of the kernel itself: always there, never listed by <c>lsmod</c>.</summary>
    BuiltIn,
}

/// <summary>A kernel module of a node.</summary>
public sealed record KernelModule
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The module's name as the kernel writes it, with underscores.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the kernel has it.</summary>
    public required KernelModuleState State { get; init; }

    /// <summary>Its size in memory in bytes; null when it is not loaded or built in.</summary>
    public ulong? Size { get; init; }

    /// <summary>How many users hold it; null when it is not loaded or built in.</summary>
    public int? UseCount { get; init; }

    /// <summary>The modules that need it.</summary>
    public IReadOnlyList<string> UsedBy { get; init; } = [];

    /// <summary>Whether the node loads it at boot through CiliumLab's file; null when nobody looked.</summary>
    public bool? LoadsAtBoot { get; init; }

    /// <summary>Whether this call changed anything.</summary>
    public bool Changed { get; init; }

    /// <summary>The state before a change; null when nothing was to be changed.</summary>
    public KernelModuleState? StateBefore { get; init; }

    /// <summary>Whether the node loaded it at boot before the change; null when nothing was to be changed.</summary>
    public bool? LoadedAtBootBefore { get; init; }

    /// <summary>Where the boot file's backup lies; null when it was not written, or did not exist before.</summary>
    public string? Backup { get; init; }
}
