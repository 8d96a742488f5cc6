using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>crictl ps -o json</c>: ListContainersResponse of the CRI (k8s.io/cri-api), times in nanoseconds as text.</summary>
internal static class CrictlPsJson
{
    public static IEnumerable<NodeContainer> Parse(LineReader lines, string? node, Action<TextWarning> warn)
    {
        var first = lines.Number + 1;
        var opening = lines.Peek() ?? "";
        using var document = JsonOutput.Read(CrictlPsText.Kind, lines);
        // A runtime without containers answers {} or {"containers": []}.
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || (document.RootElement.EnumerateObject().Any() && !document.RootElement.TryGetProperty("containers", out _)))
        {
            throw OutputErrors.NotThisOutput(CrictlPsText.Kind, first, opening, "the JSON has no field containers");
        }

        foreach (var item in document.RootElement.Items("containers"))
        {
            var metadata = item.Object("metadata");
            if (item.Text("id") is not { } id || metadata?.Text("name") is not { } name)
            {
                warn(new TextWarning(first, item.GetRawText(), "expected a container with an id and a name"));
                continue;
            }

            var labels = item.Object("labels");
            var attempt = metadata.Value.Integer("attempt");
            yield return new NodeContainer
            {
                Node = node,
                ContainerId = id,
                Name = name,
                Attempt = attempt is >= 0 and <= int.MaxValue ? (int)attempt : 0,
                State = CrictlPsText.State(item.Text("state")) ?? NodeContainerState.Unknown,
                PodId = item.Text("podSandboxId"),
                Pod = labels?.Text("io.kubernetes.pod.name"),
                Namespace = labels?.Text("io.kubernetes.pod.namespace"),
                Image = item.Object("image")?.Text("userSpecifiedImage") ?? item.Object("image")?.Text("image"),
                ImageId = item.Text("imageId") ?? item.Text("imageRef"),
                CreatedAt = Created(item.Integer("createdAt")),
            };
        }
    }

    private static DateTimeOffset? Created(long? nanoseconds) =>
        nanoseconds is > 0 ? DateTimeOffset.UnixEpoch.AddTicks(nanoseconds.Value / TimeSpan.NanosecondsPerTick) : null;
}
