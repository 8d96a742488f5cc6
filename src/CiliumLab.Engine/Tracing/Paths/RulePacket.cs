using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>The first packet of a connection, as iptables rules look at it.</summary>
internal sealed record RulePacket
{
    /// <summary>The sender.</summary>
    public required IPAddress Source { get; init; }

    /// <summary>The receiver.</summary>
    public required IPAddress Destination { get; init; }

    /// <summary>The protocol.</summary>
    public required TransportProtocol Protocol { get; init; }

    /// <summary>The receiver's port; null for protocols that have none.</summary>
    public int? Port { get; init; }

    /// <summary>The interface that it came in by; null for one of the node itself.</summary>
    public string? InInterface { get; init; }

    /// <summary>The interface that it leaves by; null before that is decided.</summary>
    public string? OutInterface { get; init; }

    /// <summary>The mark that it carries.</summary>
    public uint Mark { get; init; }

    /// <summary>Whether its destination was translated.</summary>
    public bool Translated { get; init; }

    /// <summary>Whether an address is one of the node.</summary>
    public required Func<IPAddress, bool> IsLocal { get; init; }
}

/// <summary>What rules do with a packet, or with a share of packets like it.</summary>
/// <param name="Share">The share, from 0 to 1.</param>
/// <param name="Verdict">A verdict or extension (<c>ACCEPT</c>, <c>DROP</c>, <c>DNAT</c>), or the chain's policy.</param>
/// <param name="Rule">The rule that decides; null for the policy.</param>
/// <param name="Chains">The chains on the way to it, from the one where it began.</param>
/// <param name="Mark">The mark at the end.</param>
internal sealed record RuleOutcome(double Share, string Verdict, IptablesRule? Rule, IReadOnlyList<string> Chains, uint Mark)
{
    /// <summary>Whether the packet ends here.</summary>
    public bool Refused => Verdict is "DROP" or "REJECT";

    /// <summary>Where DNAT sends it; null when it does not.</summary>
    public IPEndPoint? NewDestination =>
        Verdict == "DNAT" && Rule?.TargetOptions.FirstOrDefault(option => option.Name == "--to-destination")?.Value is { } text && IPEndPoint.TryParse(text, out var end)
            ? end
            : null;
}
