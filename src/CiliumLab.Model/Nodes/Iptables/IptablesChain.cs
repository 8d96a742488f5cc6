using System.Globalization;

namespace CiliumLab.Model;

/// <summary>A chain of an iptables table, whether it has rules or not.</summary>
public sealed record IptablesChain : IptablesLine
{
    /// <summary>The node that it is on; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>iptables or ip6tables.</summary>
    public IptablesFamily Family { get; init; }

    /// <summary>The table; null when the text does not tell.</summary>
    public string? Table { get; init; }

    /// <summary>The chain's name.</summary>
    public required string Chain
    {
        get;
        init
        {
            field = value;
            Written = null;
        }
    }

    /// <summary>What happens to a packet at the end of a built-in chain; null for a user's chain.</summary>
    public string? Policy
    {
        get;
        init
        {
            field = value;
            Written = null;
        }
    }

    /// <summary>Packets that met the policy; null when the text has no counters.</summary>
    public ulong? Packets
    {
        get;
        init
        {
            field = value;
            Written = null;
        }
    }

    /// <summary>Bytes that met the policy; null when the text has no counters.</summary>
    public ulong? Bytes
    {
        get;
        init
        {
            field = value;
            Written = null;
        }
    }

    /// <summary>How many rules it has; null when they have not been counted.</summary>
    public int? RuleCount { get; init; }

    /// <summary>Who made it, as its name tells.</summary>
    public IptablesOwner Owner => IptablesOwners.OfChain(Chain);

    /// <summary>The line as a text had it; null when iptables-save writes it like that anyway. Setting a part of it makes it null again.</summary>
    public string? Written { get; init; }

    /// <inheritdoc/>
    public override string Text => Written ?? (Packets is null || Bytes is null
        ? $":{Chain} {Policy ?? "-"}"
        : string.Create(CultureInfo.InvariantCulture, $":{Chain} {Policy ?? "-"} [{Packets}:{Bytes}]"));
}
