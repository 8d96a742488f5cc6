namespace CiliumLab.Simulator.Api;

/// <summary>How a write is made.</summary>
internal sealed record WriteOptions
{
    /// <summary>What controllers use when they say nothing.</summary>
    public static readonly WriteOptions None = new();

    /// <summary>Who is recorded in metadata.managedFields; null records nobody (cheapest, and what most controllers want).</summary>
    public string? FieldManager { get; init; }

    /// <summary>The path that the write comes by: null, <c>status</c>, <c>scale</c>, <c>finalize</c>, <c>binding</c>.</summary>
    public string? Subresource { get; init; }

    /// <summary>Everything but the storing is done.</summary>
    public bool DryRun { get; init; }

    /// <summary>The apiVersion in which the writer wrote; recorded with its fields.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Receives warnings about what was written.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Writes through the status path.</summary>
    public static WriteOptions Status(string? fieldManager = null) => new() { Subresource = "status", FieldManager = fieldManager };
}

/// <summary>What becomes of the objects that an owner owned.</summary>
internal enum Propagation
{
    /// <summary>The garbage collector removes them afterwards.</summary>
    Background,

    /// <summary>They go first; the owner waits with a <c>foregroundDeletion</c> finalizer.</summary>
    Foreground,

    /// <summary>They stay; the owner waits with an <c>orphan</c> finalizer until nothing refers to it.</summary>
    Orphan,
}

/// <summary>How a delete is made.</summary>
internal sealed record DeleteOptions
{
    /// <summary>Seconds to wait; null is the kind's own; zero removes a pod at once (what the kubelet sends when it has stopped it).</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary>What becomes of dependents; null leaves the finalizers as they are.</summary>
    public Propagation? Propagation { get; init; }

    /// <summary>Only this very object.</summary>
    public string? Uid { get; init; }

    /// <summary>Only in this state.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Everything but the deleting is done.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What a delete did.</summary>
/// <param name="Object">The object as it is now, or as it was last.</param>
/// <param name="Gone">Whether it left the store; otherwise a grace period or a finalizer keeps it.</param>
internal sealed record DeleteResult(StoredObject Object, bool Gone);

/// <summary>What a list found.</summary>
/// <param name="ResourceVersion">The store's resourceVersion at that moment; a watch from it misses nothing.</param>
/// <param name="Items">The objects by namespace and name.</param>
internal sealed record ObjectList(long ResourceVersion, IReadOnlyList<StoredObject> Items);
