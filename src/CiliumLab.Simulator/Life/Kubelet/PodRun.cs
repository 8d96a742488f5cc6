using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Life;

/// <summary>Where a container is in its life.</summary>
internal enum ContainerStage
{
    /// <summary>Not started yet, or waiting to start again.</summary>
    Waiting,

    /// <summary>Its image is being pulled.</summary>
    Pulling,

    /// <summary>Image and sandbox are there; it will run in a moment.</summary>
    Starting,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It ended and will not start again.</summary>
    Ended,
}

/// <summary>A container of a pod on a node.</summary>
internal sealed class ContainerRun(JsonObject spec, bool isInit)
{
    /// <summary>Its entry in the pod's spec.</summary>
    public JsonObject Spec { get; set; } = spec;

    /// <summary>Whether it runs before the others, to its end.</summary>
    public bool IsInit { get; } = isInit;

    /// <summary>Its name.</summary>
    public string Name => Spec.Text("name")!;

    /// <summary>Where it is in its life.</summary>
    public ContainerStage Stage { get; set; }

    /// <summary>Why it waits.</summary>
    public string Reason { get; set; } = "ContainerCreating";

    /// <summary>More about why it waits.</summary>
    public string? Message { get; set; }

    /// <summary>How often it was started again.</summary>
    public int Restarts { get; set; }

    /// <summary>How often its image could not be pulled.</summary>
    public int PullFailures { get; set; }

    /// <summary>The readiness probe succeeds, or there is none.</summary>
    public bool IsReady { get; set; }

    /// <summary>Its image, once it is on the node.</summary>
    public ContainerImage? Image { get; set; }

    /// <summary>What runs in it now.</summary>
    public IContainerProcess? Process { get; set; }

    /// <summary>What it can reach, once it was started.</summary>
    public ContainerContext? Context { get; set; }

    /// <summary>What becomes of it by itself.</summary>
    public ProcessOutcome Outcome { get; set; } = ProcessOutcome.Runs;

    /// <summary>When it was started last.</summary>
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>The end of the present or the former run.</summary>
    public JsonObject? Terminated { get; set; }

    /// <summary>What it wrote.</summary>
    public ContainerLog Log { get; set; } = new();

    /// <summary>What the former run wrote.</summary>
    public ContainerLog? FormerLog { get; set; }

    /// <summary>Distinguishes runs, so that what was timed for one does not hit the next.</summary>
    public int Turn { get; set; }

    /// <summary>Its status as the API shows it.</summary>
    public JsonObject ToStatus()
    {
        var state = Stage switch
        {
            ContainerStage.Running => new JsonObject { ["running"] = new JsonObject { ["startedAt"] = ObjectStore.Time(StartedAt) } },
            ContainerStage.Ended => new JsonObject { ["terminated"] = Terminated?.DeepClone() },
            _ => new JsonObject { ["waiting"] = Waiting() },
        };
        var status = new JsonObject
        {
            ["name"] = Name,
            ["state"] = state,
            ["lastState"] = Stage != ContainerStage.Ended && Terminated is not null ? new JsonObject { ["terminated"] = Terminated.DeepClone() } : [],
            ["ready"] = IsInit ? Stage == ContainerStage.Ended && Terminated.Number("exitCode") == 0 : Stage == ContainerStage.Running && IsReady,
            ["restartCount"] = Restarts,
            ["image"] = Image?.Name ?? Spec.Text("image"),
            ["imageID"] = Image is null ? "" : $"{Image.Repository}@{Image.Digest}",
        };
        if (Context is not null)
            status["containerID"] = "containerd://" + Context.Id;
        status["started"] = Stage == ContainerStage.Running;
        if (Spec.Array("volumeMounts") is { Count: > 0 })
            status["volumeMounts"] = new JsonArray([.. Spec.Objects("volumeMounts").Select(Mount)]);
        return status;
    }

    /// <summary>Notes how a run ended.</summary>
    public void End(int exitCode, string reason, DateTimeOffset now) => Terminated = new JsonObject
    {
        ["exitCode"] = exitCode,
        ["reason"] = reason,
        ["startedAt"] = ObjectStore.Time(StartedAt),
        ["finishedAt"] = ObjectStore.Time(now),
        ["containerID"] = "containerd://" + Context?.Id,
    };

    private JsonObject Waiting()
    {
        var waiting = new JsonObject { ["reason"] = Reason };
        if (Message is not null)
            waiting["message"] = Message;
        return waiting;
    }

    private static JsonNode Mount(JsonObject mount)
    {
        var status = new JsonObject { ["name"] = mount.Text("name"), ["mountPath"] = mount.Text("mountPath") };
        if (!mount.Flag("readOnly"))
            return status;
        status["readOnly"] = true;
        status["recursiveReadOnly"] = "Disabled";
        return status;
    }
}

/// <summary>A pod on a node.</summary>
internal sealed class PodRun
{
    /// <param name="pod">The pod.</param>
    /// <param name="now">When the kubelet took it on.</param>
    public PodRun(StoredObject pod, DateTimeOffset now)
    {
        (Pod, StartTime) = (pod, now);
        Init = [.. pod.Json.Objects("spec", "initContainers").Select(static c => new ContainerRun(c, true) { Reason = "PodInitializing" })];
        Main = [.. pod.Json.Objects("spec", "containers").Select(c => new ContainerRun(c, false) { Reason = Init.Count > 0 ? "PodInitializing" : "ContainerCreating" })];
    }

    /// <summary>The pod as the kubelet saw it last.</summary>
    public StoredObject Pod { get; set; }

    /// <summary>When the kubelet took it on.</summary>
    public DateTimeOffset StartTime { get; }

    /// <summary>Init containers in order.</summary>
    public IReadOnlyList<ContainerRun> Init { get; }

    /// <summary>The other containers.</summary>
    public IReadOnlyList<ContainerRun> Main { get; }

    /// <summary>All containers.</summary>
    public IEnumerable<ContainerRun> Containers => Init.Concat(Main);

    /// <summary>The sandbox's identifier; null before there is one.</summary>
    public string? SandboxId { get; set; }

    /// <summary>How many sandboxes there were before this one.</summary>
    public int SandboxAttempt { get; set; }

    /// <summary>When the sandbox was made.</summary>
    public DateTimeOffset SandboxAt { get; set; }

    /// <summary>The network: the pod's own, or the node's.</summary>
    public NetworkNamespace? Network { get; set; }

    /// <summary>The pod's address.</summary>
    public IPAddress? Address { get; set; }

    /// <summary>The address of the node, as the pod's status has it.</summary>
    public IPAddress? HostAddress { get; set; }

    /// <summary>The configuration that the sandbox was set up with, for taking it down.</summary>
    public CniConfiguration? Cni { get; set; }

    /// <summary>A timer will try again.</summary>
    public bool IsRetrying { get; set; }

    /// <summary>It is being stopped.</summary>
    public bool IsStopping { get; set; }

    /// <summary>Everything of it is gone from the node.</summary>
    public bool IsGone { get; set; }

    /// <summary>Whether all init containers are through.</summary>
    public bool IsInitialized => Init.All(static c => c.Stage == ContainerStage.Ended && c.Terminated.Number("exitCode") == 0);

    /// <summary>The phase that the containers make.</summary>
    public string Phase
    {
        get
        {
            if (Init.Any(static c => c.Stage == ContainerStage.Ended && c.Terminated.Number("exitCode") != 0))
                return "Failed";
            if (!IsInitialized)
                return "Pending";
            if (Main.All(static c => c.Stage == ContainerStage.Ended))
                return Main.All(static c => c.Terminated.Number("exitCode") == 0) ? "Succeeded" : "Failed";
            return Main.Any(static c => c.Stage is not (ContainerStage.Running or ContainerStage.Ended) && c.Terminated is null) ? "Pending" : "Running";
        }
    }
}

/// <summary>The lines that a container wrote.</summary>
internal sealed class ContainerLog
{
    private readonly Lock _gate = new();
    private readonly List<(DateTimeOffset Time, string Text)> _lines = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;

    /// <summary>Adds a line.</summary>
    public void Write(DateTimeOffset time, string text)
    {
        lock (_gate)
            _lines.Add((time, text));
        Pulse();
    }

    /// <summary>There will be no more.</summary>
    public void End()
    {
        lock (_gate)
            _ended = true;
        Pulse();
    }

    /// <summary>The lines from a position on.</summary>
    /// <param name="position">Where to begin; moved behind what is returned.</param>
    /// <param name="more">Completes when there is more to know.</param>
    /// <param name="ended">Whether nothing will follow.</param>
    public IReadOnlyList<(DateTimeOffset Time, string Text)> Read(ref int position, out Task more, out bool ended)
    {
        lock (_gate)
        {
            (more, ended) = (_more.Task, _ended);
            var lines = _lines[position..];
            position = _lines.Count;
            return lines;
        }
    }

    private void Pulse()
    {
        TaskCompletionSource pulse;
        lock (_gate)
            (pulse, _more) = (_more, new(TaskCreationOptions.RunContinuationsAsynchronously));
        pulse.TrySetResult();
    }
}
