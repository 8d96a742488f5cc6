namespace CiliumLab.Model;

/// <summary>A set of values for a CNI's chart.</summary>
public enum CniPreset
{
    /// <summary>
    /// The lab's way to run Cilium: without kube-proxy, with native routing over direct routes, its own pool of pod addresses, endpoint
    /// routes, masquerading in eBPF and no IPv6.
    /// </summary>
    KubeProxyFree,

    /// <summary>The chart's own defaults.</summary>
    ChartDefaults,
}
