using System.Globalization;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>What a kubelet reports of its node: the Node object's status and the Lease.</summary>
/// <param name="kubelet">The kubelet.</param>
internal sealed class NodeStatus(NodeKubelet kubelet)
{
    private const string NotReadyMessage =
        "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized";

    private DateTimeOffset _reportedAt;

    private ObjectStore Store => kubelet.Store;

    private string Name => kubelet.Node.Name;

    /// <summary>Registers the node when it has no object, and reports.</summary>
    public void Register()
    {
        if (kubelet.Object is null)
            Create();
        var node = kubelet.Object!;
        Say(node, "Starting", "Starting kubelet.");
        if (!Store.List(ResourceTypes.Events, "default").Items.Any(e => e.Json.Text("involvedObject", "uid") == node.Uid && e.Json.Text("reason") == "NodeAllocatableEnforced"))
            Say(node, "NodeAllocatableEnforced", "Updated Node Allocatable limit across pods");
        foreach (var state in (ReadOnlySpan<string>)["NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID"])
            Say(node, state, $"Node {Name} status is now: {state}");
        Report();
    }

    /// <summary>Reports when nothing has been reported for a while, or something changed.</summary>
    public void ReportIfDue()
    {
        if (kubelet.Loop.Now - _reportedAt >= kubelet.Cluster.Timing.StatusReport || IsStale())
            Report();
    }

    /// <summary>Writes the status.</summary>
    public void Report()
    {
        // A kubelet registers when it starts and not again: a node that somebody deletes stays away until then.
        if (kubelet.Object is not { } before)
            return;
        _reportedAt = kubelet.Loop.Now;
        var fresh = Status();
        var now = Store.EditStatus(ResourceTypes.Nodes, null, Name, n => Fill(n.Ensure("status"), fresh))!;
        if (now.Json.Is("Ready") && !before.Json.Is("Ready"))
            Say(now, "NodeReady", $"Node {Name} status is now: NodeReady");
        else if (!now.Json.Is("Ready") && before.Json.Is("Ready"))
            Say(now, "NodeNotReady", $"Node {Name} status is now: NodeNotReady");
    }

    /// <summary>Renews the Lease by which the control plane sees that the kubelet lives.</summary>
    public void RenewLease()
    {
        var now = ObjectStore.MicroTime(kubelet.Loop.Now);
        if (Store.TryEdit(ResourceTypes.Leases, "kube-node-lease", Name, l => l.Ensure("spec")["renewTime"] = now) is not null || kubelet.Object is not { } node)
            return;
        Store.Create(ResourceTypes.Leases, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = Name,
                ["namespace"] = "kube-node-lease",
                ["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = Name, ["uid"] = node.Uid }),
            },
            ["spec"] = new JsonObject { ["holderIdentity"] = Name, ["leaseDurationSeconds"] = 40, ["renewTime"] = now },
        });
    }

    private bool IsStale() => kubelet.Object is { } node && (node.Json.Condition("Ready").Text("status") != (kubelet.Cni is null ? "False" : "True")
        || node.Json.Objects("status", "addresses").FirstOrDefault(static a => a.Text("type") == "InternalIP").Text("address") != Address());

    private string? Address() => kubelet.Flags.InternalIp(kubelet.Node, kubelet.Cluster.ControlPlaneAddress)?.ToString();

    private void Say(StoredObject node, string reason, string message) => kubelet.Loop.Events.Normal(node, kubelet.Source, reason, message);

    private void Create()
    {
        var node = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = Name,
                ["labels"] = new JsonObject
                {
                    ["beta.kubernetes.io/arch"] = "amd64",
                    ["beta.kubernetes.io/os"] = "linux",
                    ["kubernetes.io/arch"] = "amd64",
                    ["kubernetes.io/hostname"] = Name,
                    ["kubernetes.io/os"] = "linux",
                },
                ["annotations"] = new JsonObject
                {
                    ["kubeadm.alpha.kubernetes.io/cri-socket"] = "unix:///run/containerd/containerd.sock",
                    ["node.alpha.kubernetes.io/ttl"] = "0",
                    ["volumes.kubernetes.io/controller-managed-attach-detach"] = "true",
                },
            },
            ["spec"] = new JsonObject { ["taints"] = new JsonArray(new JsonObject { ["key"] = "node.kubernetes.io/not-ready", ["effect"] = "NoSchedule" }) },
            ["status"] = new JsonObject(),
        };
        Fill(node.Ensure("status"), Status());
        Store.Create(ResourceTypes.Nodes, node);
    }

    // What the node says is asked before the store's lock is taken: programs take the node's lock first and then the store's.
    private JsonObject Status()
    {
        var machine = kubelet.Node.Identity;
        var disk = kubelet.Node.Files.Capacity;
        return new JsonObject
        {
            ["addresses"] = new JsonArray(
                new JsonObject { ["type"] = "InternalIP", ["address"] = Address() },
                new JsonObject { ["type"] = "Hostname", ["address"] = Name }),
            ["capacity"] = Resources(machine, $"{disk / 1024}Ki", machine.Memory),
            ["allocatable"] = Resources(machine, (disk / 10 * 9).ToString(CultureInfo.InvariantCulture), machine.Memory - (100 << 20)),
            ["images"] = new JsonArray([.. kubelet.Runtime.ImageList.OrderByDescending(static i => i.Size).Select(static i => (JsonNode)new JsonObject
            {
                ["names"] = new JsonArray($"{i.Repository}@{i.Digest}", i.Name),
                ["sizeBytes"] = i.Size,
            })]),
            ["nodeInfo"] = new JsonObject
            {
                ["architecture"] = "amd64",
                ["bootID"] = Guid.ParseExact(machine.BootId, "N").ToString(),
                ["containerRuntimeVersion"] = "containerd://1.7.27",
                ["kernelVersion"] = kubelet.Node.Kernel.Release,
                ["kubeProxyVersion"] = "",
                ["kubeletVersion"] = Store.Settings.Version,
                ["machineID"] = machine.MachineId,
                ["operatingSystem"] = "linux",
                ["osImage"] = machine.OperatingSystem,
                ["systemUUID"] = Guid.ParseExact(machine.MachineId, "N").ToString(),
            },
        };
    }

    private void Fill(JsonObject status, JsonObject fresh)
    {
        var now = Store.Timestamp;
        foreach (var field in (ReadOnlySpan<string>)["addresses", "capacity", "allocatable"])
            status[field] = fresh[field]!.DeepClone();
        Beat(status, "MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available", now);
        Beat(status, "DiskPressure", kubelet.Node.Faults.DiskFull ? "True" : "False",
            kubelet.Node.Faults.DiskFull ? "KubeletHasDiskPressure" : "KubeletHasNoDiskPressure",
            kubelet.Node.Faults.DiskFull ? "kubelet has disk pressure" : "kubelet has no disk pressure", now);
        Beat(status, "PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available", now);
        if (kubelet.Cni is null)
            Beat(status, "Ready", "False", "KubeletNotReady", NotReadyMessage, now);
        else
            Beat(status, "Ready", "True", "KubeletReady", "kubelet is posting ready status", now);
        status.Ensure("daemonEndpoints", "kubeletEndpoint")["Port"] = 10250;
        foreach (var field in (ReadOnlySpan<string>)["images", "nodeInfo"])
            status[field] = fresh[field]!.DeepClone();
    }

    private static JsonObject Resources(Nodes.NodeIdentity machine, string disk, ulong memory) => new()
    {
        ["cpu"] = machine.Processors.ToString(CultureInfo.InvariantCulture),
        ["ephemeral-storage"] = disk,
        ["hugepages-2Mi"] = "0",
        ["memory"] = $"{memory / 1024}Ki",
        ["pods"] = "110",
    };

    private static void Beat(JsonObject status, string type, string value, string reason, string message, string now) =>
        status.SetCondition(type, value, reason, message, now)["lastHeartbeatTime"] = now;
}
