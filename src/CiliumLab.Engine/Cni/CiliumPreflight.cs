using System.Globalization;
using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Engine.Cni.Requirements;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>Whether a lab's nodes are fit for Cilium: what its values need, and what Flannel left.</summary>
/// <param name="session">The lab.</param>
/// <param name="warn">Is told what does not stand in the way, but will be missed.</param>
internal sealed class CiliumPreflight(LabSession session, Func<string, Task> warn)
{
    private static readonly Action<TextWarning> Ignore = static _ => { };

    /// <summary>Checks all nodes at once. A node that cannot be asked is warned of: Kubernetes may reach it all the same.</summary>
    /// <param name="version">The version of Cilium; null for the newest, of which nothing is known here.</param>
    /// <param name="values">The values that it is to get.</param>
    /// <param name="force">Warns of what is missing instead of refusing.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="LabException"><c>CniRequirementFailed</c>, with all that failed and the first remedy; <c>CiliumVersionUnknown</c>.</exception>
    public async Task CheckAsync(string? version, HelmValues values, bool force, CancellationToken cancellationToken)
    {
        var known = await KnownVersionAsync(version, force).ConfigureAwait(false);
        var reports = await Task.WhenAll(session.Nodes.Select(node => ReportAsync(session.Shell(node), known, Features(values), Tunnel(values), cancellationToken))).ConfigureAwait(false);
        foreach (var silent in reports.Select(report => report.Failure).OfType<string>())
            await warn(silent).ConfigureAwait(false);
        var residue = reports.Where(report => report.HasResidue).Select(report => report.Node).ToList();
        if (residue.Count > 0)
            await warn($"Flannel left things on {string.Join(", ", residue)}: see them with Get-CniArtifact, and take them away with Remove-FlannelArtifacts.").ConfigureAwait(false);
        var failed = reports.SelectMany(report => report.Checks.Where(check => check.Status == RequirementStatus.Failed)).ToList();
        if (failed.Count == 0)
            return;
        var text = string.Join("; ", failed.Select(check => $"{check.Node}: {check.Requirement} is {check.Found}, needed is {check.Needed}"));
        if (force)
        {
            await warn($"Not all requirements are met: {text}.").ConfigureAwait(false);
            return;
        }

        throw new LabException(
            "CniRequirementFailed",
            LabErrorKind.InvalidOperation,
            $"Cilium would not work on lab '{session.Description.Name}': {text}.",
            session.Description.Name,
            failed[0].Remedy ?? "See everything that was checked: Test-CiliumRequirement; or go on with -Force.");
    }

    private async Task<Version?> KnownVersionAsync(string? text, bool force)
    {
        if (!Version.TryParse(text?.TrimStart('v').Split('-')[0], out var version))
            return null;
        try
        {
            RequirementTable.Instance.KernelFor(version);
            return version;
        }
        catch (LabException error) when (force)
        {
            await warn(error.Message).ConfigureAwait(false);
            return null;
        }
    }

    // What a value turns on needs more than the base.
    private static List<CiliumFeature> Features(HelmValues values)
    {
        List<CiliumFeature> features = [CiliumFeature.Base];
        if (values.TextAt("routingMode") is not "native")
            features.Add(CiliumFeature.Tunnel);
        if (values.TextAt("enableIPv4Masquerade") != "false" && values.TextAt("bpf.masquerade") != "true")
            features.Add(CiliumFeature.Masquerade);
        if (values.TextAt("encryption.type") == "ipsec" && values.TextAt("encryption.enabled") == "true")
            features.Add(CiliumFeature.Ipsec);
        if (values.TextAt("bandwidthManager.enabled") == "true")
            features.Add(CiliumFeature.Bandwidth);
        if (values.TextAt("bpf.datapathMode")?.StartsWith("netkit", StringComparison.Ordinal) == true)
            features.Add(CiliumFeature.Netkit);
        return features;
    }

    private static CiliumTunnel Tunnel(HelmValues values) =>
        new(values.TextAt("tunnelProtocol") is { Length: > 0 } protocol ? protocol : "vxlan", int.TryParse(values.TextAt("tunnelPort"), CultureInfo.InvariantCulture, out var port) && port > 0 ? port : null);

    private static async Task<Report> ReportAsync(INodeShell shell, Version? version, IReadOnlyList<CiliumFeature> features, CiliumTunnel tunnel, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<RequirementCheck> checks = version is null
                ? []
                : await CiliumRequirements.CheckAsync(shell, version, features, Ignore, cancellationToken, tunnel).ToListAsync(cancellationToken).ConfigureAwait(false);
            var residue = await CniArtifacts.FindAsync(shell, null, [CniArtifactOwner.Flannel], Ignore, cancellationToken).AnyAsync(cancellationToken).ConfigureAwait(false);
            return new Report(shell.Node, checks, residue, null);
        }
        catch (LabException error)
        {
            return new Report(shell.Node, [], false, $"Node '{shell.Node}' could not be checked: {error.Message}");
        }
    }

    private sealed record Report(string Node, IReadOnlyList<RequirementCheck> Checks, bool HasResidue, string? Failure);
}
