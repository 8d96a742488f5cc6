using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cni;
using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Engine.Labs;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cilium;

/// <summary>Cilium's configuration: its ConfigMap, which agents read when they start.</summary>
public static class CiliumConfig
{
    internal const string Namespace = "kube-system";
    internal const string Name = "cilium-config";

    /// <summary>Reads the keys in alphabetical order.</summary>
    /// <param name="session">The lab.</param>
    /// <param name="helmPath">A Helm of this computer; null for the control plane's.</param>
    /// <param name="withDefaults">Whether the chart is asked for its defaults; without, nothing is known of them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The keys, and whether the defaults are known.</returns>
    /// <exception cref="LabException"><c>CiliumNotInstalled</c>.</exception>
    public static async Task<(IReadOnlyList<CiliumConfigEntry> Entries, bool DefaultsKnown)> ReadAsync(LabSession session, string? helmPath, bool withDefaults, CancellationToken cancellationToken)
    {
        var map = await FindAsync(session.Cluster, cancellationToken).ConfigureAwait(false);
        var defaults = withDefaults ? await DefaultsAsync(session, helmPath, cancellationToken).ConfigureAwait(false) : null;
        var entries = (map.Data ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new CiliumConfigEntry
        {
            Key = pair.Key,
            Value = pair.Value,
            Default = defaults?.GetValueOrDefault(pair.Key),
            IsChanged = defaults is null ? null : !defaults.TryGetValue(pair.Key, out var usual) || usual != pair.Value,
            ChartValue = CiliumChartSettings.ValueOf(pair.Key),
        }).ToList();
        return (entries, defaults is not null);
    }

    /// <summary>The keys that are set.</summary>
    public static async Task<IReadOnlyCollection<string>> KeysAsync(ClusterClient client, CancellationToken cancellationToken) =>
        [.. (await FindAsync(client, cancellationToken).ConfigureAwait(false)).Data?.Keys ?? []];

    /// <summary>The ConfigMap.</summary>
    internal static async Task<V1ConfigMap> FindAsync(ClusterClient client, CancellationToken cancellationToken) =>
        await client.FindAsync<V1ConfigMap>(Namespace, Name, cancellationToken).ConfigureAwait(false) ?? throw CiliumAbsence.Error(
            client.Address.Lab, $"there is no ConfigMap {Name} in {Namespace}");

    // The ConfigMap of the chart of the installed version, rendered with no values; null when the chart cannot be had.
    private static async Task<Dictionary<string, string>?> DefaultsAsync(LabSession session, string? helmPath, CancellationToken cancellationToken)
    {
        var release = CniRelease.Cilium;
        var version = await HelmReleaseSecret.ChartVersionAsync(session.Cluster, release.Release, release.Namespace, cancellationToken).ConfigureAwait(false);
        if (version is null)
            return null;
        var objects = await HelmClient.Of(session, helmPath).TryRenderAsync(release.Release, release.Namespace, release.Chart with { Version = version }, cancellationToken).ConfigureAwait(false);
        return objects.FirstOrDefault(item => item["kind"]?.ToString() == "ConfigMap" && item["metadata"]?["name"]?.ToString() == Name)?["data"]?.AsObject()
            .ToDictionary(pair => pair.Key, pair => pair.Value?.ToString() ?? "", StringComparer.Ordinal);
    }
}
