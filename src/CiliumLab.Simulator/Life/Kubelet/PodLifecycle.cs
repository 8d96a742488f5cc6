using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>The pods of a node, from the moment they are bound to it until nothing of them is left.</summary>
/// <param name="kubelet">The kubelet.</param>
internal sealed class PodLifecycle(NodeKubelet kubelet)
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, PodRun> _runs = new(StringComparer.Ordinal);
    private readonly ContainerLifecycle _containers = new(kubelet);
    private readonly PodSandbox _sandboxes = new(kubelet);

    private ObjectStore Store => kubelet.Store;

    private ControlLoop Loop => kubelet.Loop;

    /// <summary>The run of a pod; null when it is not on this node.</summary>
    public PodRun? Find(StoredObject pod) => _runs.GetValueOrDefault(KeyOf(pod)) is { } run && run.Pod.Uid == pod.Uid ? run : null;

    /// <summary>Looks at a pod: takes it on, moves it on, stops it, or clears up after it.</summary>
    public void Sync(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var pod = Store.Find(ResourceTypes.Pods, key[..slash], key[(slash + 1)..]);
        var run = _runs.GetValueOrDefault(key);
        if (run is not null && (pod is null || pod.Uid != run.Pod.Uid))
        {
            if (!run.Pod.IsMirror())
                Kill(run);
            run = null;
        }
        if (pod is null || pod.NodeName() != kubelet.Node.Name)
            return;
        if (pod.IsMirror())
        {
            // The file is what counts: a mirror that somebody deletes is made again by whoever reads the files.
            if (pod.IsTerminating)
                Store.Delete(ResourceTypes.Pods, pod.Namespace, pod.Name, new() { GracePeriodSeconds = 0, Uid = pod.Uid });
            return;
        }
        if (run is null)
        {
            if (pod.IsFinished() && !pod.IsTerminating)
                return;
            if (pod.IsTerminating)
            {
                Store.Delete(ResourceTypes.Pods, pod.Namespace, pod.Name, new() { GracePeriodSeconds = 0, Uid = pod.Uid });
                return;
            }
            run = TakeOn(pod);
        }
        run.Pod = pod;
        if (pod.IsTerminating)
            Stop(run);
        else
            Advance(run);
    }

    /// <summary>Runs a static pod, or goes on running it under a new mirror.</summary>
    public void RunStatic(StoredObject mirror)
    {
        var run = _runs.GetValueOrDefault(KeyOf(mirror)) ?? TakeOn(mirror);
        run.Pod = mirror;
        Advance(run);
    }

    /// <summary>Ends a static pod whose file is gone or changed.</summary>
    public void EndStatic(string key)
    {
        if (_runs.GetValueOrDefault(key) is not { } run)
            return;
        Kill(run);
        if (Store.Find(ResourceTypes.Pods, run.Pod.Namespace, run.Pod.Name) is { } mirror)
            Store.Delete(ResourceTypes.Pods, mirror.Namespace, mirror.Name, new() { GracePeriodSeconds = 0, Uid = mirror.Uid });
    }

    /// <summary>Pods that waited for the network go on.</summary>
    public void NetworkBecameReady()
    {
        foreach (var run in _runs.Values.Where(static r => r.Network is null).ToList())
            Advance(run);
    }

    /// <summary>Takes the node's present address over into the pods, as a kubelet does that starts.</summary>
    public void TakeHostAddress()
    {
        foreach (var run in _runs.Values)
        {
            run.HostAddress = kubelet.Flags.HostIp(kubelet.Node);
            if (run.Pod.IsHostNetwork())
                run.Address = run.HostAddress;
            Write(run);
        }
    }

    /// <summary>The machine went down with all that ran.</summary>
    public void KillAll()
    {
        foreach (var run in _runs.Values)
        {
            foreach (var container in run.Containers)
                _containers.Break(container);
            _sandboxes.Forget(run);
        }
    }

    private static string KeyOf(StoredObject pod) => $"{pod.Namespace}/{pod.Name}";

    private PodRun TakeOn(StoredObject pod) => _runs[KeyOf(pod)] = new PodRun(pod, Loop.Now) { HostAddress = kubelet.Flags.HostIp(kubelet.Node) };

    private void Advance(PodRun run)
    {
        if (run.IsGone || run.IsStopping || !kubelet.IsRunning)
            return;
        if (run.Network is null && !_sandboxes.Make(run))
        {
            Write(run);
            if (kubelet.Cni is not null && !run.IsRetrying)
            {
                run.IsRetrying = true;
                Loop.After(TimeSpan.FromSeconds(10), () =>
                {
                    run.IsRetrying = false;
                    Advance(run);
                });
            }
            return;
        }
        foreach (var init in run.Init.Where(static c => c.Stage != ContainerStage.Ended || c.Terminated.Number("exitCode") != 0).Take(1))
            _containers.Drive(run, init, () => Advance(run));
        if (run.IsInitialized)
        {
            foreach (var container in run.Main)
                _containers.Drive(run, container, () => Advance(run));
        }
        Write(run);
    }

    private void Stop(PodRun run)
    {
        if (run.IsStopping)
            return;
        run.IsStopping = true;
        var grace = TimeSpan.FromSeconds(run.Pod.Json.Number("metadata", "deletionGracePeriodSeconds") ?? 30);
        var longest = TimeSpan.Zero;
        foreach (var container in run.Containers.Where(static c => c.Stage == ContainerStage.Running))
        {
            Loop.Events.Normal(run.Pod, kubelet.Source, "Killing", $"Stopping container {container.Name}", ContainerLifecycle.FieldPath(container));
            var takes = container.Outcome.HeedsTerm && kubelet.Cluster.Timing.ContainerStop < grace ? kubelet.Cluster.Timing.ContainerStop : grace;
            longest = takes > longest ? takes : longest;
        }
        Loop.After(longest, () => End(run));
    }

    private void End(PodRun run)
    {
        try
        {
            if (!run.IsGone)
            {
                foreach (var container in run.Containers)
                    _containers.Kill(container, container.Outcome.HeedsTerm ? 0 : 137);
                Write(run);
                Clear(run);
            }

            if (Store.Find(ResourceTypes.Pods, run.Pod.Namespace, run.Pod.Name) is { } left && left.Uid == run.Pod.Uid)
                Store.Delete(ResourceTypes.Pods, left.Namespace, left.Name, new() { GracePeriodSeconds = 0, Uid = left.Uid });
        }
        catch
        {
            // Nothing else would come back to a pod that is being stopped.
            Loop.After(BetweenTries, () => End(run));
            throw;
        }
    }

    private void Kill(PodRun run)
    {
        foreach (var container in run.Containers)
            _containers.Kill(container, 137);
        Clear(run);
    }

    private void Clear(PodRun run)
    {
        _sandboxes.Clear(run);
        run.IsGone = true;
        if (_runs.GetValueOrDefault(KeyOf(run.Pod)) == run)
            _runs.Remove(KeyOf(run.Pod));
    }

    private void Write(PodRun run) => PodStatusReport.Write(Store, run);
}
