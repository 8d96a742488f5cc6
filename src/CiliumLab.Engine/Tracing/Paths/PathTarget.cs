using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>What a trace goes to.</summary>
internal sealed record PathTarget
{
    /// <summary>As it was named.</summary>
    public required string Named { get; init; }

    /// <summary>The name that the sender's resolver is asked for; null when an address was named.</summary>
    public string? HostName { get; init; }

    /// <summary>The address; null when only DNS outside the cluster could tell it.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The port; null for ICMP.</summary>
    public int? Port { get; init; }

    /// <summary>The service that it is; null for none.</summary>
    public LabService? Service { get; init; }

    /// <summary>
    /// Finds out what a name stands for: an address is itself; then a service by its short or DNS name, a pod, a node; and what is none of
    /// these is a host name for DNS.
    /// </summary>
    /// <param name="facts">The cluster.</param>
    /// <param name="ns">The sender's namespace.</param>
    /// <param name="question">What was asked.</param>
    /// <exception cref="LabException"><c>PathDestinationInvalid</c>, or <c>PodHasNoAddress</c>.</exception>
    public static PathTarget Find(PathFacts facts, string ns, PathQuestion question)
    {
        var (name, port) = Split(question.To);
        var wanted = question.Protocol is TransportProtocol.Icmp or TransportProtocol.IcmpV6 ? null : question.Port ?? port;
        if (IPAddress.TryParse(name, out var address))
            return AtAddress(facts, question, address, wanted);
        if (ServiceNamed(facts, ns, name) is { } service)
            return AtService(question, service, wanted, HostNameOf(name));
        if (PodNamed(facts, ns, name) is { } pod)
            return new PathTarget { Named = question.To, Address = pod.Address ?? throw NoAddress(pod), Port = PortOr(wanted, question) };
        if (facts.Nodes.FirstOrDefault(node => string.Equals(node.Node, name, StringComparison.OrdinalIgnoreCase)) is { InternalIps: [var own, ..] })
            return new PathTarget { Named = question.To, Address = own, Port = PortOr(wanted, question) };
        if (name.Length == 0 || Uri.CheckHostName(name) != UriHostNameType.Dns)
            throw Invalid(question.To);
        return new PathTarget { Named = question.To, HostName = name, Port = PortOr(wanted, question) };
    }

    private static PathTarget AtAddress(PathFacts facts, PathQuestion question, IPAddress address, int? port) =>
        facts.Services.FirstOrDefault(one => address.Equals(one.ClusterIp)) is { } service
            ? AtService(question, service, port, null)
            : new PathTarget { Named = question.To, Address = address, Port = PortOr(port, question) };

    private static PathTarget AtService(PathQuestion question, LabService service, int? port, string? hostName)
    {
        var protocol = question.Protocol.ToString().ToUpperInvariant();
        var ports = service.Ports.Where(one => one.Protocol == protocol).ToList();
        var chosen = port ?? (ports.Find(one => one.Port == 80) ?? ports.FirstOrDefault())?.Port;
        return new PathTarget { Named = question.To, HostName = hostName, Address = service.ClusterIp, Port = PortOr(chosen, question), Service = service };
    }

    private static int? PortOr(int? port, PathQuestion question) =>
        question.Protocol is TransportProtocol.Icmp or TransportProtocol.IcmpV6 ? null : port ?? 80;

    private static LabService? ServiceNamed(PathFacts facts, string ns, string name)
    {
        var parts = name.Split('/') is [var space, var plain] ? [plain, space] : name.TrimEnd('.').Split('.');
        if (parts.Length > 3 && !string.Join('.', parts[2..]).Equals("svc.cluster.local", StringComparison.Ordinal))
            return null;
        if (parts.Length == 3 && parts[2] != "svc")
            return null;
        return facts.Services.FirstOrDefault(service => service.Service == parts[0] && service.Namespace == (parts.Length > 1 ? parts[1] : ns));
    }

    private static string? HostNameOf(string name) => name.Split('/') is [var space, var plain] ? $"{plain}.{space}" : name;

    private static LabPod? PodNamed(PathFacts facts, string ns, string name)
    {
        var (space, plain) = name.Split('/') is [var first, var second] ? (first, second) : (ns, name);
        return facts.Pods.FirstOrDefault(pod => pod.Namespace == space && pod.Pod == plain);
    }

    // "webpod:8080", "10.96.0.10:53", "[fd00::1]:80"; an IPv6 address without brackets has no port.
    private static (string Name, int? Port) Split(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal))
            return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? (url.Host.Trim('[', ']'), url.Port) : throw Invalid(text);
        if (IPAddress.TryParse(text, out _))
            return (text, null);
        var colon = text.LastIndexOf(':');
        return colon > 0 && int.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out var port) && port is > 0 and <= 65535
            ? (text[..colon].Trim('[', ']'), port)
            : (text, null);
    }

    private static LabException Invalid(string name) =>
        new(
            "PathDestinationInvalid",
            LabErrorKind.InvalidArgument,
            $"'{name}' is nothing that a packet can go to.",
            name,
            "Name a pod, a service, a node, an address or a host name with -To; with a port as webpod:80.");

    private static LabException NoAddress(LabPod pod) =>
        new(
            "PodHasNoAddress",
            LabErrorKind.InvalidOperation,
            $"Pod '{pod.Namespace}/{pod.Pod}' has no address: {pod.Reason ?? pod.Phase.ToString()}.",
            pod.Pod,
            $"See why: Get-LabPod -Namespace {pod.Namespace} -Name {pod.Pod} | Format-List");
}
