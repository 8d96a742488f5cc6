using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CiliumLab.Engine.Cluster.Connection;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using k8s;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Watching;

/// <summary>
/// Objects of a kind as they are and as they become. A watch that ends, is cut, or is told that its place in history is gone (410) is
/// begun anew from a fresh list, so that its reader sees one continuous story.
/// </summary>
internal static class ResourceWatch
{
    // Servers end watches after half an hour or more; a shorter one notices sooner that a proxy swallowed it.
    private const int WatchSeconds = 300;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>All objects that fit, first as they are, then again after every change, until the token is cancelled.</summary>
    public static async IAsyncEnumerable<IReadOnlyCollection<T>> FollowAsync<T>(
        this ClusterClient client, ResourceQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        while (true)
        {
            // Whole, not in pages: a page of a list that others change meanwhile belongs to no one version.
            var list = await client.PageAsync<T>(query, limit: null, next: null, cancellationToken).ConfigureAwait(false);
            var present = list.Items.ToDictionary(Key);
            yield return [.. present.Values];
            await foreach (var change in ChangesAsync<T>(client, query, list.Metadata.ResourceVersion, cancellationToken).ConfigureAwait(false))
            {
                if (change.IsGone)
                    present.Remove(Key(change.Item));
                else
                    present[Key(change.Item)] = change.Item;
                yield return [.. present.Values];
            }

            await Task.Delay(Pause, client.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async IAsyncEnumerable<Change<T>> ChangesAsync<T>(
        ClusterClient client, ResourceQuery query, string? since, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        HttpResponseMessage response;
        try
        {
            response = await client.StreamAsync(Path<T>(query, since), cancellationToken).ConfigureAwait(false);
        }
        catch (LabException error) when (error.ErrorId == ApiErrors.Expired)
        {
            yield break;
        }

        using (response)
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            using var lines = new StreamReader(stream);
            while (await NextAsync(lines, cancellationToken).ConfigureAwait(false) is { } line)
            {
                switch (Read<T>(client, line))
                {
                    case { } change:
                        yield return change;
                        break;
                    default:
                        // A bookmark, or the news that this place in history is gone, after which the stream ends.
                        break;
                }
            }
        }
    }

    private static string Path<T>(ResourceQuery query, string? since)
        where T : IKubernetesObject
    {
        var path = $"{ResourceKind.Of<T>().Path(query.Namespace)}?watch=true&allowWatchBookmarks=true&timeoutSeconds={WatchSeconds.ToString(CultureInfo.InvariantCulture)}";
        foreach (var (name, value) in ((string, string?)[])[("resourceVersion", since), ("labelSelector", query.Labels), ("fieldSelector", query.Fields)])
        {
            if (value is not null)
                path += $"&{name}={Uri.EscapeDataString(value)}";
        }

        return path;
    }

    // However the stream ends, what comes next is a fresh list: that is where a server that is really gone becomes an error.
    private static async Task<string?> NextAsync(StreamReader lines, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.ReadLineAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    private static Change<T>? Read<T>(ClusterClient client, string line)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(line);
        }
        catch (JsonException)
        {
            // The last line of a stream that was cut.
            return null;
        }

        using (document)
        {
            var root = document.RootElement;
            var item = root.Object("object") ?? default;
            return root.Text("type") switch
            {
                "ADDED" or "MODIFIED" => new Change<T>(KubernetesJson.Deserialize<T>(item), IsGone: false),
                "DELETED" => new Change<T>(KubernetesJson.Deserialize<T>(item), IsGone: true),
                "ERROR" when item.Integer("code") is not (int)HttpStatusCode.Gone =>
                    throw ApiErrors.Refusal(client.Address, (HttpStatusCode)(item.Integer("code") ?? 500), item.GetRawText(), 1),
                _ => null,
            };
        }
    }

    private static string Key<T>(T item)
        where T : IKubernetesObject<V1ObjectMeta> => $"{item.Metadata.NamespaceProperty}/{item.Metadata.Name}";

    private sealed record Change<T>(T Item, bool IsGone);
}
