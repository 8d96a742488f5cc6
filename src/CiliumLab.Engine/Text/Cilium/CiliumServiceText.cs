using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>cilium-dbg service list</c>, text (until 1.17 with the service's number, before 1.16 without protocols) and JSON
/// (models.Service).
/// </summary>
public static partial class CiliumServiceText
{
    private const string Kind = "CiliumServiceList";

    private static readonly Dictionary<string, CiliumBackendState> States = new(StringComparer.Ordinal)
    {
        ["active"] = CiliumBackendState.Active,
        ["terminating"] = CiliumBackendState.Terminating,
        ["terminating-not-serving"] = CiliumBackendState.TerminatingNotServing,
        ["quarantined"] = CiliumBackendState.Quarantined,
        ["maintenance"] = CiliumBackendState.Maintenance,
    };

    /// <summary>Reads the services in the output's order, each as soon as it is whole.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<CiliumService> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => JsonItems.OfArray(Kind, lines, warn, "a service with its frontend", item => FromJson(item, node)),
            OutputForm.Text => new TextRows<CiliumService>(Kind, "a frontend, its type and its backends", line => Row(line, node))
            {
                IsHeading = static line => Heading().IsMatch(line),
                Extend = static (service, line) => Backend(line) is { } backend ? service with { Backends = [.. service.Backends, backend] } : null,
            }.Read(lines, warn),
            _ => [],
        };
    }

    private static CiliumService? Row(string line, string? node)
    {
        if (Columns().Match(line) is not { Success: true } columns || !CiliumValues.TryFrontend(columns.Groups["frontend"].Value, out var frontend))
            return null;
        var first = Backend(columns.Groups["backend"].Value);
        if (first is null && columns.Groups["backend"].Length > 0)
            return null;
        return new CiliumService
        {
            Node = node,
            ServiceId = ushort.TryParse(columns.Groups["id"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null,
            Address = frontend.Address,
            Port = frontend.Port,
            Protocol = frontend.Protocol,
            IsInternal = frontend.IsInternal,
            Type = Type(columns.Groups["type"].Value),
            Backends = first is null ? [] : [first],
        };
    }

    private static CiliumServiceBackend? Backend(string text) =>
        BackendCell().Match(text) is { Success: true } cell && CiliumValues.TryFrontend(cell.Groups["address"].Value, out var address)
            ? new CiliumServiceBackend(address.Address, address.Port, address.Protocol, State(cell.Groups["state"].Value))
            {
                IsPreferred = cell.Groups["preferred"].Success,
            }
            : null;

    private static CiliumService? FromJson(JsonElement item, string? node)
    {
        var spec = item.Object("spec");
        if ((item.Object("status")?.Object("realized") ?? spec) is not { } realized
            || realized.Object("frontend-address") is not { } frontend
            || CiliumValues.Address(frontend.Text("ip")) is not { } address)
        {
            return null;
        }

        var flags = realized.Object("flags") ?? spec?.Object("flags");
        var protocol = CiliumValues.Protocol(frontend.Text("protocol")) ?? TransportProtocol.Any;
        return new CiliumService
        {
            Node = node,
            ServiceId = realized.UInt16("id") is > 0 and var id ? id : null,
            Namespace = flags?.Text("namespace"),
            Name = flags?.Text("name"),
            Address = address,
            Port = frontend.UInt16("port") ?? 0,
            Protocol = protocol,
            IsInternal = frontend.Text("scope") == "internal",
            Type = Type(flags?.Text("type")),
            ExternalTrafficPolicy = Policy(flags?.Text("extTrafficPolicy") ?? flags?.Text("trafficPolicy")),
            InternalTrafficPolicy = Policy(flags?.Text("intTrafficPolicy")),
            HealthCheckNodePort = flags?.UInt16("healthCheckNodePort") is > 0 and var check ? check : null,
            Backends = [.. realized.Items("backend-addresses").Select(backend => Backend(backend, protocol)).OfType<CiliumServiceBackend>()],
        };
    }

    private static CiliumServiceBackend? Backend(JsonElement item, TransportProtocol protocol) => CiliumValues.Address(item.Text("ip")) is not { } address
        ? null
        : new CiliumServiceBackend(address, item.UInt16("port") ?? 0, CiliumValues.Protocol(item.Text("protocol")) ?? protocol, State(item.Text("state")))
        {
            NodeName = item.Text("nodeName"),
            Zone = item.Text("zone"),
            Weight = item.Int32("weight"),
            IsPreferred = item.Boolean("preferred") == true,
        };

    // What says nothing of its state is in use, as in versions before there were states.
    private static CiliumBackendState State(string? word) =>
        string.IsNullOrEmpty(word) ? CiliumBackendState.Active : States.GetValueOrDefault(word, CiliumBackendState.Unknown);

    private static CiliumServiceType Type(string? word) =>
        Enum.TryParse<CiliumServiceType>(word, out var type) && Enum.IsDefined(type) ? type : CiliumServiceType.Unknown;

    private static ServiceTrafficPolicy? Policy(string? word) => word switch
    {
        "Cluster" => ServiceTrafficPolicy.Cluster,
        "Local" => ServiceTrafficPolicy.Local,
        _ => null,
    };

    [GeneratedRegex(@"^(?:ID\s+)?Frontend\s+Service Type\s+Backend")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^(?:(?<id>\d+)\s+)?(?<frontend>\S+)\s+(?<type>ClusterIP|NodePort|ExternalIPs|HostPort|LoadBalancer|LocalRedirect)(?: \(Remote\))?(?:\s+(?<backend>\d+ => .*?))?\s*$")]
    private static partial Regex Columns();

    [GeneratedRegex(@"^\s*\d+ => (?<address>\S+)(?: \((?<state>[a-z-]+)\))?(?<preferred> \(preferred\))?\s*$")]
    private static partial Regex BackendCell();
}
