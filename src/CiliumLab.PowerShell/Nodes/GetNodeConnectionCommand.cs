using System.Management.Automation;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Get-NodeConnection: TCP sockets and the processes that hold them.</summary>
[Cmdlet(VerbsCommon.Get, "NodeConnection")]
[OutputType(typeof(NodeConnection))]
public sealed class GetNodeConnectionCommand : NodeReadCmdlet<NodeConnection>
{
    /// <summary>Only sockets in these states.</summary>
    [Parameter]
    public SocketState[]? State { get; set; }

    /// <summary>Only sockets with one of these ports on the node's side.</summary>
    [Parameter]
    [ValidateRange(0, 65535)]
    public int[]? LocalPort { get; set; }

    /// <summary>Only sockets with one of these ports on the other side.</summary>
    [Parameter]
    [ValidateRange(0, 65535)]
    public int[]? RemotePort { get; set; }

    /// <summary>Only sockets that a program of this name holds; wildcards work.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[]? Process { get; set; }

    private protected override IAsyncEnumerable<NodeConnection> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        shell.ParseOutputAsync(
            // Other users' processes are root's to see.
            NodeCommand.AsRoot("ss", "-tanpo"),
            text => SocketStatisticsText.Parse(text, shell.Node, warn),
            cancellationToken);

    private protected override bool Selects(NodeConnection item) =>
        (State is null || (item.State is { } state && State.Contains(state)))
        && (LocalPort is null || (item.LocalPort is { } local && LocalPort.Contains(local)))
        && (RemotePort is null || (item.RemotePort is { } remote && RemotePort.Contains(remote)))
        && (Process is null || Wildcards.AnyMatch(Process, item.Processes.Select(process => process.Name)));
}
