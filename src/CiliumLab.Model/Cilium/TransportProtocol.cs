namespace CiliumLab.Model;

/// <summary>A protocol above IP, by its number; those without a name are kept as numbers.</summary>
public enum TransportProtocol
{
    /// <summary>Every protocol, or none that is known.</summary>
    Any = 0,

    /// <summary>ICMP.</summary>
    Icmp = 1,

    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,

    /// <summary>ICMP of IPv6.</summary>
    IcmpV6 = 58,

    /// <summary>SCTP.</summary>
    Sctp = 132,
}

/// <summary>The direction of traffic, seen from an endpoint.</summary>
public enum TrafficDirection
{
    /// <summary>To the endpoint.</summary>
    Ingress,

    /// <summary>From the endpoint.</summary>
    Egress,
}
