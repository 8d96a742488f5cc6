using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>A way that is asked for.</summary>
/// <param name="From">The pod that sends: its name, or <c>namespace/name</c>.</param>
/// <param name="Namespace">The namespace of what is named without one.</param>
/// <param name="To">A pod, a service, a node, an address or a host name, possibly with a port.</param>
/// <param name="Protocol">TCP, UDP or ICMP.</param>
/// <param name="Port">The port; null for the destination's own.</param>
public sealed record PathQuestion(string From, string Namespace, string To, TransportProtocol Protocol, int? Port);
