using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CiliumLab.Engine.Cni.Helm;

/// <summary>A release as <c>helm list -o json</c> tells of it (helm, cmd/helm/list.go, releaseElement).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Status"><c>deployed</c>, <c>failed</c>, <c>pending-install</c>, ...</param>
/// <param name="Chart">The chart's name.</param>
/// <param name="Version">The chart's version.</param>
internal sealed partial record HelmRelease(string Name, string Namespace, string Status, string Chart, string Version)
{
    /// <summary>Whether it is installed as it was meant.</summary>
    public bool IsDeployed => Status == "deployed";

    /// <summary>Reads an element of the list.</summary>
    public static HelmRelease Read(JsonObject json)
    {
        var chart = ChartWithVersion().Match(Text("chart"));
        return new HelmRelease(
            Text("name"), Text("namespace"), Text("status"), chart.Success ? chart.Groups["name"].Value : Text("chart"), chart.Groups["version"].Value);

        string Text(string field) => json[field]?.ToString() ?? "";
    }

    /// <summary>Whether the chart has a version that was asked for, with or without a leading <c>v</c>.</summary>
    public bool HasVersion(string version) => Version.TrimStart('v') == version.TrimStart('v');

    [GeneratedRegex(@"^(?<name>.+?)-(?<version>v?\d+\.\d+.*)$")]
    private static partial Regex ChartWithVersion();
}
