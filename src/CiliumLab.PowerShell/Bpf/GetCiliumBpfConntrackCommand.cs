using System.Management.Automation;
using System.Net;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Cilium;

namespace CiliumLab.PowerShell.Bpf;

/// <summary>Get-CiliumBpfConntrack: the connections that the datapath tracks.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumBpfConntrack")]
[OutputType(typeof(ConntrackEntry))]
public sealed class GetCiliumBpfConntrackCommand : AgentReadCmdlet<ConntrackEntry>
{
    /// <summary>Only connections of these protocols.</summary>
    [Parameter]
    public TransportProtocol[]? Protocol { get; set; }

    /// <summary>Only connections in these directions.</summary>
    [Parameter]
    public ConntrackDirection[]? Direction { get; set; }

    /// <summary>Only connections that these addresses began.</summary>
    [Parameter]
    public IPAddress[]? Source { get; set; }

    /// <summary>Only connections to these addresses.</summary>
    [Parameter]
    public IPAddress[]? Destination { get; set; }

    private protected override IAsyncEnumerable<ConntrackEntry> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        agents.ReadAsync(node, ["bpf", "ct", "list", "global", "-o", "json"], ConntrackText.Parse, warn, cancellationToken);

    private protected override bool Selects(ConntrackEntry item) =>
        (Protocol is null || Protocol.Contains(item.Protocol))
        && (Direction is null || Direction.Contains(item.Direction))
        && (Source is null || Source.Contains(item.SourceAddress))
        && (Destination is null || Destination.Contains(item.DestinationAddress));
}
