using System.Text;
using System.Text.RegularExpressions;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Programs;

namespace CiliumLab.Simulator.Cilium;

/// <summary>cilium-cli on the control plane: <c>cilium status</c>, <c>cilium config</c>, <c>cilium version</c>. Put on a node with its Programs.Add.</summary>
/// <param name="cilium">The installation.</param>
internal sealed partial class CiliumCli(CiliumInstallation cilium) : INodeProgram
{
    private const string Place = "/usr/local/bin/cilium";
    private const string Shipped = "v0.18.5";

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths { get; } = [Place];

    private ObjectStore Store => cilium.Store;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ProgramCall call)
    {
        var words = call.Arguments.Where(static word => !word.StartsWith('-')).ToList();
        var code = words switch
        {
            ["status"] => Status(call),
            ["config", "view"] => View(call),
            ["config", "set", var key, var value] => Set(call, key, value),
            ["config", "delete", var key] => Set(call, key, null),
            ["version"] => PrintVersion(call),
            _ => call.Complain($"Error: unknown command \"{string.Join(' ', words)}\" for \"cilium\"\nRun 'cilium --help' for usage."),
        };
        await call.Output.FlushAsync(call.CancellationToken).ConfigureAwait(false);
        return code;
    }

    private int PrintVersion(ProgramCall call)
    {
        var running = Store.Find(ResourceTypes.DaemonSets, CiliumConfiguration.Namespace, "cilium") is null ? "unknown. Unable to obtain cilium version. Reason: release: not found" : CiliumInstallation.Version;
        call.Print($"cilium-cli: {VersionOf(call)} compiled with go1.24.4 on linux/amd64\ncilium image (default): v1.17.5\ncilium image (stable): v1.17.5\ncilium image (running): {running}\n");
        return 0;
    }

    // A program that somebody put in this one's place says its version as the linker wrote it into it.
    private static string VersionOf(ProgramCall call) =>
        LinkedVersion().Match(Encoding.Latin1.GetString(call.Node.Files.Read(Place, NodeUser.Root))) is { Success: true } linked ? linked.Groups["version"].Value : Shipped;

    [GeneratedRegex(@"CLIVersion=(?<version>v\d+\.\d+\.\d+)")]
    private static partial Regex LinkedVersion();

    private int View(ProgramCall call)
    {
        if (Store.Find(ResourceTypes.ConfigMaps, CiliumConfiguration.Namespace, CiliumConfiguration.Name) is null)
            return call.Complain("Error: Unable to view configuration: unable to get ConfigMap cilium-config: configmaps \"cilium-config\" not found");
        var writer = new GoTabWriter(0, 4);
        foreach (var (key, value) in CiliumConfiguration.Of(Store).Values)
            writer.Row(key, value);
        call.Print(writer.Flush());
        return 0;
    }

    private int Set(ProgramCall call, string key, string? value)
    {
        call.Line(value is null ? $"🔥 Deleting key {key} from ConfigMap cilium-config..." : $"✨ Patching ConfigMap cilium-config with {key}={value}...");
        var edited = Store.TryEdit(ResourceTypes.ConfigMaps, CiliumConfiguration.Namespace, CiliumConfiguration.Name, map =>
        {
            if (value is null)
                map.Ensure("data").Remove(key);
            else
                map.Ensure("data")[key] = value;
        });
        if (edited is null)
            return call.Complain("Error: Unable to set configuration: configmaps \"cilium-config\" not found");
        if (call.Arguments.Contains("--restart=false") || call.Arguments.Contains("-r=false"))
            return 0;

        // All agents at once and without waiting: so the real one does it.
        foreach (var pod in Store.List(ResourceTypes.Pods, CiliumConfiguration.Namespace, LabelSelector.Parse("k8s-app=cilium")).Items.Where(static pod => !pod.IsTerminating))
            Store.Delete(ResourceTypes.Pods, pod.Namespace, pod.Name);
        call.Line("♻️  Restarted Cilium pods");
        return 0;
    }

    private int Status(ProgramCall call)
    {
        var agents = Workload.Of(Store, ResourceTypes.DaemonSets, "cilium", "k8s-app=cilium");
        var proxies = Workload.Of(Store, ResourceTypes.DaemonSets, "cilium-envoy", "k8s-app=cilium-envoy");
        var operators = Workload.Of(Store, ResourceTypes.Deployments, "cilium-operator", "io.cilium/app=operator");
        var errors = agents is null ? ["daemonsets.apps \"cilium\" not found"] : new[] { agents, proxies, operators }.OfType<Workload>().SelectMany(static one => one.Errors).ToList();
        string State(Workload? workload, string missing) => workload is null ? missing : workload.Errors.Count == 0 ? "OK" : $"{workload.Errors.Count} errors";
        call.Print(
            $"""
                /¯¯\
             /¯¯\__/¯¯\    Cilium:             {State(agents, "1 errors")}
             \__/¯¯\__/    Operator:           {State(operators, "disabled")}
             /¯¯\__/¯¯\    Envoy DaemonSet:    {State(proxies, "disabled (using embedded mode)")}
             \__/¯¯\__/    Hubble Relay:       disabled
                \__/       ClusterMesh:        disabled


            """);
        var writer = new GoTabWriter(0, 4);
        var present = new[] { agents, proxies, operators }.OfType<Workload>().ToList();
        foreach (var one in present)
            writer.Row(one.Kind, one.Name, $"Desired: {one.Desired}, Ready: {one.Ready}/{one.Desired}, Available: {one.Available}/{one.Desired}" + (one.Unavailable > 0 ? $", Unavailable: {one.Unavailable}/{one.Desired}" : ""));
        var containers = present.Select(static one => (one.Name, Phases: one.Phases)).Concat([("clustermesh-apiserver", ""), ("hubble-relay", "")]).OrderBy(static one => one.Item1, StringComparer.Ordinal).ToList();
        foreach (var (one, index) in containers.Select(static (one, index) => (one, index)))
            writer.Row(index == 0 ? "Containers:" : "", one.Item1, one.Item2);
        var pods = Store.List(ResourceTypes.Pods).Items.Where(static pod => !pod.IsHostNetwork() && pod.Phase() is "Running" or "Pending" && !pod.IsHostNetwork()).ToList();
        var managed = CustomResources.Find(Store, CustomResources.Endpoints) is { } type ? Store.List(type).Items.Count : 0;
        writer.Row("Cluster Pods:", $"{managed}/{pods.Count} managed by Cilium");
        writer.Row("Helm chart version:", present.Count > 0 ? CiliumInstallation.Version : "");
        var images = present.SelectMany(static one => one.Images.Select(image => (one.Name, image.Image, image.Count))).OrderBy(static one => one.Name, StringComparer.Ordinal).ToList();
        foreach (var (image, index) in images.Select(static (one, index) => (one, index)))
            writer.Row(index == 0 ? "Image versions" : "", image.Name, $"{image.Image}: {image.Count}");
        foreach (var (error, index) in errors.Select(static (one, index) => (one, index)))
            writer.Row(index == 0 ? "Errors:" : "", "cilium", "cilium", error);
        call.Print(writer.Flush());
        return 0;
    }

    private sealed record Workload(string Kind, string Name, long Desired, long Ready, long Available, long Unavailable, string Phases, IReadOnlyList<(string Image, int Count)> Images)
    {
        public IReadOnlyList<string> Errors => Desired > Ready ? [$"{Desired - Ready} pods of {Kind} {Name} are not ready"] : [];

        public static Workload? Of(ObjectStore store, ResourceType type, string name, string labels)
        {
            if (store.Find(type, CiliumConfiguration.Namespace, name)?.Json is not { } json)
                return null;
            var pods = store.List(ResourceTypes.Pods, CiliumConfiguration.Namespace, LabelSelector.Parse(labels)).Items;
            var isDaemonSet = type == ResourceTypes.DaemonSets;
            long Count(string field) => json.Number("status", field) ?? 0;
            return new Workload(type.Kind, name,
                isDaemonSet ? Count("desiredNumberScheduled") : Count("replicas"),
                isDaemonSet ? Count("numberReady") : Count("readyReplicas"),
                isDaemonSet ? Count("numberAvailable") : Count("availableReplicas"),
                isDaemonSet ? Count("numberUnavailable") : Count("unavailableReplicas"),
                string.Join(", ", pods.GroupBy(static pod => pod.Phase()).Select(static group => $"{group.Key}: {group.Count()}")),
                [.. pods.Select(static pod => pod.Json.Objects("spec", "containers").FirstOrDefault().Text("image") ?? "").GroupBy(static image => image).Select(static group => (group.Key, group.Count()))]);
        }
    }
}
