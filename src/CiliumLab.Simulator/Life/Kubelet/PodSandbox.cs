using CiliumLab.Simulator.Nodes;

namespace CiliumLab.Simulator.Life;

/// <summary>Makes and clears pods' sandboxes: the network namespace, and through the CNI plugin what is in it.</summary>
/// <param name="kubelet">The kubelet.</param>
internal sealed class PodSandbox(NodeKubelet kubelet)
{
    private const string NotReady =
        "network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized";

    /// <summary>Makes a pod's sandbox.</summary>
    /// <returns>Whether it is there; otherwise an event says why not.</returns>
    public bool Make(PodRun run)
    {
        var node = kubelet.Node;
        if (run.Pod.IsHostNetwork())
        {
            run.SandboxId = kubelet.Runtime.NextId();
            run.Network = node.Kernel.Network;
            run.Address = run.HostAddress;
            Register(run);
            return true;
        }
        if (kubelet.Cni is not { } configuration)
        {
            kubelet.Loop.Events.Warning(run.Pod, kubelet.Source, "NetworkNotReady", NotReady);
            return false;
        }
        var id = kubelet.Runtime.NextId();
        var network = node.Kernel.AddNamespace(kubelet.Runtime.NextNamespace());
        network.SetUp(network.Loopback);
        try
        {
            if (!configuration.HasBinary(node) || kubelet.Cluster.CniPlugins.Find(configuration.Type) is not { } plugin)
                throw new CniException($"failed to find plugin \"{configuration.Type}\" in path [{CniConfiguration.Binaries}]");
            var result = plugin.Add(new CniRequest(node, network, id, run.Pod, configuration.Json));
            (run.SandboxId, run.Network, run.Address, run.Cni) = (id, network, result.Address, configuration);
            Register(run);
            return true;
        }
        catch (Exception refusal) when (refusal is CniException or KernelException)
        {
            node.Kernel.RemoveNamespace(network);
            var reason = refusal.Message.StartsWith("failed to find plugin", StringComparison.Ordinal)
                ? refusal.Message
                : $"plugin type=\"{configuration.Type}\" failed (add): {refusal.Message}";
            kubelet.Loop.Events.Warning(run.Pod, kubelet.Source, "FailedCreatePodSandBox",
                $"Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox \"{id}\": {reason}");
            return false;
        }
    }

    /// <summary>Clears a sandbox away.</summary>
    public void Clear(PodRun run)
    {
        if (run.SandboxId is null)
            return;
        kubelet.Runtime.Remove(run.SandboxId);
        if (run.Cni is { } configuration && run.Network is { } network)
        {
            try
            {
                // As containerd does it: with the configuration of the day, or the one it was made with when there is none.
                var now = kubelet.Cni ?? configuration;
                if (now.HasBinary(kubelet.Node))
                    kubelet.Cluster.CniPlugins.Find(now.Type)?.Delete(new CniRequest(kubelet.Node, network, run.SandboxId, run.Pod, now.Json));
            }
            catch (Exception refusal) when (refusal is CniException or KernelException)
            {
                kubelet.Loop.Events.Warning(run.Pod, kubelet.Source, "FailedKillPod",
                    $"error killing pod: failed to \"KillPodSandbox\" for \"{run.Pod.Uid}\" with KillPodSandboxError: \"rpc error: code = Unknown desc = failed to destroy network for sandbox \\\"{run.SandboxId}\\\": {refusal.Message}\"");
            }
            kubelet.Node.Kernel.RemoveNamespace(network);
        }
        (run.SandboxId, run.Network) = (null, null);
    }

    /// <summary>The sandbox is gone without anybody having cleared it away.</summary>
    public void Forget(PodRun run)
    {
        if (run.SandboxId is not null)
        {
            kubelet.Runtime.Remove(run.SandboxId);
            run.SandboxAttempt++;
        }
        if (run.Cni is not null && run.Network is { } network)
            kubelet.Node.Kernel.RemoveNamespace(network);
        (run.SandboxId, run.Network, run.Address, run.Cni) = (null, null, null, null);
    }

    private void Register(PodRun run)
    {
        run.SandboxAt = kubelet.Loop.Now;
        kubelet.Runtime.Add(new NodeSandboxState
        {
            Id = run.SandboxId!,
            Name = run.Pod.Name,
            Namespace = run.Pod.Namespace,
            Uid = run.Pod.Uid,
            Attempt = run.SandboxAttempt,
            CreatedAt = run.SandboxAt,
            ProcessId = kubelet.Runtime.NextProcess(),
            Network = run.Network,
        });
    }
}
