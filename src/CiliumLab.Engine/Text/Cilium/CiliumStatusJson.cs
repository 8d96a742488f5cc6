using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads models.StatusResponse of api/v1/models.</summary>
internal static partial class CiliumStatusJson
{
    public static IEnumerable<CiliumAgentStatus> Read(LineReader lines, string? node)
    {
        var (first, opening) = (lines.Number + 1, lines.Peek() ?? "");
        using var document = JsonOutput.Read(CiliumStatusText.Kind, lines);
        yield return Status(document.RootElement, node) ?? throw OutputErrors.NotThisOutput(CiliumStatusText.Kind, first, opening, "the JSON has no field cilium with a state");
    }

    /// <summary>A state by the word that text or JSON has for it.</summary>
    public static CiliumHealthState Health(string? word) => word?.ToUpperInvariant() switch
    {
        "OK" => CiliumHealthState.Ok,
        "BOOTSTRAP" => CiliumHealthState.Bootstrap,
        "PENDING" => CiliumHealthState.Pending,
        "WARNING" => CiliumHealthState.Warning,
        "FAILURE" => CiliumHealthState.Failure,
        "DISABLED" => CiliumHealthState.Disabled,
        _ => CiliumHealthState.Unknown,
    };

    /// <summary>The controllers of an agent or endpoint that fail.</summary>
    public static IReadOnlyList<CiliumControllerFailure> FailingControllers(JsonElement holder) =>
    [
        .. holder.Items("controllers")
            .Select(static controller => (Name: controller.Text("name"), Status: controller.Object("status")))
            .Where(static controller => controller.Status?.Integer("consecutive-failure-count") > 0)
            .Select(static controller => new CiliumControllerFailure(
                controller.Name ?? "",
                controller.Status?.Integer("consecutive-failure-count") ?? 0,
                controller.Status?.Text("last-failure-msg") ?? "",
                controller.Status?.Time("last-failure-timestamp"))),
    ];

    /// <summary>The version at a message's beginning; null when there is none.</summary>
    public static string? Version(string? message) => VersionForm().Match(message ?? "") is { Success: true } form ? form.Value : null;

    /// <summary>Whether kube-proxy is replaced; before 1.14 the mode had other names.</summary>
    public static bool? IsReplaced(string? mode) => mode switch
    {
        "True" or "Strict" => true,
        "False" or "Disabled" or "Partial" or "Probe" => false,
        _ => null,
    };

    private static CiliumAgentStatus? Status(JsonElement root, string? node)
    {
        if (root.Object("cilium") is not { } cilium || cilium.Text("state") is not { } state)
            return null;
        var message = cilium.Text("msg");
        var proxying = root.Object("kube-proxy-replacement");
        var routing = root.Object("routing");
        var masquerading = root.Object("masquerading");
        var protocols = masquerading?.Object("enabledProtocols");
        var ipam = root.Object("ipam");
        var (allocated, available) = CiliumStatusText.Ipam(ipam?.Text("status"));
        var proxy = root.Object("proxy");
        var controllers = root.Items("controllers").ToList();
        var failing = FailingControllers(root);
        return new CiliumAgentStatus
        {
            Node = node,
            State = Health(state),
            Message = message,
            Version = Version(message),
            Components =
            [
                .. new[] { ("KVStore", root.Object("kvstore")), ("ContainerRuntime", root.Object("container-runtime")), ("Kubernetes", root.Object("kubernetes")), ("Cilium health daemon", root.Object("cluster")?.Object("ciliumHealth")), ("Hubble", root.Object("hubble")) }
                    .Where(static one => one.Item2 is not null).Select(static one => new CiliumComponentStatus(one.Item1, Health(one.Item2?.Text("state")), one.Item2?.Text("msg"))),
            ],
            KubeProxyReplacement = IsReplaced(proxying?.Text("mode")),
            Devices =
            [
                .. proxying?.Items("deviceList").Select(static device => new CiliumStatusDevice(device.Text("name") ?? "", [.. device.Texts("ip").Select(static ip => CiliumValues.Address(ip)).OfType<IPAddress>()])) ?? [],
            ],
            DirectRoutingDevice = proxying?.Text("directRoutingDevice"),
            Routing = routing?.Text("inter-host-routing-mode") switch { "Native" => CiliumRoutingMode.Native, "Tunnel" => CiliumRoutingMode.Tunnel, _ => CiliumRoutingMode.Unknown },
            TunnelProtocol = routing?.Text("tunnel-protocol"),
            HostRouting = routing?.Text("intra-host-routing-mode"),
            AttachMode = root.Text("attach-mode"),
            DeviceMode = root.Text("datapath-mode"),
            Masquerading = masquerading is null ? null : masquerading?.Boolean("enabled") == true ? masquerading?.Text("mode") : "Disabled",
            MasqueradesIPv4 = protocols?.Boolean("ipv4") == true,
            MasqueradesIPv6 = protocols?.Boolean("ipv6") == true,
            NativeRoutingCidr = CiliumValues.TryPrefix(masquerading?.Text("snat-exclusion-cidr-v4") ?? masquerading?.Text("snat-exclusion-cidr"), out var prefix, out _) ? prefix : null,
            Ipam = ipam?.Text("status")?.TrimEnd(' ', ','),
            AllocatedIPv4 = allocated,
            AvailableIPv4 = available,
            Allocations = [.. Allocations(ipam)],
            ControllerCount = controllers.Count,
            HealthyControllerCount = controllers.Count - failing.Count,
            FailingControllers = failing,
            Proxy = proxy is null ? null : $"ip {proxy?.Text("ip")}, {proxy?.Integer("total-redirects") ?? 0} redirects active on ports {proxy?.Text("port-range")}, Envoy: {proxy?.Text("envoy-deployment-mode")}",
            ProxyRedirectCount = proxy is null ? null : proxy?.Int32("total-redirects") ?? 0,
            Encryption = root.Object("encryption")?.Text("mode"),
            ClockSource = root.Object("clock-source")?.Text("mode"),
            HostFirewall = root.Object("host-firewall")?.Text("mode"),
            BandwidthManager = root.Object("bandwidth-manager") is { } bandwidth ? bandwidth.Boolean("enabled") == true ? $"EDT with BPF [{bandwidth.Text("congestionControl")?.ToUpperInvariant()}] [{string.Join(", ", bandwidth.Texts("devices"))}]" : "Disabled" : null,
        };
    }

    private static IEnumerable<CiliumAllocation> Allocations(JsonElement? ipam) =>
        ipam?.Object("allocations") is not { } allocations
            ? []
            : allocations.EnumerateObject().Select(static one => CiliumValues.TryAddress(one.Name, out var address) && Owner(one.Value) is { } owner ? new CiliumAllocation(address, owner) : null).OfType<CiliumAllocation>();

    private static string? Owner(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    [GeneratedRegex(@"^\d+\.\d+\.\d+[\w.+-]*")]
    private static partial Regex VersionForm();
}
