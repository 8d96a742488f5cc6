using System.IO.Compression;
using System.Text;
using System.Text.Json;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Text;
using k8s.Models;

namespace CiliumLab.Engine.Cni.Helm;

/// <summary>
/// The record that Helm keeps of a release in the cluster, for those that have no Helm at hand: JSON, compressed with gzip, in base64, in a
/// Secret (helm, pkg/storage/driver/util.go).
/// </summary>
internal static class HelmReleaseSecret
{
    /// <summary>The version of the chart of a release's newest revision; null when there is no such release, or its record is of another form.</summary>
    public static async Task<string?> ChartVersionAsync(ClusterClient client, string release, string ns, CancellationToken cancellationToken)
    {
        var query = new ResourceQuery(ns) { Labels = $"owner=helm,name={release}" };
        var secrets = await client.ListAsync<V1Secret>(query, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        var newest = secrets.MaxBy(secret => int.TryParse(secret.Metadata.Labels["version"], out var revision) ? revision : 0);
        return newest?.Data?.TryGetValue("release", out var record) == true ? ChartVersion(record) : null;
    }

    private static string? ChartVersion(byte[] record)
    {
        try
        {
            using var packed = new MemoryStream(Convert.FromBase64String(Encoding.ASCII.GetString(record)));
            using var text = new GZipStream(packed, CompressionMode.Decompress);
            using var json = JsonDocument.Parse(text);
            return json.RootElement.GetProperty("chart").GetProperty("metadata").Text("version");
        }
        catch (Exception error) when (error is FormatException or InvalidDataException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
