namespace CiliumLab.Simulator.Api;

/// <summary>What happened to an object.</summary>
internal enum ResourceEventType
{
    /// <summary>It is new, or was there when the watch began.</summary>
    Added,

    /// <summary>It changed.</summary>
    Modified,

    /// <summary>It is gone; the event has its last state.</summary>
    Deleted,
}

/// <summary>One change, as watches deliver it.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object after it (before it, with the deletion's resourceVersion, for a delete).</param>
/// <param name="Previous">The object before it; null for an addition.</param>
internal sealed record ResourceEvent(ResourceEventType Type, StoredObject Object, StoredObject? Previous)
{
    /// <summary>The resourceVersion of the change.</summary>
    public long ResourceVersion => Object.ResourceVersion;
}
