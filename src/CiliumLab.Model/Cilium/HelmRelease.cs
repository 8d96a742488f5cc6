namespace CiliumLab.Model;

/// <summary>The state of a Helm release (release.Status).</summary>
public enum HelmReleaseStatus
{
    /// <summary>Not known.</summary>
    Unknown,

    /// <summary>Installed.</summary>
    Deployed,

    /// <summary>Removed, with its history kept.</summary>
    Uninstalled,

    /// <summary>Replaced by a newer revision.</summary>
    Superseded,

    /// <summary>Installation or upgrade failed.</summary>
    Failed,

    /// <summary>Being removed.</summary>
    Uninstalling,

    /// <summary>Being installed, or left in the middle of it.</summary>
    PendingInstall,

    /// <summary>Being upgraded, or left in the middle of it.</summary>
    PendingUpgrade,

    /// <summary>Being rolled back, or left in the middle of it.</summary>
    PendingRollback,
}

/// <summary>A Helm release.</summary>
public sealed record HelmRelease
{
    /// <summary>The node where Helm was asked; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The release's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Its revision, from 1.</summary>
    public required int Revision { get; init; }

    /// <summary>Its state.</summary>
    public required HelmReleaseStatus Status { get; init; }

    /// <summary>When it was last changed, by the clock of who changed it; without a zone from <c>helm status</c> as text.</summary>
    public DateTimeOffset? Updated { get; init; }

    /// <summary>The chart's name; null from <c>helm status</c> without <c>--show-resources</c>, which leaves it out.</summary>
    public string? Chart { get; init; }

    /// <summary>The chart's version.</summary>
    public string? ChartVersion { get; init; }

    /// <summary>The version of what the chart installs.</summary>
    public string? AppVersion { get; init; }

    /// <summary>What Helm says of the last change; null when the output does not have it.</summary>
    public string? Description { get; init; }

    /// <summary>What the chart tells the user; null when the output does not have it.</summary>
    public string? Notes { get; init; }
}
