using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>What upstream's defaulting fills into a pod's spec, in pods and in templates.</summary>
internal static class PodSpecDefaults
{
    /// <summary>Fills in what is absent.</summary>
    public static void Apply(JsonObject spec)
    {
        spec.Default("restartPolicy", "Always");
        spec.Default("terminationGracePeriodSeconds", 30);
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Default("securityContext", new JsonObject());
        spec.Default("schedulerName", "default-scheduler");
        if (spec.Text("serviceAccountName") is { Length: > 0 } account)
            spec["serviceAccount"] = account;
        else if (spec.Text("serviceAccount") is { Length: > 0 } older)
            spec["serviceAccountName"] = older;
        var hostNetwork = spec.Flag("hostNetwork");
        foreach (var container in spec.Objects("initContainers").Concat(spec.Objects("containers")).Concat(spec.Objects("ephemeralContainers")))
            Container(container, hostNetwork);
        foreach (var volume in spec.Objects("volumes"))
            Volume(volume);
    }

    private static void Container(JsonObject container, bool hostNetwork)
    {
        container.Default("resources", new JsonObject());
        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        if (container.Text("image") is { Length: > 0 } image)
            container.Default("imagePullPolicy", IsLatest(image) ? "Always" : "IfNotPresent");
        foreach (var port in container.Objects("ports"))
        {
            port.Default("protocol", "TCP");
            if (hostNetwork && port["containerPort"] is { } number)
                port.Default("hostPort", number.DeepClone());
        }
        foreach (var probe in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
            Probe(container.Object(probe));
        Handler(container.Object("lifecycle", "postStart"));
        Handler(container.Object("lifecycle", "preStop"));
        foreach (var variable in container.Objects("env"))
            variable.Object("valueFrom", "fieldRef")?.Default("apiVersion", "v1");
    }

    private static bool IsLatest(string image)
    {
        if (image.Contains('@'))
            return false;
        var name = image[(image.LastIndexOf('/') + 1)..];
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || name[(colon + 1)..] == "latest";
    }

    private static void Probe(JsonObject? probe)
    {
        if (probe is null)
            return;
        probe.Default("timeoutSeconds", 1);
        probe.Default("periodSeconds", 10);
        probe.Default("successThreshold", 1);
        probe.Default("failureThreshold", 3);
        Handler(probe);
    }

    private static void Handler(JsonObject? handler)
    {
        if (handler.Object("httpGet") is not { } get)
            return;
        get.Default("path", "/");
        get.Default("scheme", "HTTP");
    }

    private static void Volume(JsonObject volume)
    {
        if (!volume.Any(static p => p.Key != "name" && p.Value is not null))
            volume["emptyDir"] = new JsonObject();
        volume.Object("configMap")?.Default("defaultMode", 420);
        volume.Object("secret")?.Default("defaultMode", 420);
        volume.Object("downwardAPI")?.Default("defaultMode", 420);
        volume.Object("hostPath")?.Default("type", "");
        if (volume.Object("projected") is { } projected)
        {
            projected.Default("defaultMode", 420);
            foreach (var source in projected.Objects("sources"))
                source.Object("serviceAccountToken")?.Default("expirationSeconds", 3600);
        }
        foreach (var item in volume.Objects("downwardAPI", "items").Concat(volume.Objects("projected", "sources").SelectMany(static s => s.Objects("downwardAPI", "items"))))
            item.Object("fieldRef")?.Default("apiVersion", "v1");
    }
}
