using System.Management.Automation;
using System.Net;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Get-NodeNeighbor: ARP, NDP and forwarding-database entries.</summary>
[Cmdlet(VerbsCommon.Get, "NodeNeighbor")]
[OutputType(typeof(NodeNeighbor))]
public sealed class GetNodeNeighborCommand : NodeReadCmdlet<NodeNeighbor>
{
    /// <summary>Only neighbours with this IP address, tunnel end or MAC; wildcards work.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    public string[]? Address { get; set; }

    /// <summary>Only neighbours behind this interface; wildcards work.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(InterfaceNameCompleter))]
    public string[]? Interface { get; set; }

    /// <summary>Which tables to read: ARP, NDP, forwarding databases; all when it is not given.</summary>
    [Parameter]
    public NeighborTable[] Table { get; set; } = [NeighborTable.Arp, NeighborTable.Ndp, NeighborTable.Fdb];

    private protected override IAsyncEnumerable<NodeNeighbor> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        NodeLinks.NeighborsAsync(shell, Table, warn, cancellationToken);

    private protected override Func<NodeNeighbor, bool> Selector()
    {
        // An address has many spellings, the one that is printed is the shortest.
        var addresses = Address?.Select(text => IPAddress.TryParse(text, out var address) && text.Contains(':') == address.ToString().Contains(':')
            ? address.ToString()
            : text).ToArray();
        var interfaces = Given(nameof(Interface), Interface);
        return entry => Wildcards.Match(interfaces, entry.Interface)
            && (addresses is null || Wildcards.Match(addresses, entry.Address?.ToString()) || Wildcards.Match(addresses, entry.Mac));
    }
}
