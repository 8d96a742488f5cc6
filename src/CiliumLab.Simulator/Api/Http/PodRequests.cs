using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>What can be done to a pod beyond reading and writing it: bind, evict, logs, exec, attach.</summary>
internal sealed class PodRequests(ApiServer server)
{
    /// <summary>Answers when the request is one of these.</summary>
    public async Task<bool> TryAnswerAsync(ObjectRequest request, ApiFault? fault)
    {
        if (request.Type != ResourceTypes.Pods)
            return false;
        switch (request.Path.Subresource)
        {
            case "binding" when request.Method == "POST":
                await BindAsync(request).ConfigureAwait(false);
                return true;
            case "eviction" when request.Method == "POST":
                await EvictAsync(request).ConfigureAwait(false);
                return true;
            case "log" when request.Method == "GET":
                await LogAsync(request).ConfigureAwait(false);
                return true;
            case "exec" or "attach":
                await ExecAsync(request, fault).ConfigureAwait(false);
                return true;
            case "portforward":
                throw ApiException.BadRequest("the simulated nodes do not forward ports");
            default:
                return false;
        }
    }

    private static async Task BindAsync(ObjectRequest request)
    {
        var binding = await RequestBody.ReadObjectAsync(request.Context).ConfigureAwait(false);
        var node = binding.Text("target", "name") ?? "";
        var store = request.Store;
        store.Edit(request.Type, request.Path.Namespace, request.Path.Name!, pod =>
        {
            if (pod.Text("spec", "nodeName") is { Length: > 0 } bound)
            {
                throw ApiException.Conflict(ResourceTypes.Pods with { Resource = "pods/binding" }, request.Path.Name!,
                    $"pod {request.Path.Name} is already assigned to node \"{bound}\"");
            }
            pod.Ensure("spec")["nodeName"] = node;
        }, request.WriteOptions());
        store.TryEdit(request.Type, request.Path.Namespace, request.Path.Name!, pod => Scheduled(pod, store.Timestamp), WriteOptions.Status());
        await request.Context.WriteJsonAsync(201, Success()).ConfigureAwait(false);
    }

    /// <summary>Sets the condition that binding sets.</summary>
    private static void Scheduled(JsonObject pod, string now)
    {
        var conditions = pod.Ensure("status").EnsureArray("conditions");
        foreach (var old in conditions.OfType<JsonObject>().Where(static c => c.Text("type") == "PodScheduled").ToList())
            conditions.Remove(old);
        conditions.Add((JsonNode)new JsonObject { ["type"] = "PodScheduled", ["status"] = "True", ["lastProbeTime"] = null, ["lastTransitionTime"] = now });
    }

    private static async Task EvictAsync(ObjectRequest request)
    {
        var eviction = await RequestBody.ReadObjectAsync(request.Context).ConfigureAwait(false);
        var store = request.Store;
        var pod = store.Get(request.Type, request.Path.Namespace, request.Path.Name!);
        foreach (var budget in store.List(ResourceTypes.PodDisruptionBudgets, pod.Namespace).Items)
        {
            if (!LabelSelector.OfObject(budget.Json.Object("spec", "selector")).Matches(pod.Labels) || (budget.Json.Number("status", "disruptionsAllowed") ?? 0) > 0)
                continue;
            throw new ApiException(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.")
            {
                Details = new JsonObject
                {
                    ["causes"] = new JsonArray(new JsonObject
                    {
                        ["reason"] = "DisruptionBudget",
                        ["message"] = $"The disruption budget {budget.Name} needs {budget.Json.Number("status", "desiredHealthy") ?? 0} healthy pods and has {budget.Json.Number("status", "currentHealthy") ?? 0} currently",
                    }),
                },
            };
        }
        store.Delete(request.Type, pod.Namespace, pod.Name, new DeleteOptions
        {
            GracePeriodSeconds = eviction.Number("deleteOptions", "gracePeriodSeconds"),
            DryRun = request.WriteOptions().DryRun,
        });
        await request.Context.WriteJsonAsync(201, Success()).ConfigureAwait(false);
    }

    private async Task LogAsync(ObjectRequest request)
    {
        var pod = request.Store.Get(request.Type, request.Path.Namespace, request.Path.Name!);
        var container = Container(pod, request.Query("container"), "choose one of");
        if (pod.Json.Text("spec", "nodeName") is not { Length: > 0 })
        {
            // nobody runs it: upstream answers with nothing
            await request.Context.WriteTextAsync(200, "").ConfigureAwait(false);
            return;
        }
        var source = server.Logs ?? throw new ApiException(503, "ServiceUnavailable", "no node answers for the pod's logs");
        var follow = IsTrue(request.Query("follow"));
        var timestamps = IsTrue(request.Query("timestamps"));
        var tail = Number(request.Query("tailLines"), "tailLines");
        var limit = Number(request.Query("limitBytes"), "limitBytes") ?? long.MaxValue;
        DateTimeOffset? since = Number(request.Query("sinceSeconds"), "sinceSeconds") is { } seconds
            ? request.Store.Clock.GetUtcNow() - TimeSpan.FromSeconds(seconds)
            : DateTimeOffset.TryParse(request.Query("sinceTime"), CultureInfo.InvariantCulture, out var time) ? time : null;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(request.Context.RequestAborted, server.Stopping);
        var query = new PodLogRequest(pod, container, Follow: false, IsTrue(request.Query("previous")));
        var lines = new Queue<PodLogLine>();
        var known = 0;
        await foreach (var line in source.ReadAsync(query, end.Token).ConfigureAwait(false))
        {
            known++;
            if (since is not null && line.Time < since)
                continue;
            lines.Enqueue(line);
            if (lines.Count > tail)
                lines.Dequeue();
        }
        var response = request.Context.Response;
        response.StatusCode = 200;
        response.ContentType = "text/plain";
        foreach (var line in lines)
            limit = await WriteLineAsync(response.Body, line, timestamps, limit, end.Token).ConfigureAwait(false);
        await response.Body.FlushAsync(end.Token).ConfigureAwait(false);
        if (!follow || limit <= 0)
            return;
        await foreach (var line in source.ReadAsync(query with { Follow = true }, end.Token).ConfigureAwait(false))
        {
            if (known-- > 0)
                continue;
            limit = await WriteLineAsync(response.Body, line, timestamps, limit, end.Token).ConfigureAwait(false);
            await response.Body.FlushAsync(end.Token).ConfigureAwait(false);
            if (limit <= 0)
                return;
        }
    }

    private static async Task<long> WriteLineAsync(Stream body, PodLogLine line, bool timestamps, long limit, CancellationToken end)
    {
        if (limit <= 0)
            return 0;
        var text = (timestamps ? line.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z' ", CultureInfo.InvariantCulture) : "") + line.Text + "\n";
        var bytes = Encoding.UTF8.GetBytes(text);
        await body.WriteAsync(bytes.AsMemory(0, (int)Math.Min(bytes.Length, limit)), end).ConfigureAwait(false);
        return limit - bytes.Length;
    }

    private async Task ExecAsync(ObjectRequest request, ApiFault? fault)
    {
        if (request.Method is not ("GET" or "POST"))
            throw ApiException.MethodNotAllowed();
        var pod = request.Store.Get(request.Type, request.Path.Namespace, request.Path.Name!);
        var attach = request.Path.Subresource == "attach";
        var container = Container(pod, request.Query("container"), "choose one of");
        if (pod.Json.Text("spec", "nodeName") is not { Length: > 0 })
            throw ApiException.BadRequest($"pod {pod.Name} does not have a host assigned");
        if (pod.Json.Text("status", "phase") is "Succeeded" or "Failed")
            throw ApiException.BadRequest($"cannot exec into a container in a completed pod; current phase is {pod.Json.Text("status", "phase")}");
        var command = request.Context.Request.Query["command"].Where(static c => c is not null).Select(static c => c!).ToList();
        if (!attach && command.Count == 0)
            throw ApiException.BadRequest("you must specify at least 1 command");
        var socket = await RemoteCommandSocket.AcceptAsync(request.Context).ConfigureAwait(false);
        var executor = server.Executor;
        var channels = new RemoteCommandChannels(
            IsTrue(request.Query("stdin")), IsTrue(request.Query("stdout")), IsTrue(request.Query("stderr")), IsTrue(request.Query("tty")), fault?.CutExecAfter);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(request.Context.RequestAborted, server.Stopping);
        await using (socket.ConfigureAwait(false))
            await socket.RunAsync(channels, executor, new PodExecRequest(pod, container, command, channels.Terminal), end).ConfigureAwait(false);
    }

    private static string Container(StoredObject pod, string? wanted, string choose)
    {
        var names = pod.Json.Objects("spec", "containers").Select(static c => c.Text("name") ?? "").ToList();
        var init = pod.Json.Objects("spec", "initContainers").Select(static c => c.Text("name") ?? "").ToList();
        var ephemeral = pod.Json.Objects("spec", "ephemeralContainers").Select(static c => c.Text("name") ?? "").ToList();
        if (wanted is { Length: > 0 })
        {
            return names.Contains(wanted) || init.Contains(wanted) || ephemeral.Contains(wanted)
                ? wanted
                : throw ApiException.BadRequest($"container {wanted} is not valid for pod {pod.Name}");
        }
        if (names.Count == 1)
            return names[0];
        if (pod.Json.Text("metadata", "annotations", "kubectl.kubernetes.io/default-container") is { } standard && names.Contains(standard))
            return standard;
        var message = $"a container name must be specified for pod {pod.Name}, {choose}: [{string.Join(' ', names)}]";
        if (init.Count > 0)
            message += $" or one of the init containers: [{string.Join(' ', init)}]";
        throw ApiException.BadRequest(message);
    }

    private static long? Number(string? text, string name)
    {
        if (text is null or "")
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ApiException(422, "Invalid", $"PodLogOptions \"\" is invalid: {name}: Invalid value: {text}: must be greater than or equal to 0");
    }

    private static bool IsTrue(string? text) => text is "true" or "1";

    private static JsonObject Success() => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Success",
        ["code"] = 201,
    };
}
