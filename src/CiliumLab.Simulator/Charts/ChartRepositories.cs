namespace CiliumLab.Simulator.Charts;

/// <summary>The chart repositories of the outside world that a lab can reach.</summary>
internal static class ChartRepositories
{
    private static readonly Dictionary<string, Chart[]> Known = new(StringComparer.Ordinal)
    {
        ["https://helm.cilium.io"] = [new Cilium.CiliumChart()],
        ["https://flannel-io.github.io/flannel"] = [new FlannelChart()],
    };

    private static readonly Dictionary<string, Chart[]> PublishedCharts = new(StringComparer.Ordinal)
    {
        ["oci://quay.io/cilium/charts/cilium"] = Known["https://helm.cilium.io"],
    };

    /// <summary>All charts.</summary>
    public static IEnumerable<Chart> All => Known.Values.SelectMany(static charts => charts);

    /// <summary>The versions of a chart that an OCI registry has; none when it does not know it.</summary>
    public static IReadOnlyList<Chart> FindPublished(string reference) => PublishedCharts.GetValueOrDefault(reference) ?? [];

    /// <summary>The charts of a repository; null when nothing answers there.</summary>
    public static IReadOnlyList<Chart>? Find(string url) => Known.GetValueOrDefault(url.TrimEnd('/'));
}
