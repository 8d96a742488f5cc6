namespace CiliumLab.Simulator.Life;

/// <summary>How long things take that take time in a real lab.</summary>
internal sealed record LifeTiming
{
    /// <summary>Nothing takes time: how a cluster is set up.</summary>
    public static LifeTiming Instant { get; } = new() { ImagePull = TimeSpan.Zero, ContainerStart = TimeSpan.Zero, ContainerStop = TimeSpan.Zero };

    /// <summary>Pulling an image that the node does not have.</summary>
    public TimeSpan ImagePull { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>From a ready sandbox and image to a running container.</summary>
    public TimeSpan ContainerStart { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>From SIGTERM to the end of a process that heeds it.</summary>
    public TimeSpan ContainerStop { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How often a kubelet looks at the runtime, its manifests and its rules.</summary>
    public TimeSpan RuntimeCheck { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a kubelet renews its lease.</summary>
    public TimeSpan LeaseRenewal { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a kubelet reports a status that has not changed.</summary>
    public TimeSpan StatusReport { get; init; } = TimeSpan.FromMinutes(5);
}
