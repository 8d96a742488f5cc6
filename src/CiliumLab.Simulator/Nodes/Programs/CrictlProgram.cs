using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary><c>crictl</c> 1.33: ps, pods, inspect, inspectp, images, version.</summary>
internal sealed class CrictlProgram() : ImmediateProgram("/usr/bin/crictl")
{
    private const int ShortId = 13;
    private const string Version = "v1.33.0";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "o|output= a|all q|quiet no-trunc version v|verbose name= namespace= pod= state= r|runtime-endpoint= timeout=");
        if (options.Has("version"))
        {
            call.Line($"crictl version {Version}");
            return 0;
        }

        var verb = options.Operands.Count == 0 ? "" : options.Operands[0];
        if (verb is not ("ps" or "pods" or "images" or "image" or "version" or "info" or "inspect" or "inspectp"))
            return call.Complain(verb.Length == 0 ? "crictl: give a command, such as ps or pods" : $"No help topic for '{verb}'", verb.Length == 0 ? 0 : 3);
        if (!call.User.IsRoot)
            return call.Complain($"time=\"{call.Now:yyyy-MM-dd'T'HH:mm:ss'Z'}\" level=fatal msg=\"validate service connection: validate CRI v1 runtime API for endpoint \\\"unix:///run/containerd/containerd.sock\\\": rpc error: code = Unavailable desc = connection error: desc = \\\"transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: permission denied\\\"\"");
        if (call.Node.Services.Find("containerd") is { IsActive: false })
            return call.Complain($"time=\"{call.Now:yyyy-MM-dd'T'HH:mm:ss'Z'}\" level=fatal msg=\"validate service connection: validate CRI v1 runtime API for endpoint \\\"unix:///run/containerd/containerd.sock\\\": rpc error: code = Unavailable desc = connection error: desc = \\\"transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused\\\"\"");
        switch (verb)
        {
            case "ps":
                Containers(call, options);
                break;
            case "pods":
                Pods(call, options);
                break;
            case "inspect":
                return Inspect(call, options);
            case "inspectp":
                return InspectPods(call, options);
            case "version":
                call.Print("Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  1.7.27\nRuntimeApiVersion:  v1\n");
                break;
            case "info":
                return call.Complain("crictl: 'info' is not simulated", 1);
            default:
                Images(call, options);
                break;
        }

        return 0;
    }

    private static void Containers(ProgramCall call, Options options)
    {
        var containers = call.Node.Containers.Containers
            .Where(container => options.Has("a") || container.State == "CONTAINER_RUNNING")
            .Where(container => options.Value("name") is not { } name || container.Name.Contains(name, StringComparison.Ordinal))
            .Where(container => options.Value("pod") is not { } pod || container.PodId.StartsWith(pod, StringComparison.Ordinal))
            .ToArray();
        if (options.Value("o") == "json")
        {
            PrintJson(call, "containers", containers.Select(container => new JsonObject
            {
                ["id"] = container.Id,
                ["podSandboxId"] = container.PodId,
                ["metadata"] = new JsonObject { ["name"] = container.Name, ["attempt"] = container.Attempt },
                ["image"] = new JsonObject { ["image"] = container.ImageId, ["annotations"] = new JsonObject(), ["userSpecifiedImage"] = container.Image },
                ["imageRef"] = container.ImageId,
                ["state"] = container.State,
                ["createdAt"] = Nanoseconds(container.CreatedAt),
                ["labels"] = Labels(("io.kubernetes.container.name", container.Name), ("io.kubernetes.pod.name", container.PodName), ("io.kubernetes.pod.namespace", container.PodNamespace), ("io.kubernetes.pod.uid", container.PodUid)),
                ["annotations"] = new JsonObject(),
            }));
            return;
        }

        if (options.Has("q"))
        {
            foreach (var container in containers)
                call.Line(container.Id);
            return;
        }

        Table(call, [
            ["CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE"],
            .. containers.Select(container => (string[])
            [
                container.Id[..ShortId], container.ImageId.Replace("sha256:", "", StringComparison.Ordinal)[..ShortId], HumanTime.Duration(call.Now - container.CreatedAt) + " ago",
                StateName(container.State), container.Name, container.Attempt.ToString(CultureInfo.InvariantCulture), container.PodId[..ShortId], container.PodName, container.PodNamespace,
            ]),
        ]);
    }

    // What containerd tells of a container (runtime.v1.ContainerStatus, and its own information behind it).
    private static int Inspect(ProgramCall call, Options options)
    {
        if (options.Operands.Count < 2)
            return call.Complain("ID cannot be empty");
        foreach (var id in options.Operands.Skip(1))
        {
            if (call.Node.Containers.Containers.FirstOrDefault(one => one.Id.StartsWith(id, StringComparison.Ordinal)) is not { } container)
                return call.Complain($"time=\"{call.Now:yyyy-MM-dd'T'HH:mm:ss'Z'}\" level=fatal msg=\"getting the status of the container \\\"{id}\\\": rpc error: code = NotFound desc = an error occurred when try to find container \\\"{id}\\\": not found\"");
            if (options.Value("o") is { } form and not "json")
                return call.Complain($"crictl: '-o {form}' is not simulated");
            call.Line(new JsonObject
            {
                ["status"] = new JsonObject
                {
                    ["id"] = container.Id,
                    ["metadata"] = new JsonObject { ["attempt"] = container.Attempt, ["name"] = container.Name },
                    ["state"] = container.State,
                    ["createdAt"] = container.CreatedAt.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture),
                    ["image"] = new JsonObject { ["annotations"] = new JsonObject(), ["image"] = container.Image, ["runtimeHandler"] = "", ["userSpecifiedImage"] = "" },
                    ["imageRef"] = container.ImageId,
                    ["labels"] = Labels(("io.kubernetes.container.name", container.Name), ("io.kubernetes.pod.name", container.PodName), ("io.kubernetes.pod.namespace", container.PodNamespace), ("io.kubernetes.pod.uid", container.PodUid)),
                },
                ["info"] = new JsonObject { ["sandboxID"] = container.PodId, ["pid"] = container.ProcessId, ["removing"] = false },
            }.ToJsonString(Indented));
        }

        return 0;
    }

    // What containerd tells of a pod's sandbox (runtime.v1.PodSandboxStatus, and its own information behind it).
    private static int InspectPods(ProgramCall call, Options options)
    {
        if (options.Operands.Count < 2)
            return call.Complain("ID cannot be empty");
        foreach (var id in options.Operands.Skip(1))
        {
            if (call.Node.Containers.Sandboxes.FirstOrDefault(one => one.Id.StartsWith(id, StringComparison.Ordinal)) is not { } pod)
                return call.Complain($"time=\"{call.Now:yyyy-MM-dd'T'HH:mm:ss'Z'}\" level=fatal msg=\"getting the pod sandbox status for \\\"{id}\\\": rpc error: code = NotFound desc = an error occurred when try to find sandbox: not found\"");
            if (options.Value("o") is { } form and not "json")
                return call.Complain($"crictl: '-o {form}' is not simulated");
            call.Line(new JsonObject
            {
                ["status"] = new JsonObject
                {
                    ["id"] = pod.Id,
                    ["metadata"] = new JsonObject { ["attempt"] = pod.Attempt, ["name"] = pod.Name, ["namespace"] = pod.Namespace, ["uid"] = pod.Uid },
                    ["state"] = pod.IsReady ? "SANDBOX_READY" : "SANDBOX_NOTREADY",
                    ["createdAt"] = pod.CreatedAt.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture),
                    ["labels"] = Labels(("io.kubernetes.pod.name", pod.Name), ("io.kubernetes.pod.namespace", pod.Namespace), ("io.kubernetes.pod.uid", pod.Uid)),
                },
                ["info"] = new JsonObject { ["pid"] = pod.ProcessId, ["processStatus"] = pod.ProcessId > 0 ? "running" : "unknown" },
            }.ToJsonString(Indented));
        }

        return 0;
    }

    private static void Pods(ProgramCall call, Options options)
    {
        var pods = call.Node.Containers.Sandboxes
            .Where(pod => options.Value("name") is not { } name || pod.Name.Contains(name, StringComparison.Ordinal))
            .Where(pod => options.Value("namespace") is not { } space || pod.Namespace == space)
            .ToArray();
        if (options.Value("o") == "json")
        {
            PrintJson(call, "items", pods.Select(pod => new JsonObject
            {
                ["id"] = pod.Id,
                ["metadata"] = new JsonObject { ["name"] = pod.Name, ["uid"] = pod.Uid, ["namespace"] = pod.Namespace, ["attempt"] = pod.Attempt },
                ["state"] = pod.IsReady ? "SANDBOX_READY" : "SANDBOX_NOTREADY",
                ["createdAt"] = Nanoseconds(pod.CreatedAt),
                ["labels"] = Labels(("io.kubernetes.pod.name", pod.Name), ("io.kubernetes.pod.namespace", pod.Namespace), ("io.kubernetes.pod.uid", pod.Uid)),
                ["annotations"] = new JsonObject(),
                ["runtimeHandler"] = "",
            }));
            return;
        }

        if (options.Has("q"))
        {
            foreach (var pod in pods)
                call.Line(pod.Id);
            return;
        }

        Table(call, [
            ["POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME"],
            .. pods.Select(pod => (string[])[pod.Id[..ShortId], HumanTime.Duration(call.Now - pod.CreatedAt) + " ago", pod.IsReady ? "Ready" : "NotReady", pod.Name, pod.Namespace, pod.Attempt.ToString(CultureInfo.InvariantCulture), "(default)"]),
        ]);
    }

    private static void Images(ProgramCall call, Options options)
    {
        var images = call.Node.Containers.Images.OrderBy(image => image.Repository, StringComparer.Ordinal).ToArray();
        if (options.Value("o") == "json")
        {
            PrintJson(call, "images", images.Select(image => new JsonObject
            {
                ["id"] = image.Id,
                ["repoTags"] = new JsonArray($"{image.Repository}:{image.Tag}"),
                ["repoDigests"] = new JsonArray(),
                ["size"] = image.Size.ToString(CultureInfo.InvariantCulture),
                ["uid"] = null,
                ["username"] = "",
                ["pinned"] = image.Repository.EndsWith("/pause", StringComparison.Ordinal),
            }));
            return;
        }

        Table(call, [
            ["IMAGE", "TAG", "IMAGE ID", "SIZE"],
            .. images.Select(image => (string[])[image.Repository, image.Tag, image.Id.Replace("sha256:", "", StringComparison.Ordinal)[..ShortId], Size(image.Size)]),
        ]);
    }

    private static string StateName(string state) => state switch
    {
        "CONTAINER_RUNNING" => "Running",
        "CONTAINER_EXITED" => "Exited",
        "CONTAINER_CREATED" => "Created",
        _ => "Unknown",
    };

    private static string Size(ulong bytes)
    {
        double value = bytes;
        foreach (var unit in (string[])["B", "kB", "MB"])
        {
            if (value < 1000)
                return value.ToString("G3", CultureInfo.InvariantCulture) + unit;
            value /= 1000;
        }

        return value.ToString("G3", CultureInfo.InvariantCulture) + "GB";
    }

    private static string Nanoseconds(DateTimeOffset time) => ((time - DateTimeOffset.UnixEpoch).Ticks * 100).ToString(CultureInfo.InvariantCulture);

    private static JsonObject Labels(params ReadOnlySpan<(string Key, string Value)> labels)
    {
        var json = new JsonObject();
        foreach (var (key, value) in labels)
            json[key] = value;
        return json;
    }

    private static void PrintJson(ProgramCall call, string key, IEnumerable<JsonObject> objects) =>
        call.Line(new JsonObject { [key] = new JsonArray([.. objects]) }.ToJsonString(Indented));

    // Go's tabwriter with cells of at least 20 and a padding of 3.
    private static void Table(ProgramCall call, string[][] rows)
    {
        int[] widths = [.. rows[0].Select((_, column) => Math.Max(20, rows.Max(row => row[column].Length) + 3))];
        foreach (var row in rows)
            call.Line(string.Concat(row.Select((cell, column) => column == row.Length - 1 ? cell : cell.PadRight(widths[column]))));
    }
}

/// <summary>Programs of Kubernetes that here only say their version.</summary>
internal sealed class VersionProgram(string path, Func<ProgramCall, string?> answer) : ImmediateProgram(path)
{
    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        if (answer(call) is not { } text)
            return call.Complain($"{call.Name}: a simulated node does not know '{string.Join(' ', call.Arguments)}'");
        call.Line(text);
        return 0;
    }
}
