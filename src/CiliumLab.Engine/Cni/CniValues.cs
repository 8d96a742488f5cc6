using System.Text.Json;
using System.Text.Json.Nodes;
using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Engine.Labs;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>The values of installed CNIs.</summary>
public static class CniValues
{
    /// <summary>Reads the values of a CNI's release.</summary>
    /// <param name="session">The lab.</param>
    /// <param name="helmPath">The Helm of this computer to ask; null for the control plane's.</param>
    /// <param name="kind">Which CNI; null for all that are installed.</param>
    /// <param name="computed">The chart's defaults too.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="LabException"><c>CniNotInstalled</c> when the one that was asked for has no release.</exception>
    public static async IAsyncEnumerable<CniValue> ReadAsync(
        LabSession session, string? helmPath, CniKind? kind, bool computed, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var helm = HelmClient.Of(session, helmPath);
        var releases = await helm.ListAsync(cancellationToken).ConfigureAwait(false);
        foreach (var known in kind is { } one ? [CniRelease.Of(one)] : CniRelease.All)
        {
            if (releases.FirstOrDefault(release => release.Chart == known.Chart.Chart) is not { } release)
            {
                if (kind is not null)
                    throw NotInstalled(session, known);
                continue;
            }

            var given = await helm.ValuesAsync(release.Name, release.Namespace, computed: false, cancellationToken).ConfigureAwait(false);
            var keys = given.Leaves().Select(leaf => leaf.Path.ToString()).ToHashSet(StringComparer.Ordinal);
            var values = computed ? await helm.ValuesAsync(release.Name, release.Namespace, computed: true, cancellationToken).ConfigureAwait(false) : given;
            foreach (var (path, value) in values.Leaves())
                yield return new CniValue { Name = known.Kind, Key = path.ToString(), Value = Plain(value), Given = keys.Contains(path.ToString()) };
        }
    }

    private static object? Plain(JsonNode? node) => node switch
    {
        null => null,
        JsonArray list => list.Select(Plain).ToArray(),
        JsonObject map => map.ToDictionary(member => member.Key, member => Plain(member.Value)),
        _ => node.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => node.AsValue().TryGetValue<long>(out var whole) ? whole : node.GetValue<double>(),
            _ => node.ToString(),
        },
    };

    private static LabException NotInstalled(LabSession session, CniRelease known) =>
        new(
            "CniNotInstalled",
            LabErrorKind.ObjectNotFound,
            $"Lab '{session.Description.Name}' has no Helm release of {known.Kind}.",
            known.Kind,
            "See which CNIs are installed, and how: Get-Cni");
}
