using System.Management.Automation;
using System.Net;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Cilium;

namespace CiliumLab.PowerShell.Bpf;

/// <summary>Get-CiliumBpfNat: the translations that the datapath keeps.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumBpfNat")]
[OutputType(typeof(NatEntry))]
public sealed class GetCiliumBpfNatCommand : AgentReadCmdlet<NatEntry>
{
    /// <summary>Only translations of these protocols.</summary>
    [Parameter]
    public TransportProtocol[]? Protocol { get; set; }

    /// <summary>Only translations of these senders.</summary>
    [Parameter]
    public IPAddress[]? Source { get; set; }

    /// <summary>Only translations to these addresses.</summary>
    [Parameter]
    public IPAddress[]? Destination { get; set; }

    private protected override IAsyncEnumerable<NatEntry> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        agents.ReadAsync(node, ["bpf", "nat", "list", "-o", "json"], NatText.Parse, warn, cancellationToken);

    private protected override bool Selects(NatEntry item) =>
        (Protocol is null || Protocol.Contains(item.Protocol))
        && (Source is null || Source.Contains(item.SourceAddress))
        && (Destination is null || Destination.Contains(item.DestinationAddress));
}
