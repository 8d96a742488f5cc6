using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>cilium-dbg status</c>, text with any of its options (FormatStatusResponse of pkg/client) and JSON (models.StatusResponse).
/// </summary>
public static partial class CiliumStatusText
{
    internal const string Kind = "CiliumStatus";

    // Lines that no other command prints; one of them must be there.
    private static readonly string[] Marks = ["KVStore", "KubeProxyReplacement", "Cilium", "NodeMonitor", "IPAM", "Controller Status", "Proxy Status", "Modules Health"];

    private static readonly string[] ComponentNames = ["KVStore", "ContainerRuntime", "Kubernetes", "Cilium health daemon", "Hubble"];

    /// <summary>Reads the agent's status.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<CiliumAgentStatus> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => CiliumStatusJson.Read(lines, node),
            OutputForm.Text => Lines(lines, node, warn),
            _ => [],
        };
    }

    private static IEnumerable<CiliumAgentStatus> Lines(LineReader lines, string? node, Action<TextWarning> warn)
    {
        var start = new OutputStart(Kind, warn);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        var allocations = new List<CiliumAllocation>();
        var failures = new List<CiliumControllerFailure>();
        var section = "";
        var (first, opening) = (0, "");
        while (lines.Next() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (first == 0)
                (first, opening) = (lines.Number, line);

            // The logo's roof.
            if (first == lines.Number && line.Contains("/\u00af\u00af\\", StringComparison.Ordinal))
                throw OutputErrors.NotThisOutput(Kind, first, opening, "this is the status of the whole cluster, by cilium-cli; this kind reads an agent's own, by cilium-dbg status");
            if (char.IsWhiteSpace(line[0]) || line[0] == '\u2514')
            {
                if (section.Length == 0)
                    start.Warn(new TextWarning(lines.Number, line, "expected a setting"));
                else if (Allocation().Match(line) is { Success: true } allocation && section == "Allocated addresses" && CiliumValues.TryAddress(allocation.Groups[1].Value, out var address))
                    allocations.Add(new CiliumAllocation(address, allocation.Groups[2].Value));
                else if (Controller().Match(line) is { Success: true } controller && section == "Controller Status" && controller.Groups["message"].Value != "no error")
                    failures.Add(Failure(controller));
                else if (Setting().Match(line.Trim().TrimStart('-', ' ')) is { Success: true } detail)
                    settings[$"{section}/{detail.Groups[1].Value}"] = detail.Groups[2].Value.Trim();
                continue;
            }

            if (Setting().Match(line) is { Success: true } setting)
            {
                section = setting.Groups[1].Value;
                settings[section] = setting.Groups[2].Value.Trim();
                if (Marks.Contains(section))
                    start.Understood();
            }
            else if (!HealthColumns().IsMatch(line))
            {
                start.Warn(new TextWarning(lines.Number, line, "expected a setting"));
            }
        }

        if (settings.Count == 0)
        {
            start.AtEnd();
            yield break;
        }

        // KVStore and others are as short as what other programs print: two are enough, or the one that only an agent prints.
        if (settings.Keys.Count(Marks.Contains) < 2 && !settings.ContainsKey("Controller Status"))
            throw OutputErrors.NotThisOutput(Kind, first, opening);
        yield return Status(settings, node) with { Allocations = allocations, FailingControllers = failures };
    }

    private static CiliumAgentStatus Status(Dictionary<string, string> settings, string? node)
    {
        string? Value(string name) => settings.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
        var (state, message) = StateOf(Value("Cilium"));
        var routing = RoutingForm().Match(Value("Routing") ?? "");
        var masquerading = Value("Masquerading");
        var cidr = masquerading is null ? null : CidrForm().Match(masquerading);
        var ipam = Ipam(Value("IPAM"));
        var controllers = Fraction().Match(Value("Controller Status") ?? "");
        var cluster = Fraction().Match(Value("Cluster health") ?? "");
        var modules = ModulesForm().Match(Value("Modules Health") ?? "");
        var devices = DevicesForm().Match(Value("KubeProxyReplacement") ?? "");
        var proxy = Value("Proxy Status");
        return new CiliumAgentStatus
        {
            Node = node,
            State = state,
            Message = message,
            Version = CiliumStatusJson.Version(message),
            Components =
            [
                .. ComponentNames.Where(settings.ContainsKey)
                    .Select(name => (Name: name, Said: StateOf(settings[name]))).Select(static one => new CiliumComponentStatus(one.Name, one.Said.State, one.Said.Message)),
            ],
            KubeProxyReplacement = Value("KubeProxyReplacement") is { } replacement ? CiliumStatusJson.IsReplaced(replacement.Split(' ')[0]) : null,
            Devices = [.. Devices(devices.Groups["devices"].Value).Select(static device => device.Device)],
            DirectRoutingDevice = Devices(devices.Groups["devices"].Value).FirstOrDefault(static device => device.IsDirect).Device?.Name,
            Routing = routing.Groups["network"].Value switch { "Native" => CiliumRoutingMode.Native, "Tunnel" => CiliumRoutingMode.Tunnel, _ => CiliumRoutingMode.Unknown },
            TunnelProtocol = routing.Groups["tunnel"] is { Success: true } tunnel ? tunnel.Value : null,
            HostRouting = routing.Groups["host"] is { Success: true } host ? host.Value : null,
            AttachMode = Value("Attach Mode") switch { "TCX" => "tcx", "Legacy TC" => "tc", var other => other },
            DeviceMode = Value("Device Mode"),
            Masquerading = masquerading is null ? null : masquerading.StartsWith("IPTables", StringComparison.Ordinal) ? "iptables" : masquerading.Split(' ')[0],
            MasqueradesIPv4 = masquerading?.Contains("IPv4: Enabled", StringComparison.Ordinal) == true,
            MasqueradesIPv6 = masquerading?.Contains("IPv6: Enabled", StringComparison.Ordinal) == true,
            NativeRoutingCidr = cidr is { Success: true } && CiliumValues.TryPrefix(cidr.Value, out var prefix, out _) ? prefix : null,
            Ipam = Value("IPAM")?.TrimEnd(' ', ','),
            AllocatedIPv4 = ipam.Allocated,
            AvailableIPv4 = ipam.Available,
            HealthyControllerCount = Number(controllers.Groups[1].Value),
            ControllerCount = Number(controllers.Groups[2].Value),
            Proxy = proxy,
            ProxyRedirectCount = Number(RedirectsForm().Match(proxy ?? "").Groups[1].Value),
            Encryption = Value("Encryption")?.Split(' ')[0].TrimEnd(':'),
            ClockSource = Value("Clock Source for BPF")?.Split(' ')[0],
            HostFirewall = Value("Host firewall")?.Split(' ')[0],
            BandwidthManager = Value("BandwidthManager"),
            ReachableNodes = Number(cluster.Groups[1].Value),
            ProbedNodes = Number(cluster.Groups[2].Value),
            StoppedModules = Number(modules.Groups[1].Value),
            DegradedModules = Number(modules.Groups[2].Value),
            HealthyModules = Number(modules.Groups[3].Value),
            Settings = settings,
        };
    }

    /// <summary>How many IPv4 addresses are in use, of how many.</summary>
    internal static (int? Allocated, int? Available) Ipam(string? text) =>
        IpamForm().Match(text ?? "") is { Success: true } form ? (Number(form.Groups[1].Value), Number(form.Groups[2].Value)) : (null, null);

    // eth0    10.0.2.15 fd17::1, eth1   192.168.10.100 (Direct Routing)
    private static IEnumerable<(CiliumStatusDevice Device, bool IsDirect)> Devices(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static device => (
            new CiliumStatusDevice(device.Split(' ')[0], [.. device.Split(' ').Skip(1).Select(static word => CiliumValues.Address(word)).OfType<IPAddress>()]),
            device.Contains("(Direct Routing)", StringComparison.Ordinal)));

    private static (CiliumHealthState State, string? Message) StateOf(string? value)
    {
        if (value is null)
            return (CiliumHealthState.Unknown, null);
        var blank = value.IndexOf(' ', StringComparison.Ordinal);
        var message = blank < 0 ? "" : value[blank..].Trim();
        return (CiliumStatusJson.Health(blank < 0 ? value : value[..blank]), message.Length == 0 ? null : message);
    }

    private static CiliumControllerFailure Failure(Match row) => new(
        row.Groups["name"].Value.Trim(),
        long.TryParse(row.Groups["count"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0,
        row.Groups["message"].Value.Trim(),
        null);

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@"^([A-Za-z][\w ()/.-]*?):(?:\s+(.*))?$")]
    private static partial Regex Setting();

    [GeneratedRegex(@"^Name\s+IP\s+(?:Node|Reachable)\s")]
    private static partial Regex HealthColumns();

    [GeneratedRegex(@"^\s+(\S+) \((.*)\)\s*$")]
    private static partial Regex Allocation();

    [GeneratedRegex(@"^\s+(?<name>\S.*?)\s{2,}(?<success>never|\S+ ago)\s+(?<failure>never|\S+ ago)\s+(?<count>\d+)\s+(?<message>\S.*?)\s*$")]
    private static partial Regex Controller();

    [GeneratedRegex(@"^(\d+)/(\d+) ")]
    private static partial Regex Fraction();

    [GeneratedRegex(@"^Stopped\((\d+)\) Degraded\((\d+)\) OK\((\d+)\)")]
    private static partial Regex ModulesForm();

    [GeneratedRegex(@"^Network: (?<network>\w+)(?: \[(?<tunnel>[^\]]*)\])?\s+Host: (?<host>\w+)")]
    private static partial Regex RoutingForm();

    [GeneratedRegex(@"(?<=\]\s+)[0-9a-fA-F.:]+/\d+")]
    private static partial Regex CidrForm();

    [GeneratedRegex(@"IPv4: (\d+)/(\d+) allocated")]
    private static partial Regex IpamForm();

    [GeneratedRegex(@"\[(?<devices>[^\]]*)\]")]
    private static partial Regex DevicesForm();

    [GeneratedRegex(@"(\d+) redirects active")]
    private static partial Regex RedirectsForm();
}
