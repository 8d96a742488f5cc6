using CiliumLab.Model;

namespace CiliumLab.Engine.Cilium;

/// <summary>What is wrong with Cilium, gathered from its workloads and its agents.</summary>
internal sealed class CiliumProblems
{
    private readonly List<CiliumProblem> _errors = [];
    private readonly List<CiliumProblem> _warnings = [];

    /// <summary>What does not work.</summary>
    public IReadOnlyList<CiliumProblem> Errors => _errors;

    /// <summary>What works, and should not stay so.</summary>
    public IReadOnlyList<CiliumProblem> Warnings => _warnings;

    /// <summary>Adds a warning.</summary>
    public void Warn(CiliumProblem problem) => _warnings.Add(problem);

    /// <summary>Adds the workloads that are not ready, pod by pod where a pod says why.</summary>
    public void AddWorkloads(IEnumerable<CiliumComponent> components, IReadOnlyCollection<LabPod> pods)
    {
        foreach (var component in components.Where(component => !component.IsReady))
        {
            var waiting = pods.Where(pod => pod.Owner == $"{component.Kind}/{component.Name}" && !pod.Ready).ToList();
            foreach (var pod in waiting)
                _errors.Add(new CiliumProblem(component.Name, pod.Node, $"pod {pod.Pod} is not ready: {pod.Reason ?? pod.Phase.ToString()}", pod.Created));
            if (waiting.Count == 0)
                _errors.Add(new CiliumProblem(component.Name, null, $"{component.Ready} of {component.Desired} pods are ready"));
        }
    }

    /// <summary>Adds what an agent says of itself.</summary>
    public void AddAgent(AgentReport report)
    {
        if (report.Failure is { } failure)
            _errors.Add(new CiliumProblem("cilium", report.Node, failure.Message));
        if (report.Status is not { } status)
            return;
        Add("cilium", report.Node, status.State, status.Message);
        foreach (var part in status.Components)
            Add(part.Name, report.Node, part.State, part.Message);
        foreach (var controller in status.FailingControllers)
            _warnings.Add(new CiliumProblem($"controller {controller.Name}", report.Node, $"failed {controller.Failures} times: {controller.Message}", controller.Since));
        if (status.DegradedModules > 0)
            _warnings.Add(new CiliumProblem("modules", report.Node, $"{status.DegradedModules} modules do badly"));
    }

    /// <summary>Adds the paths of the health mesh that do not work.</summary>
    public void AddMesh(HealthMesh mesh)
    {
        foreach (var path in mesh.Broken)
            _warnings.Add(new CiliumProblem("health", path.Node, $"{path.Target} ({path.Path}, {path.Address}) is not reached: {path.HttpError ?? path.IcmpError ?? "no answer"}", path.ProbedAt));
        if (mesh is { Complete: false, Broken: [] })
            _warnings.Add(new CiliumProblem("health", null, "not every node has probed every other yet"));
    }

    private void Add(string component, string node, CiliumHealthState state, string? message)
    {
        if (state == CiliumHealthState.Failure)
            _errors.Add(new CiliumProblem(component, node, message ?? "it fails"));
        else if (state == CiliumHealthState.Warning)
            _warnings.Add(new CiliumProblem(component, node, message ?? "it warns"));
    }
}
