using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;

namespace CiliumLab.PowerShell.Completion;

/// <summary>Completes with the names of the nodes' interfaces.</summary>
public sealed class InterfaceNameCompleter : NodeFactCompleter
{
    private protected override string Fact(IDictionary boundParameters) => "interfaces";

    private protected override NodeFactSource Source(IDictionary boundParameters) =>
        static async (shell, cancellationToken) => await NodeLinks.InterfacesAsync(shell, LinkNames.Ignore, cancellationToken)
            .Select(link => link.Name).ToListAsync(cancellationToken).ConfigureAwait(false);
}

/// <summary>Completes with the names of the nodes' bridges.</summary>
public sealed class BridgeNameCompleter : NodeFactCompleter
{
    private protected override string Fact(IDictionary boundParameters) => "bridges";

    private protected override NodeFactSource Source(IDictionary boundParameters) =>
        static async (shell, cancellationToken) => await NodeLinks.BridgesAsync(shell, LinkNames.Ignore, cancellationToken)
            .Select(bridge => bridge.Name).ToListAsync(cancellationToken).ConfigureAwait(false);
}

/// <summary>Completes with the routing tables that the nodes have routes in, and all.</summary>
public sealed class RouteTableCompleter : NodeFactCompleter
{
    private protected override string Fact(IDictionary boundParameters) => "route tables";

    private protected override NodeFactSource Source(IDictionary boundParameters) =>
        static async (shell, cancellationToken) => await NodeLinks.RoutesAsync(shell, LinkNames.Ignore, cancellationToken)
            .Select(route => route.Table).Append("all").Distinct().ToListAsync(cancellationToken).ConfigureAwait(false);
}

/// <summary>Completes with the kinds of interfaces that a lab's nodes normally have; no node is asked.</summary>
public sealed class InterfaceKindCompleter : IArgumentCompleter
{
    private static readonly string[] Kinds =
    [
        "bond", "bridge", "dummy", "ether", "geneve", "gre", "ipip", "ipvlan", "loopback", "macvlan", "netkit", "sit", "tun", "veth", "vlan",
        "vrf", "vxlan", "wireguard",
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(Kinds, wordToComplete);
}

/// <summary>What the completers of links have in common.</summary>
internal static class LinkNames
{
    /// <summary>A Tab press has no place for warnings; the cmdlet itself gives them.</summary>
    public static readonly Action<TextWarning> Ignore = static _ => { };
}
