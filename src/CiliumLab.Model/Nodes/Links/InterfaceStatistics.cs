namespace CiliumLab.Model;

/// <summary>An interface's counters since it was made.</summary>
public sealed record InterfaceStatistics
{
    /// <summary>Bytes received.</summary>
    public ulong RxBytes { get; init; }

    /// <summary>Packets received.</summary>
    public ulong RxPackets { get; init; }

    /// <summary>Bad packets received.</summary>
    public ulong RxErrors { get; init; }

    /// <summary>Received packets that were thrown away for lack of room.</summary>
    public ulong RxDropped { get; init; }

    /// <summary>Bytes sent.</summary>
    public ulong TxBytes { get; init; }

    /// <summary>Packets sent.</summary>
    public ulong TxPackets { get; init; }

    /// <summary>Packets that could not be sent.</summary>
    public ulong TxErrors { get; init; }

    /// <summary>Packets that were thrown away on their way out.</summary>
    public ulong TxDropped { get; init; }
}
