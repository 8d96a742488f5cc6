using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>Services: defaults, addresses out of the service CIDR, node ports.</summary>
internal sealed class ServiceRules : ResourceRules
{
    /// <inheritdoc/>
    public override string? CheckName(string name) => NameRules.Service(name);

    /// <inheritdoc/>
    public override void Default(JsonObject obj, RuleContext context)
    {
        var spec = obj.Ensure("spec");
        spec.Default("type", "ClusterIP");
        spec.Default("sessionAffinity", "None");
        if (spec.Text("sessionAffinity") == "ClientIP")
            spec.Ensure("sessionAffinityConfig", "clientIP").Default("timeoutSeconds", 10800);
        foreach (var port in spec.Objects("ports"))
        {
            port.Default("protocol", "TCP");
            if (port["targetPort"] is null || port["targetPort"].AsDisplay() is "" or "0")
                port["targetPort"] = port["port"]?.DeepClone();
        }
        var type = spec.Text("type");
        if (type != "ExternalName")
            spec.Default("internalTrafficPolicy", "Cluster");
        if (type is "NodePort" or "LoadBalancer")
            spec.Default("externalTrafficPolicy", "Cluster");
        if (type == "LoadBalancer")
            spec.Default("allocateLoadBalancerNodePorts", true);
    }

    /// <inheritdoc/>
    public override void OnCreate(JsonObject obj, RuleContext context)
    {
        obj["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
        Allocate(obj, context);
    }

    /// <inheritdoc/>
    public override void OnUpdate(JsonObject obj, JsonObject old, RuleContext context)
    {
        if (context.Subresource == "status")
            return;
        var spec = obj.Ensure("spec");
        var before = old.Object("spec");
        var sameType = spec.Text("type") == before.Text("type");
        if (spec.Text("type") == "ExternalName")
        {
            if (!sameType)
            {
                foreach (var field in (ReadOnlySpan<string>)["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"])
                    spec.Remove(field);
            }
        }
        else if (before.Text("clusterIP") is { Length: > 0 } address && spec.Text("clusterIP") is null or "")
        {
            spec["clusterIP"] = address;
            spec.Default("clusterIPs", before!["clusterIPs"]?.DeepClone());
            spec.Default("ipFamilies", before["ipFamilies"]?.DeepClone());
            spec.Default("ipFamilyPolicy", before["ipFamilyPolicy"]?.DeepClone());
        }
        var keepsPorts = spec.Text("type") is "NodePort" or "LoadBalancer";
        foreach (var port in spec.Objects("ports"))
        {
            if (!keepsPorts)
            {
                if (!sameType)
                    port.Remove("nodePort");
            }
            else if (port.Number("nodePort") is null or 0)
            {
                var same = before.Objects("ports").FirstOrDefault(p => p.Number("port") == port.Number("port") && p.Text("protocol") == port.Text("protocol"));
                if (same.Number("nodePort") is { } number && spec.Objects("ports").All(p => p.Number("nodePort") != number))
                    port["nodePort"] = number;
            }
        }
        if (!keepsPorts && !sameType)
            spec.Remove("externalTrafficPolicy");
        Allocate(obj, context);
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject obj, RuleContext context, FieldErrors errors)
    {
        var spec = obj.Object("spec")!;
        var type = spec.Text("type");
        if (type is not ("ClusterIP" or "ExternalName" or "LoadBalancer" or "NodePort"))
            errors.NotSupported("spec.type", type, "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        if (type == "ExternalName")
        {
            if (spec.Text("externalName") is not { Length: > 0 })
                errors.Required("spec.externalName");
            return;
        }
        var ports = spec.Array("ports");
        if (ports is null or { Count: 0 } && spec.Text("clusterIP") != "None")
            errors.Required("spec.ports");
        var names = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (port, at) in PodSpecChecks.Indexed(ports, "spec.ports"))
        {
            var name = port.Text("name") ?? "";
            if (name.Length == 0 && ports!.Count > 1)
                errors.Required(at + ".name");
            else if (name.Length > 0 && NameRules.Label(name) is { } complaint)
                errors.Invalid(at + ".name", name, complaint);
            else if (name.Length > 0 && !names.Add(name))
                errors.Duplicate(at + ".name", name);
            if (port.Number("port") is not (>= 1 and <= 65535))
                errors.Invalid(at + ".port", port.Number("port") ?? 0, "must be between 1 and 65535, inclusive");
            if (port["targetPort"].AsNumber() is { } target and not (>= 1 and <= 65535))
                errors.Invalid(at + ".targetPort", target, "must be between 1 and 65535, inclusive");
            if (port.Text("protocol") is { } protocol and not ("TCP" or "UDP" or "SCTP"))
                errors.NotSupported(at + ".protocol", protocol, "SCTP", "TCP", "UDP");
            if (!numbers.Add($"{port.Text("protocol")}/{port.Number("port")}"))
                errors.Duplicate(at, new JsonObject { ["port"] = port.Number("port"), ["protocol"] = port.Text("protocol") });
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, RuleContext context, FieldErrors errors)
    {
        var address = old.Text("spec", "clusterIP");
        if (address is { Length: > 0 } && obj.Text("spec", "type") != "ExternalName" && obj.Text("spec", "clusterIP") is { Length: > 0 } next && next != address)
            errors.InvalidGo("spec.clusterIPs[0]", $"[]string{{\"{next}\"}}", "may not change once set");
    }

    private static void Allocate(JsonObject obj, RuleContext context)
    {
        var spec = obj.Ensure("spec");
        if (spec.Text("type") == "ExternalName")
            return;
        var services = context.Store.List(context.Type).Items.Where(s => s.Uid != obj.Text("metadata", "uid")).ToList();
        if (spec.Text("clusterIP") is not { Length: > 0 } && spec.Texts("clusterIPs").FirstOrDefault() is { } listed)
            spec["clusterIP"] = listed;
        var taken = services.Select(static s => s.Json.Text("spec", "clusterIP")).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (spec.Text("clusterIP") is not { Length: > 0 } address)
            spec["clusterIP"] = FreeAddress(context, taken);
        else if (address != "None")
            CheckAddress(obj, address, taken, context);
        spec["clusterIPs"] = new JsonArray(spec.Text("clusterIP"));
        spec.Default("ipFamilies", new JsonArray("IPv4"));
        spec.Default("ipFamilyPolicy", "SingleStack");
        if (spec.Text("type") is not ("NodePort" or "LoadBalancer"))
            return;
        var used = services.SelectMany(static s => s.Json.Objects("spec", "ports")).Select(static p => (p.Number("nodePort") ?? 0, p.Text("protocol"))).ToHashSet();
        foreach (var (port, at) in PodSpecChecks.Indexed(spec.Array("ports"), "spec.ports"))
            AllocatePort(obj, port, at, used, context);
    }

    private static void AllocatePort(JsonObject obj, JsonObject port, string at, HashSet<(long, string?)> used, RuleContext context)
    {
        var settings = context.Settings;
        var errors = new FieldErrors();
        if (port.Number("nodePort") is { } wanted and > 0)
        {
            if (wanted < settings.NodePortFirst || wanted > settings.NodePortLast)
                errors.Invalid(at + ".nodePort", wanted, $"provided port is not in the valid range. The range of valid ports is {settings.NodePortFirst}-{settings.NodePortLast}");
            else if (!used.Add((wanted, port.Text("protocol"))))
                errors.Invalid(at + ".nodePort", wanted, "provided port is already allocated");
            if (errors.All.Count > 0)
                throw ApiException.Invalid(context.Type, obj.Text("metadata", "name") ?? "", errors);
            return;
        }
        var count = settings.NodePortLast - settings.NodePortFirst + 1;
        var start = context.Seed.Next(count);
        for (var i = 0; i < count; i++)
        {
            long number = settings.NodePortFirst + ((start + i) % count);
            if (used.Any(u => u.Item1 == number))
                continue;
            used.Add((number, port.Text("protocol")));
            port["nodePort"] = number;
            return;
        }
        throw new ApiException(500, "InternalError", "Internal error occurred: failed to allocate a nodePort: range is full");
    }

    private static void CheckAddress(JsonObject obj, string address, HashSet<string> taken, RuleContext context)
    {
        var errors = new FieldErrors();
        var shown = $"[]string{{\"{address}\"}}";
        if (!IPAddress.TryParse(address, out var ip))
            errors.InvalidGo("spec.clusterIPs[0]", $"\"{address}\"", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        else if (ip.AddressFamily != AddressFamily.InterNetwork || !context.Settings.ServiceCidr.Contains(ip))
            errors.InvalidGo("spec.clusterIPs", shown, $"failed to allocate IP {address}: the provided IP ({address}) is not in the valid range. The range of valid IPs is {context.Settings.ServiceCidr}");
        else if (taken.Contains(address))
            errors.InvalidGo("spec.clusterIPs", shown, $"failed to allocate IP {address}: provided IP is already allocated");
        if (errors.All.Count > 0)
            throw ApiException.Invalid(context.Type, obj.Text("metadata", "name") ?? "", errors);
    }

    /// <summary>Upstream keeps the lower part of the range for addresses that people ask for.</summary>
    private static string FreeAddress(RuleContext context, HashSet<string> taken)
    {
        var cidr = context.Settings.ServiceCidr;
        var bytes = cidr.BaseAddress.GetAddressBytes();
        var network = (uint)((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]);
        var size = 1u << (32 - cidr.PrefixLength);
        var reserved = Math.Clamp(size / 16, 16, 256);
        if (size <= 32)
            reserved = 1;
        var dynamic = size - 1 - reserved;
        var start = (uint)context.Seed.Next((int)dynamic);
        for (var i = 0u; i < size - 2; i++)
        {
            var offset = i < dynamic ? reserved + ((start + i) % dynamic) : 1 + (i - dynamic);
            var address = Format(network + offset);
            if (!taken.Contains(address))
                return address;
        }
        throw new ApiException(500, "InternalError", "Internal error occurred: failed to allocate a serviceIP: range is full");
    }

    private static string Format(uint address) => string.Create(CultureInfo.InvariantCulture,
        $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}");
}
