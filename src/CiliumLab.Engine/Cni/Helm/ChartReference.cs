using CiliumLab.Model;

namespace CiliumLab.Engine.Cni.Helm;

/// <summary>Which chart: a name in a repository, an OCI reference, or a folder or archive where Helm runs.</summary>
/// <param name="Chart">The name, <c>oci://</c> reference or path.</param>
/// <param name="Repository">The repository's address; null for a reference or path.</param>
/// <param name="Version">The chart's version; null for the newest.</param>
public sealed record ChartReference(string Chart, Uri? Repository, string? Version)
{
    /// <summary>The words of a Helm command that name it.</summary>
    internal IEnumerable<string> Words
    {
        get
        {
            yield return Chart;
            if (Repository is not null)
            {
                yield return "--repo";
                yield return Repository.AbsoluteUri;
            }

            if (Version is not null)
            {
                yield return "--version";
                yield return Version;
            }
        }
    }

    /// <summary>Reads what the user gave.</summary>
    /// <param name="chart">The chart; null for the usual one.</param>
    /// <param name="repository">The repository; null for the usual one, which only a chart's plain name has.</param>
    /// <param name="version">The version.</param>
    /// <param name="usual">The chart that is installed when nothing else is said.</param>
    /// <exception cref="LabException"><c>ChartInvalid</c>: a reference or a path has no repository.</exception>
    public static ChartReference Read(string? chart, Uri? repository, string? version, ChartReference usual)
    {
        var name = chart ?? usual.Chart;
        var isPlace = name.StartsWith("oci://", StringComparison.Ordinal) || name.Contains('/', StringComparison.Ordinal) || name.StartsWith('.') || name.EndsWith(".tgz", StringComparison.Ordinal);
        if (isPlace && repository is not null)
        {
            throw new LabException(
                "ChartInvalid",
                LabErrorKind.InvalidArgument,
                $"'{name}' says itself where the chart is, so it has no repository '{repository}'.",
                name,
                "Give a chart's plain name with -Repository, or only a path or an oci:// reference.");
        }

        return new ChartReference(name, isPlace ? null : repository ?? usual.Repository, version);
    }

    /// <inheritdoc/>
    public override string ToString() => Version is null ? Chart : $"{Chart} {Version}";
}
