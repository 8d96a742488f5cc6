using CiliumLab.Model;

namespace CiliumLab.Engine.Cilium;

/// <summary>The health probes of all agents together.</summary>
/// <param name="Probed">Paths that were probed.</param>
/// <param name="Reachable">Those of them that work.</param>
/// <param name="Complete">Whether every node probed every other in every way, and all of it works; null when nobody probes.</param>
/// <param name="Broken">Those that do not work.</param>
internal sealed record HealthMesh(int Probed, int Reachable, bool? Complete, IReadOnlyList<CiliumHealth> Broken)
{
    /// <summary>Puts reports together.</summary>
    public static HealthMesh Of(IReadOnlyCollection<AgentReport> reports)
    {
        var paths = reports.SelectMany(report => report.Paths).Where(path => path.IsReachable is not null).ToList();
        var broken = paths.Where(path => path.IsReachable == false).ToList();
        var nodes = reports.Select(report => report.Node).ToHashSet(StringComparer.OrdinalIgnoreCase);
        // A node answers before its health endpoint has an address; where endpoints are probed at all, that of every node must be.
        var kinds = paths.Select(path => path.Path).Where(kind => kind is CiliumHealthPath.Host or CiliumHealthPath.Endpoint).Distinct().ToList();
        var everybody = reports.All(report => kinds.TrueForAll(kind => nodes.IsSubsetOf(report.Paths.Where(path => path.Path == kind && path.IsReachable is not null).Select(path => path.Target))));
        return new HealthMesh(paths.Count, paths.Count - broken.Count, paths.Count == 0 ? null : broken.Count == 0 && everybody, broken);
    }
}
