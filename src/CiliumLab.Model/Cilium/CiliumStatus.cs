namespace CiliumLab.Model;

/// <summary>A workload that Cilium is made of: its agents, its proxy, its operator, Hubble's parts.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind"><c>DaemonSet</c> or <c>Deployment</c>.</param>
/// <param name="Desired">How many pods it shall have.</param>
/// <param name="Ready">How many of them are ready.</param>
public sealed record CiliumComponent(string Name, string Kind, int Desired, int Ready)
{
    /// <summary>The images of its containers, each once.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>Whether all of its pods are ready.</summary>
    public bool IsReady => Desired > 0 && Ready >= Desired;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Ready}/{Desired}";
}

/// <summary>Something that is wrong, or may be.</summary>
/// <param name="Component">The part that it is about: a workload, a controller, the health mesh, pods.</param>
/// <param name="Node">The node; null when it is about none.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Since">Since when; null when nobody says.</param>
public sealed record CiliumProblem(string Component, string? Node, string Message, DateTimeOffset? Since = null)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Component}{(Node is null ? "" : $" on {Node}")}: {Message}";
}

/// <summary>A setting in which agents differ.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Values">Each agent's value, by node.</param>
public sealed record CiliumDifference(string Setting, IReadOnlyDictionary<string, string> Values)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Setting}: {string.Join("; ", Values.GroupBy(pair => pair.Value, pair => pair.Key).Select(group => $"{group.Key} on {string.Join(", ", group)}"))}";
}

/// <summary>How Cilium does on a cluster: its parts, what its agents say together, and what is wrong.</summary>
public sealed record CiliumStatus
{
    /// <summary>The lab.</summary>
    public required string Lab { get; init; }

    /// <summary>Failure when there is an error, warning when there is a warning, and else ok.</summary>
    public CiliumHealthState State => Errors.Count > 0 ? CiliumHealthState.Failure : Warnings.Count > 0 ? CiliumHealthState.Warning : CiliumHealthState.Ok;

    /// <summary>The chart's version, from the record that Helm keeps in the cluster; null when there is none.</summary>
    public string? ChartVersion { get; init; }

    /// <summary>The versions of the agents, each once.</summary>
    public IReadOnlyList<string> Versions { get; init; } = [];

    /// <summary>Its parts; those that the chart left out are not among them.</summary>
    public IReadOnlyList<CiliumComponent> Components { get; init; } = [];

    /// <summary>Pods on the pod network.</summary>
    public int Pods { get; init; }

    /// <summary>Those of them that Cilium manages.</summary>
    public int ManagedPods { get; init; }

    /// <summary>The others, as <c>namespace/name</c>: they were started before Cilium was in charge.</summary>
    public IReadOnlyList<string> UnmanagedPods { get; init; } = [];

    /// <summary>Paths between nodes and their health endpoints that were probed.</summary>
    public int ProbedPaths { get; init; }

    /// <summary>Those of them that work.</summary>
    public int ReachablePaths { get; init; }

    /// <summary>Whether every node probed every other, and all of it works; null when agents do not probe.</summary>
    public bool? HealthMeshComplete { get; init; }

    /// <summary>Settings in which agents differ: of version, of datapath, and what can be changed while they run.</summary>
    public IReadOnlyList<CiliumDifference> Differences { get; init; } = [];

    /// <summary>What every agent says of itself; an agent that does not answer is an error instead.</summary>
    public IReadOnlyList<CiliumAgentStatus> Agents { get; init; } = [];

    /// <summary>What does not work.</summary>
    public IReadOnlyList<CiliumProblem> Errors { get; init; } = [];

    /// <summary>What works, and should not stay so.</summary>
    public IReadOnlyList<CiliumProblem> Warnings { get; init; } = [];
}
