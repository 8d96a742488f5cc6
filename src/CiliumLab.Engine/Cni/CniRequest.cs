using System.Net;
using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>What the user wants installed.</summary>
public sealed record CniRequest
{
    /// <summary>Which CNI.</summary>
    public required CniKind Name { get; init; }

    /// <summary>The Helm of this computer to use; null for the control plane's.</summary>
    public string? HelmPath { get; init; }

    /// <summary>The chart; null for the CNI's usual one.</summary>
    public string? Chart { get; init; }

    /// <summary>The chart's repository; null for the usual one.</summary>
    public Uri? Repository { get; init; }

    /// <summary>The chart's version; null for the one that the module is made for.</summary>
    public string? Version { get; init; }

    /// <summary>The network that pods get addresses from; null for the cluster's (Flannel), or the lab's own pool (Cilium).</summary>
    public IPNetwork? PodCidr { get; init; }

    /// <summary>The interface between the nodes; null to find it out.</summary>
    public string? Interface { get; init; }

    /// <summary>The values to begin with.</summary>
    public CniPreset Preset { get; init; }

    /// <summary>The user's own values, which win over all others.</summary>
    public HelmValues Values { get; init; } = HelmValues.None;

    /// <summary>Goes on where the module advises against it.</summary>
    public bool Force { get; init; }

    /// <summary>Waits until the CNI is ready.</summary>
    public bool Wait { get; init; } = true;

    /// <summary>How long that may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);
}
