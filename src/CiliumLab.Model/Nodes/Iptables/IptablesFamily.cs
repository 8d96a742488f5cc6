namespace CiliumLab.Model;

/// <summary>Which of the two rule sets of a node: <c>iptables</c> or <c>ip6tables</c>.</summary>
public enum IptablesFamily
{
    /// <summary>iptables.</summary>
    IPv4,

    /// <summary>ip6tables.</summary>
    IPv6,
}
