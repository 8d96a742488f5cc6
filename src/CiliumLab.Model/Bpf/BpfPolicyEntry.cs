namespace CiliumLab.Model;

/// <summary>What a policy entry says.</summary>
public enum BpfPolicyVerdict
{
    /// <summary>The traffic passes.</summary>
    Allow,

    /// <summary>The traffic is dropped.</summary>
    Deny,
}

/// <summary>An entry of an endpoint's policy map.</summary>
public sealed record BpfPolicyEntry
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The endpoint whose map it is; null when the output is of one endpoint and does not say which.</summary>
    public int? EndpointId { get; init; }

    /// <summary>The map; null when the output does not say.</summary>
    public string? MapName { get; init; }

    /// <summary>What happens.</summary>
    public required BpfPolicyVerdict Verdict { get; init; }

    /// <summary>To or from the endpoint.</summary>
    public required TrafficDirection Direction { get; init; }

    /// <summary>The identity of the other side, 0 for everybody; null from labels that are no reserved identity's.</summary>
    public uint? IdentityId { get; init; }

    /// <summary>The identity's name: <c>ANY</c>, a reserved one's, else its number; null when it is not known.</summary>
    public string? Identity => IdentityId switch { null => null, 0 => "ANY", { } id => ReservedIdentity.Name(id) };

    /// <summary>The other side's labels; none with <c>-n</c>, from JSON, and for everybody.</summary>
    public LabelDictionary Labels { get; init; } = LabelDictionary.Empty;

    /// <summary>The protocol; any when it does not matter.</summary>
    public TransportProtocol Protocol { get; init; }

    /// <summary>The port, or the first of a range; 0 when it does not matter.</summary>
    public int Port { get; init; }

    /// <summary>The last port of a range; the same as <see cref="Port"/> for one port, and 65535 when it does not matter.</summary>
    public int LastPort { get; init; }

    /// <summary>The proxy's port that the traffic is sent to; null for none.</summary>
    public int? ProxyPort { get; init; }

    /// <summary>Which authentication is asked for, such as <c>disabled</c> or <c>spire</c>; null before 1.14.</summary>
    public string? Authentication { get; init; }

    /// <summary>Bytes that met the entry; null when the agent cannot say.</summary>
    public ulong? Bytes { get; init; }

    /// <summary>Packets that met the entry; null when the agent cannot say.</summary>
    public ulong? Packets { get; init; }

    /// <summary>How many bits of protocol and port must match; null before 1.15.</summary>
    public int? PrefixLength { get; init; }

    /// <summary>The number of the rule for logs; null before 1.18.</summary>
    public uint? Cookie { get; init; }

    /// <summary>Protocol and port as Cilium writes them.</summary>
    public string PortAndProtocol => Protocol == TransportProtocol.Any && Port == 0
        ? "ANY"
        : (Port == 0 ? "" : Port == LastPort ? $"{Port}/" : $"{Port}-{LastPort}/") + Protocol.ToString().ToUpperInvariant();
}
