using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Charts.Cilium;

/// <summary>The chart <c>cilium/cilium</c>. CustomResourceDefinitions are not in it: the operator makes them when it runs.</summary>
internal sealed partial class CiliumChart : Chart
{
    private static readonly Lazy<ValueTable> Table = new(static () => ValueTable.ReadResource("cilium-1.17.5.values"));

    /// <inheritdoc/>
    public override string Name => "cilium";

    /// <inheritdoc/>
    public override string Version => "1.17.5";

    /// <inheritdoc/>
    public override string AppVersion => "1.17.5";

    /// <inheritdoc/>
    public override string Description => "eBPF-based Networking, Security, and Observability";

    /// <inheritdoc/>
    public override ValueTable Defaults => Table.Value;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Sources => ["https://github.com/cilium/cilium"];

    /// <summary>Whether Envoy runs as a DaemonSet of its own.</summary>
    public static bool HasEnvoy(JsonObject values) => values.IsOn("l7Proxy") && (values.At("envoy.enabled") is null || values.IsOn("envoy.enabled"));

    /// <summary>An image as the chart names it, with its digest where it is wanted.</summary>
    public static string Image(JsonObject values, string path, string suffix = "", string digest = "digest") =>
        values.IsOn(path + ".override")
            ? values.Word(path + ".override")
            : $"{values.Word(path + ".repository")}{suffix}:{values.Word(path + ".tag")}{(values.IsOn(path + ".useDigest") && values.IsOn($"{path}.{digest}") ? "@" + values.Word($"{path}.{digest}") : "")}";

    /// <inheritdoc/>
    public override string? Notes(ChartContext context)
    {
        var hubble = context.Values.IsOn("hubble.enabled");
        var with = hubble && context.Values.IsOn("hubble.relay.enabled")
            ? context.Values.IsOn("hubble.ui.enabled") ? " with Hubble Relay and Hubble UI" : " with Hubble Relay"
            : hubble ? " with Hubble" : "";
        return $"You have successfully installed Cilium{with}.\n\nYour release version is {Version}.\n\nFor any further help, visit https://docs.cilium.io/en/v1.17/gettinghelp";
    }

    /// <inheritdoc/>
    public override IEnumerable<ChartObject> Render(ChartContext context)
    {
        Validate(context.Values);
        var configuration = CiliumConfiguration.Compute(context.Values);
        var data = new JsonObject(configuration.Select(static entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value)));
        var checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data.ToJsonString())));
        yield return new ChartObject("cilium/templates/cilium-configmap.yaml", new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = "cilium-config", ["namespace"] = context.Namespace },
            ["data"] = data,
        });
        foreach (var made in CiliumAccess.Render(context).Concat(CiliumAgents.Render(context, checksum)).Concat(CiliumOperator.Render(context, checksum)))
            yield return made;
        if (HasEnvoy(context.Values))
        {
            foreach (var made in CiliumEnvoy.Render(context))
                yield return made;
        }

        if (context.Values.IsOn("hubble.enabled"))
        {
            foreach (var made in CiliumHubble.Render(context))
                yield return made;
        }
    }

    /// <summary>An object from YAML.</summary>
    internal static ChartObject Made(string template, string yaml) => new("cilium/templates/" + template, (JsonObject)YamlText.Read(yaml)!);

    /// <summary>Tells a container where the API server is, since it cannot use the service before the agent runs.</summary>
    internal static void AddServer(JsonObject container, JsonObject values)
    {
        var environment = container.EnsureArray("env");
        environment.Add((JsonNode)new JsonObject { ["name"] = "KUBERNETES_SERVICE_HOST", ["value"] = values.Word("k8sServiceHost") });
        environment.Add((JsonNode)new JsonObject { ["name"] = "KUBERNETES_SERVICE_PORT", ["value"] = values.Word("k8sServicePort") });
    }

    [GeneratedRegex("^([a-z0-9][-a-z0-9]*)?[a-z0-9]$")]
    private static partial Regex ClusterName();

    private static void Validate(JsonObject values)
    {
        if (values.At("kubeProxyReplacement") is { } replacement && replacement.AsDisplay() is not ("true" or "false" or ""))
            throw Refused("cilium-configmap.yaml", "kubeProxyReplacement must be explicitly set to a valid value (true or false) to continue.");
        if (values.IsOn("tunnel"))
            throw Refused("validate.yaml", "tunnel was deprecated in v1.14 and has been removed in v1.15. For details please refer to https://docs.cilium.io/en/v1.15/operations/upgrade/#helm-options");
        if (values.IsOn("hubble.ui.enabled") && !values.IsOn("hubble.relay.enabled"))
            throw Refused("validate.yaml", "Hubble UI requires .Values.hubble.relay.enabled=true");
        if (values.IsOn("hubble.relay.enabled") && !values.IsOn("hubble.enabled"))
            throw Refused("validate.yaml", "Hubble Relay requires .Values.hubble.enabled=true");
        var cluster = values.Word("cluster.name");
        if (cluster.Length == 0)
            throw Refused("validate.yaml", "The cluster name is invalid: cannot be empty");
        if (cluster.Length > 32)
            throw Refused("validate.yaml", "The cluster name is invalid: must not be more than 32 characters");
        if (!ClusterName().IsMatch(cluster))
            throw Refused("validate.yaml", "The cluster name is invalid: must consist of lower case alphanumeric characters and '-', and must start and end with an alphanumeric character");
        if (cluster == "default" && values.Word("cluster.id") != "0")
            throw Refused("validate.yaml", "The cluster name is invalid: cannot use default value with cluster.id != 0");
    }

    private static ChartException Refused(string template, string reason) => new($"execution error at (cilium/templates/{template}): {reason}");
}
