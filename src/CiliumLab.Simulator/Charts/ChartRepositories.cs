namespace CiliumLab.Simulator.Charts;

/// <summary>The chart repositories of the outside world that a lab can reach.</summary>
internal static class ChartRepositories
{
    private static readonly Dictionary<string, Chart[]> Known = new(StringComparer.Ordinal)
    {
        ["https://helm.cilium.io"] = [new Cilium.CiliumChart()],
        ["https://flannel-io.github.io/flannel"] = [new FlannelChart()],
    };

    /// <summary>The charts of a repository; null when nothing answers there.</summary>
    public static IReadOnlyList<Chart>? Find(string url) => Known.GetValueOrDefault(url.TrimEnd('/'));
}
