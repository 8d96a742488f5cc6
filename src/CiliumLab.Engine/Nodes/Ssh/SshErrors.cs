using System.Net.Sockets;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;
using Renci.SshNet.Common;
using Renci.SshNet.Messages.Transport;

namespace CiliumLab.Engine.Nodes.Ssh;

/// <summary>What a failure of SSH means to the user.</summary>
internal static class SshErrors
{
    /// <summary>Whether a failure says that the connection is gone, rather than the command wrong.</summary>
    public static bool IsConnectionLoss(Exception error) =>
        error is SshConnectionException or SshOperationTimeoutException or SocketException or ObjectDisposedException or IOException
        || (error is SshException && error is not SshAuthenticationException)
        || error is InvalidOperationException;

    /// <summary>A connection that could not be made.</summary>
    public static LabException NotConnected(NodeDescription node, string user, Exception error) => error switch
    {
        ArgumentException or SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData or SocketError.NoRecovery or SocketError.InvalidArgument } => new LabException(
            "NodeHostNotFound",
            LabErrorKind.ConnectionError,
            $"Node '{node.Node}' cannot be reached: the host name '{node.Host}' does not resolve.",
            node.Node,
            "Correct 'host' in the inventory and connect again: Connect-LabCluster -Inventory FILE",
            error),
        SocketException socket => Unreachable(node, socket.SocketErrorCode == SocketError.ConnectionRefused ? "connection refused; nothing listens there" : socket.Message, error),
        SshOperationTimeoutException or OperationCanceledException => Unreachable(node, "no answer in time", error),
        SshConnectionException when error.Message.Contains("Too many authentication failures", StringComparison.OrdinalIgnoreCase) => new LabException(
            "NodeAuthenticationFailed",
            LabErrorKind.AuthenticationError,
            $"Node '{node.Node}' ({Address(node)}) hung up on user '{user}' after too many keys that it does not accept.",
            node.Node,
            "Name the right one with 'key: FILE' in the inventory, or empty the ssh-agent: ssh-add -D",
            error),
        SshConnectionException { DisconnectReason: DisconnectReason.KeyExchangeFailed } => new LabException(
            "NodeSshIncompatible",
            LabErrorKind.ConnectionError,
            $"Node '{node.Node}' ({Address(node)}) and this module have no way of encryption in common: {error.Message}",
            node.Node,
            "Allow a current algorithm (KexAlgorithms, HostKeyAlgorithms, Ciphers, MACs) in the node's /etc/ssh/sshd_config.",
            error),
        SshAuthenticationException => new LabException(
            "NodeAuthenticationFailed",
            LabErrorKind.AuthenticationError,
            $"Node '{node.Node}' ({Address(node)}) does not let user '{user}' in: {error.Message}",
            node.Node,
            $"Check user and key in the inventory, or try by hand: ssh -p {node.Port} {user}@{node.Host}",
            error),
        _ => Unreachable(node, error.Message, error),
    };

    /// <summary>A connection that broke while a command ran.</summary>
    public static LabException Lost(NodeDescription node, NodeCommand command, string reason, Exception? error) =>
        new(
            "NodeConnectionLost",
            LabErrorKind.ConnectionError,
            $"The connection to node '{node.Node}' broke while '{ShellQuoting.Join(command.Arguments)}' ran: {reason} Whether the command finished there is not known.",
            node.Node,
            $"See whether the node is back: Get-LabNode {node.Node}",
            error);

    /// <summary>A server that is not the one that was seen before.</summary>
    public static LabException HostKeyChanged(NodeDescription node, string lab, HostKey pinned, HostKey offered) =>
        new(
            "HostKeyChanged",
            LabErrorKind.AuthenticationError,
            $"Node '{node.Node}' ({Address(node)}) shows another host key than at first contact, so it may be another machine. "
            + $"Pinned: {pinned.Type} {pinned.Fingerprint}. Offered: {offered.Type} {offered.Fingerprint}.",
            node.Node,
            $"If the node was rebuilt, forget the old key: Reset-LabHostKey -Lab {lab} -Node {node.Node}. If not, find out who answers there.");

    /// <summary>A server that refuses even one session.</summary>
    public static LabException NoSession(NodeDescription node, Exception error) =>
        new(
            "NodeSessionRefused",
            LabErrorKind.ResourceUnavailable,
            $"Node '{node.Node}' ({Address(node)}) lets no command run: {error.Message}",
            node.Node,
            "Raise MaxSessions in the node's /etc/ssh/sshd_config (10 is usual), and see its log: journalctl -u ssh",
            error);

    /// <summary>A session that was closed while a command still wanted it.</summary>
    public static LabException Closed(NodeDescription node, string lab) =>
        new(
            "LabNotConnected",
            LabErrorKind.InvalidOperation,
            $"Lab '{lab}' was disconnected, so node '{node.Node}' is not asked.",
            node.Node,
            $"Open it again with: Connect-LabCluster {lab}");

    private static string Address(NodeDescription node) =>
        node.Host.Contains(':', StringComparison.Ordinal) ? $"[{node.Host}]:{node.Port}" : $"{node.Host}:{node.Port}";

    private static LabException Unreachable(NodeDescription node, string reason, Exception error) =>
        new(
            "NodeUnreachable",
            LabErrorKind.ConnectionError,
            $"Node '{node.Node}' cannot be reached at {Address(node)}: {reason.TrimEnd('.')}.",
            node.Node,
            $"Check that the machine runs and that its SSH server listens: ssh -p {node.Port} {node.Host}",
            error);
}
