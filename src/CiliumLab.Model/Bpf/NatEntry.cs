using System.Net;

namespace CiliumLab.Model;

/// <summary>Which side of a packet a translation changes.</summary>
public enum NatKind
{
    /// <summary>The source, of a packet that leaves.</summary>
    Source,

    /// <summary>The destination, of an answer that comes in.</summary>
    Destination,
}

/// <summary>A translation of addresses that Cilium's datapath makes.</summary>
public sealed record NatEntry
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The protocol.</summary>
    public required TransportProtocol Protocol { get; init; }

    /// <summary>Whether the packet leaves or comes in.</summary>
    public required ConntrackDirection Direction { get; init; }

    /// <summary>The packet's source.</summary>
    public required IPAddress SourceAddress { get; init; }

    /// <summary>Its port, or the identifier of an echo.</summary>
    public int SourcePort { get; init; }

    /// <summary>The packet's destination.</summary>
    public required IPAddress DestinationAddress { get; init; }

    /// <summary>Its port.</summary>
    public int DestinationPort { get; init; }

    /// <summary>Which side is changed.</summary>
    public required NatKind Kind { get; init; }

    /// <summary>The address that takes its place.</summary>
    public required IPAddress TranslatedAddress { get; init; }

    /// <summary>The port that takes its place.</summary>
    public int TranslatedPort { get; init; }

    /// <summary>How old the entry is; null from JSON, which has only <see cref="CreatedTick"/>.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>When it was made by the datapath's clock: nanoseconds since boot where the status says <c>ktime</c>; null from text.</summary>
    public ulong? CreatedTick { get; init; }

    /// <summary>Whether the connection must be tracked as long as the translation lasts; null when the output does not say.</summary>
    public bool? NeedsConntrack { get; init; }

    /// <summary>The source as Cilium writes it.</summary>
    public string Source => SocketText.Of(SourceAddress, SourcePort, TransportProtocol.Any);

    /// <summary>The destination as Cilium writes it.</summary>
    public string Destination => SocketText.Of(DestinationAddress, DestinationPort, TransportProtocol.Any);

    /// <summary>What takes its place, as Cilium writes it.</summary>
    public string Translated => SocketText.Of(TranslatedAddress, TranslatedPort, TransportProtocol.Any);
}
