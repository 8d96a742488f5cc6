using System.Globalization;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes;

namespace CiliumLab.Simulator.Life;

/// <summary>Containers from the pull of their image to their end, and again.</summary>
/// <param name="kubelet">The kubelet.</param>
internal sealed class ContainerLifecycle(NodeKubelet kubelet)
{
    private const double LongestBackoff = 300;

    private ControlLoop Loop => kubelet.Loop;

    /// <summary>Which part of the pod's spec an event is about.</summary>
    public static string FieldPath(ContainerRun container) => $"spec.{(container.IsInit ? "initContainers" : "containers")}{{{container.Name}}}";

    /// <summary>Moves a container on that waits for nothing.</summary>
    /// <param name="run">Its pod.</param>
    /// <param name="container">The container.</param>
    /// <param name="changed">Called when something came of it, now or later.</param>
    public void Drive(PodRun run, ContainerRun container, Action changed)
    {
        if (container.Stage == ContainerStage.Waiting && container.Reason is "ContainerCreating" or "PodInitializing")
            Pull(run, container, changed);
    }

    /// <summary>Ends a container from outside.</summary>
    public void Kill(ContainerRun container, int exitCode)
    {
        if (container.Stage == ContainerStage.Running)
            Finish(container, exitCode, exitCode == 0 ? "Completed" : "Error");
        container.Turn++;
        if (container.Terminated is not null)
            container.Stage = ContainerStage.Ended;
    }

    /// <summary>The machine went down: the container is dead and will be started again.</summary>
    public void Break(ContainerRun container)
    {
        if (container.Stage == ContainerStage.Running)
            Finish(container, 255, "Unknown");
        container.Turn++;
        if (container.Stage == ContainerStage.Ended && !container.IsInit)
            return;
        (container.Stage, container.Reason, container.Message) = (ContainerStage.Waiting, "ContainerCreating", null);
    }

    private void Later(TimeSpan delay, ContainerRun container, Action action)
    {
        var turn = container.Turn;
        Loop.After(delay, () =>
        {
            if (container.Turn == turn)
                action();
        });
    }

    private void Normal(PodRun run, ContainerRun container, string reason, string message) =>
        Loop.Events.Normal(run.Pod, kubelet.Source, reason, message, FieldPath(container));

    private void Warning(PodRun run, ContainerRun container, string reason, string message) =>
        Loop.Events.Warning(run.Pod, kubelet.Source, reason, message, FieldPath(container));

    private void Pull(PodRun run, ContainerRun container, Action changed)
    {
        var name = container.Spec.Text("image") ?? "";
        var image = kubelet.Cluster.Images.Find(name);
        var policy = container.Spec.Text("imagePullPolicy") ?? "IfNotPresent";
        if (kubelet.Runtime.Has(image) && policy != "Always")
        {
            Normal(run, container, "Pulled", $"Container image \"{name}\" already present on machine");
            Begin(run, container, image, changed);
            return;
        }
        if (policy == "Never")
        {
            Warning(run, container, "ErrImageNeverPull", $"Container image \"{name}\" is not present with pull policy of Never");
            (container.Reason, container.Message) = ("ErrImageNeverPull", $"Container image \"{name}\" is not present with pull policy of Never");
            return;
        }
        Normal(run, container, "Pulling", $"Pulling image \"{name}\"");
        container.Stage = ContainerStage.Pulling;
        Later(kubelet.Cluster.Timing.ImagePull, container, () =>
        {
            var refusal = kubelet.Node.Faults.PullRefusal(image.Name) ?? kubelet.Cluster.Images.PullRefusal(image.Name);
            if (refusal is not null)
            {
                Fail(run, container, name, refusal, changed);
                return;
            }
            kubelet.Runtime.Add(image);
            var took = kubelet.Cluster.Timing.ImagePull.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + "s";
            Normal(run, container, "Pulled", $"Successfully pulled image \"{name}\" in {took} ({took} including waiting). Image size: {image.Size} bytes.");
            container.PullFailures = 0;
            Begin(run, container, image, changed);
            changed();
        });
    }

    private void Fail(PodRun run, ContainerRun container, string name, string refusal, Action changed)
    {
        var message = $"failed to pull and unpack image \"{kubelet.Cluster.Images.Find(name).Name}\": {refusal}";
        Warning(run, container, "Failed", $"Failed to pull image \"{name}\": {message}");
        Warning(run, container, "Failed", "Error: ErrImagePull");
        (container.Stage, container.Reason, container.Message) = (ContainerStage.Waiting, "ErrImagePull", message);
        var backoff = Math.Min(10 * Math.Pow(2, container.PullFailures++), LongestBackoff);
        Later(TimeSpan.FromSeconds(Math.Min(3, backoff / 2)), container, () =>
        {
            Normal(run, container, "BackOff", $"Back-off pulling image \"{name}\"");
            Warning(run, container, "Failed", "Error: ImagePullBackOff");
            (container.Reason, container.Message) = ("ImagePullBackOff", $"Back-off pulling image \"{name}\": ErrImagePull: {message}");
            changed();
        });
        Later(TimeSpan.FromSeconds(backoff), container, () =>
        {
            (container.Reason, container.Message) = ("ContainerCreating", null);
            Pull(run, container, changed);
            if (container.Stage != ContainerStage.Starting)
                (container.Reason, container.Message) = ("ImagePullBackOff", $"Back-off pulling image \"{name}\": ErrImagePull: {message}");
            changed();
        });
        changed();
    }

    private void Begin(PodRun run, ContainerRun container, ContainerImage image, Action changed)
    {
        container.Stage = ContainerStage.Starting;
        Later(kubelet.Cluster.Timing.ContainerStart, container, () => Start(run, container, image, changed));
    }

    private void Start(PodRun run, ContainerRun container, ContainerImage image, Action changed)
    {
        if (run.Network is not { } network)
            return;
        if (container.Context is not null)
        {
            container.Restarts++;
            (container.FormerLog, container.Log) = (container.Log, new ContainerLog());
        }
        var log = container.Log;
        container.Image = image;
        container.StartedAt = Loop.Now;
        container.Context = new ContainerContext(
            kubelet.Cluster, kubelet.Node, run.Pod, container.Spec, kubelet.Runtime.NextId(), network, run.Address, text => log.Write(Loop.Now, text));
        kubelet.Runtime.Add(new NodeContainerState
        {
            Id = container.Context.Id,
            PodId = run.SandboxId!,
            Name = container.Name,
            Attempt = container.Restarts,
            ImageId = "sha256:" + image.Id,
            Image = image.Name,
            CreatedAt = Loop.Now,
            ProcessId = kubelet.Runtime.NextProcess(),
            Network = network,
            PodName = run.Pod.Name,
            PodNamespace = run.Pod.Namespace,
            PodUid = run.Pod.Uid,
        });
        Normal(run, container, "Created", $"Created container: {container.Name}");
        Normal(run, container, "Started", $"Started container {container.Name}");
        container.Turn++;
        (container.Stage, container.Message) = (ContainerStage.Running, null);
        container.Process = image.Process();
        container.Outcome = Run(container.Process, container.Context);
        kubelet.CheckNetwork();
        if (container.Outcome.EndsAfter is { } after)
            Later(after, container, () => End(run, container, changed));
        var probe = container.Spec.Object("readinessProbe");
        container.IsReady = probe is null;
        if (probe is not null)
            Later(TimeSpan.FromSeconds(probe.Number("initialDelaySeconds") ?? 0), container, () => Probe(run, container, changed));
        changed();
    }

    // A process that the kernel refuses something ends, and is started again like any other that fails.
    private static ProcessOutcome Run(IContainerProcess process, ContainerContext context)
    {
        try
        {
            return process.Start(context);
        }
        catch (KernelException error)
        {
            context.Log(error.Message);
            return ProcessOutcome.Failed(1);
        }
    }

    private void Probe(PodRun run, ContainerRun container, Action changed)
    {
        var failure = container.Process!.ReadinessFailure(container.Context!);
        if (failure is not null)
            Warning(run, container, "Unhealthy", $"Readiness probe failed: {failure}");
        var before = container.IsReady;
        container.IsReady = failure is null;
        if (!container.IsReady || container.Process.MayBecomeUnready)
            Later(TimeSpan.FromSeconds(container.Spec.Number("readinessProbe", "periodSeconds") ?? 10), container, () => Probe(run, container, changed));
        if (before != container.IsReady)
            changed();
    }

    private void Finish(ContainerRun container, int exitCode, string reason)
    {
        container.Process?.Stop(container.Context!);
        kubelet.Runtime.End(container.Context!.Id);
        container.End(exitCode, reason, Loop.Now);
        container.Log.End();
        container.IsReady = false;
    }

    private void End(PodRun run, ContainerRun container, Action changed)
    {
        var code = container.Outcome.ExitCode;
        Finish(container, code, code == 0 ? "Completed" : "Error");
        container.Turn++;
        kubelet.CheckNetwork();
        var policy = run.Pod.Json.Text("spec", "restartPolicy") ?? "Always";
        if ((container.IsInit && code == 0) || policy == "Never" || (policy == "OnFailure" && code == 0))
        {
            container.Stage = ContainerStage.Ended;
            changed();
            return;
        }
        (container.Stage, container.Reason) = (ContainerStage.Waiting, "ContainerCreating");
        if (container.Restarts == 0)
        {
            changed();
            return;
        }
        var backoff = Math.Min(10 * Math.Pow(2, container.Restarts - 1), LongestBackoff);
        var pod = $"{run.Pod.Name}_{run.Pod.Namespace}({run.Pod.Uid})";
        (container.Reason, container.Message) = ("CrashLoopBackOff", $"back-off {Duration(backoff)} restarting failed container={container.Name} pod={pod}");
        Warning(run, container, "BackOff", $"Back-off restarting failed container {container.Name} in pod {pod}");
        Later(TimeSpan.FromSeconds(backoff), container, () =>
        {
            (container.Reason, container.Message) = ("ContainerCreating", null);
            changed();
        });
        changed();
    }

    private static string Duration(double seconds) => seconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds}s")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 60)}m{seconds % 60}s");
}
