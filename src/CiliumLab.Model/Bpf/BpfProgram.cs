namespace CiliumLab.Model;

/// <summary>A program in the kernel.</summary>
public sealed record BpfProgram
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The program's number.</summary>
    public required uint ProgramId { get; init; }

    /// <summary>The kind as bpftool names it, such as <c>sched_cls</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The name; null when it has none.</summary>
    public string? ProgramName { get; init; }

    /// <summary>The hash of its instructions.</summary>
    public string? Tag { get; init; }

    /// <summary>Whether it may use functions that are only for free programs.</summary>
    public bool IsGplCompatible { get; init; }

    /// <summary>When it was loaded; null when the output does not say, or says it without a zone.</summary>
    public DateTimeOffset? LoadedAt { get; init; }

    /// <summary>The user who loaded it.</summary>
    public uint? UserId { get; init; }

    /// <summary>The size of its instructions in bytes.</summary>
    public ulong TranslatedBytes { get; init; }

    /// <summary>The size of the machine code in bytes; null when it is interpreted.</summary>
    public ulong? JitedBytes { get; init; }

    /// <summary>The memory that it holds in bytes.</summary>
    public ulong? LockedBytes { get; init; }

    /// <summary>The maps that it uses.</summary>
    public IReadOnlyList<uint> MapId { get; init; } = [];

    /// <summary>Its type information; null when there is none.</summary>
    public uint? BtfId { get; init; }

    /// <summary>How long it ran altogether; null unless the kernel counts (<c>kernel.bpf_stats_enabled</c>).</summary>
    public TimeSpan? RunTime { get; init; }

    /// <summary>How often it ran; null unless the kernel counts.</summary>
    public ulong? RunCount { get; init; }

    /// <summary>Processes that hold it.</summary>
    public IReadOnlyList<BpfHolder> Holders { get; init; } = [];
}

/// <summary>A process that holds a program or a map.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ProcessId">Its number.</param>
public sealed record BpfHolder(string Name, int ProcessId)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name}({ProcessId})";
}

/// <summary>A map in the kernel.</summary>
public sealed record BpfMap
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The map's number.</summary>
    public required uint MapId { get; init; }

    /// <summary>The kind as bpftool names it, such as <c>percpu_hash</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The name, cut to 15 letters by the kernel; null when it has none.</summary>
    public string? MapName { get; init; }

    /// <summary>The flags it was made with (<c>BPF_F_</c>).</summary>
    public uint Flags { get; init; }

    /// <summary>The size of a key in bytes.</summary>
    public uint KeyBytes { get; init; }

    /// <summary>The size of a value in bytes.</summary>
    public uint ValueBytes { get; init; }

    /// <summary>How many entries it can hold.</summary>
    public uint MaximumEntries { get; init; }

    /// <summary>The memory that it holds in bytes.</summary>
    public ulong? LockedBytes { get; init; }

    /// <summary>Its type information; null when there is none.</summary>
    public uint? BtfId { get; init; }

    /// <summary>Whether it cannot be changed from outside any more.</summary>
    public bool IsFrozen { get; init; }

    /// <summary>The kind of programs that it holds, when it holds programs.</summary>
    public string? OwnerType { get; init; }

    /// <summary>Processes that hold it.</summary>
    public IReadOnlyList<BpfHolder> Holders { get; init; } = [];
}
