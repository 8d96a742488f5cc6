using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Kubelet;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cni;

/// <summary>Installs a CNI's chart into a lab and waits until the CNI works.</summary>
/// <param name="session">The lab.</param>
/// <param name="helm">Helm.</param>
/// <param name="step">Is told what is done, and what is waited for.</param>
/// <param name="warn">Is told what may go wrong.</param>
internal sealed class CniInstaller(LabSession session, HelmClient helm, Func<string, Task> step, Func<string, Task> warn)
{
    private string Lab => session.Description.Name;

    /// <summary>Installs, or brings what is there to the values and the version that are wanted.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="confirm">Asks whether the change, which it is told, may be made.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>Whether anything was changed; null when it was not confirmed.</returns>
    /// <exception cref="LabException"><c>CniInCharge</c> when another CNI is; <c>InterfaceNotFound</c>; <c>CniRequirementFailed</c>; what Helm, the chart's keys and the wait throw.</exception>
    public async Task<bool?> InstallAsync(CniRequest request, Func<string, Task<bool>> confirm, CancellationToken cancellationToken)
    {
        var release = CniRelease.Of(request.Name);
        var chart = ChartReference.Read(request.Chart, request.Repository, request.Version ?? release.Chart.Version, release.Chart);
        await step("looking at the cluster").ConfigureAwait(false);
        var around = await CniSurroundings.ReadAsync(session.Cluster, cancellationToken).ConfigureAwait(false);
        if (!request.Force)
            RequireNoOther(request.Name, around.Network);
        await RequireInterfaceAsync(request, cancellationToken).ConfigureAwait(false);
        var plan = await PlanAsync(request, around, cancellationToken).ConfigureAwait(false);
        await CheckKeysAsync(request.Values, chart, cancellationToken).ConfigureAwait(false);
        foreach (var warning in plan.Warnings)
            await warn(warning).ConfigureAwait(false);

        var present = await helm.FindAsync(release.Release, release.Namespace, cancellationToken).ConfigureAwait(false);
        var changes = !await IsAsWantedAsync(present, chart, plan.Values, cancellationToken).ConfigureAwait(false);
        if (changes)
        {
            if (request.Name == CniKind.Cilium)
                await new CiliumPreflight(session, warn).CheckAsync(chart.Version, plan.Values, request.Force, cancellationToken).ConfigureAwait(false);
            var verb = present is null ? "Install" : $"Change release '{release.Release}' ({present.Chart} {present.ChartVersion}, {present.Status}) to";
            if (!await confirm($"{verb} chart {chart} in namespace {release.Namespace} with {Summary(plan.Values)}").ConfigureAwait(false))
                return null;
            await ApplyAsync(release, chart, plan.Values, cancellationToken).ConfigureAwait(false);
        }

        if (request.Wait)
            await new CniReadiness(session.Cluster, release, request.Timeout, step).WaitAsync(cancellationToken).ConfigureAwait(false);
        return changes;
    }

    private static string Summary(HelmValues values) => string.Join(", ", values.Leaves().Select(leaf => $"{leaf.Path}={leaf.Value?.ToJsonString() ?? "null"}"));

    private async Task<CniPlan> PlanAsync(CniRequest request, CniSurroundings around, CancellationToken cancellationToken) =>
        request.Name == CniKind.Flannel
            ? FlannelPlan.Make(request, around, request.Interface ?? await around.InterfaceAsync(session, cancellationToken).ConfigureAwait(false))
            : CiliumPlan.Make(request, around);

    private void RequireNoOther(CniKind wanted, ClusterNetwork network)
    {
        if (network.Cni == CniKind.None || network.Cni == wanted)
            return;
        throw new LabException(
            "CniInCharge",
            LabErrorKind.InvalidOperation,
            $"{(network.Cni == CniKind.Other ? network.CniDaemonSet : network.Cni)} is in charge of lab '{Lab}': two CNIs at once would give pods addresses that the other does not know.",
            Lab,
            network.Cni == CniKind.Other
                ? "Take it away first, the way it was installed; or install beside it with -Force."
                : $"Take it away first: Uninstall-Cni {network.Cni}, then see what it left with Get-CniArtifact; or install beside it with -Force.");
    }

    // The agent of an interface that is not there starts again and again, and the wait for it ends only with its timeout.
    // Flannel takes an address as well, and Cilium takes eth+ for all that begin so.
    private async Task RequireInterfaceAsync(CniRequest request, CancellationToken cancellationToken)
    {
        if (request is not { Interface: { } name, Force: false } || name.EndsWith('+') || IPAddress.TryParse(name, out _))
            return;
        var shell = session.ControlPlane;
        NodeIpChoice.RequireInterface(shell.Node, await InterfaceAddresses.ReadAsync(shell, cancellationToken).ConfigureAwait(false), name);
    }

    // The preset's own keys are the chart's of the version that this module knows; another version may have renamed them.
    private async Task CheckKeysAsync(HelmValues values, ChartReference chart, CancellationToken cancellationToken)
    {
        if (values.IsEmpty)
            return;
        await step($"asking chart {chart} for its values").ConfigureAwait(false);
        if (await helm.TryShowValuesAsync(chart, cancellationToken).ConfigureAwait(false) is { } text)
            ChartKeys.Read(text).Check(values, chart);
    }

    private async Task<bool> IsAsWantedAsync(HelmRelease? present, ChartReference chart, HelmValues values, CancellationToken cancellationToken)
    {
        if (present is not { Status: HelmReleaseStatus.Deployed } || (chart.Version is { } version && present.ChartVersion?.TrimStart('v') != version.TrimStart('v')))
            return false;
        var given = await helm.ValuesAsync(present.Name, present.Namespace, computed: false, cancellationToken).ConfigureAwait(false);
        return JsonNode.DeepEquals(given.Tree, JsonNode.Parse(values.ToYaml()));
    }

    private async Task ApplyAsync(CniRelease release, ChartReference chart, HelmValues values, CancellationToken cancellationToken)
    {
        if (release.NamespaceLabels is { } labels)
        {
            await step($"making namespace {release.Namespace}").ConfigureAwait(false);
            var ns = new V1Namespace { Metadata = new V1ObjectMeta { Name = release.Namespace, Labels = new Dictionary<string, string>(labels) } };
            await session.Cluster.ApplyAsync(ns, cancellationToken).ConfigureAwait(false);
        }

        await step($"helm: installing chart {chart}").ConfigureAwait(false);
        await helm.InstallAsync(release.Release, release.Namespace, chart, values, cancellationToken).ConfigureAwait(false);
    }
}
