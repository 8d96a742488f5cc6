using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Simulator.Nodes;

/// <summary>What goes wrong between a lab and its simulated nodes, with the identifiers that real nodes' errors have.</summary>
internal static class ShellErrors
{
    public static LabException Unreachable(SimulatedNode node, string lab, NodeDescription description) =>
        new(
            "NodeUnreachable",
            LabErrorKind.ConnectionError,
            $"Node '{node.Name}' cannot be reached at {description.Host}:{description.Port}: {(node.IsPoweredOn ? "no answer in time" : "the machine is switched off")}.",
            node.Name,
            node.IsPoweredOn ? $"See what is broken on purpose: Get-LabFault -Lab {lab}" : $"Start it: Start-LabCluster -Name {lab}");

    public static LabException Lost(SimulatedNode node, NodeCommand command) =>
        new(
            "NodeConnectionLost",
            LabErrorKind.ConnectionError,
            $"The connection to node '{node.Name}' broke while '{ShellQuoting.Join(command.Arguments)}' ran: the server closed the connection. Whether the command finished there is not known.",
            node.Name,
            $"See whether the node is back: Get-LabNode {node.Name}");

    public static LabException TimedOut(SimulatedNode node, NodeCommand command) =>
        new(
            "NodeCommandTimedOut",
            LabErrorKind.OperationTimeout,
            $"'{ShellQuoting.Join(command.Arguments)}' took longer than {command.Timeout!.Value.TotalSeconds:0.###} s on node '{node.Name}' and was ended.",
            node.Name,
            $"Give it more time with -Timeout, or see what the node is busy with: Invoke-NodeCommand -Node {node.Name} -Command 'uptime'");

    public static LabException ArgumentHasNul(SimulatedNode node) =>
        new(
            "ArgumentHasNul",
            LabErrorKind.InvalidArgument,
            "An argument holds a NUL character; no program can be given one.",
            node.Name,
            "Send such data on standard input: Invoke-NodeCommand ... -InputText");

    public static LabException NoSuchUser(SimulatedNode node, string user) =>
        new(
            "NodeAuthenticationFailed",
            LabErrorKind.AuthenticationError,
            $"Node '{node.Name}' does not let user '{user}' in: Permission denied (publickey).",
            node.Name,
            "Simulated nodes have the users 'root' and 'vagrant'.");

    public static LabException FileNotRead(SimulatedNode node, string path, KernelException error) =>
        error.Errno == Errno.NoSuchFile
            ? new LabException("NodeFileNotFound", LabErrorKind.ObjectNotFound, $"Node '{node.Name}' has no file '{path}'.", node.Name, Look(node, path))
            : new LabException(
                "NodeFileNotRead",
                LabErrorKind.RemoteCommandFailed,
                $"The file '{path}' cannot be read on node '{node.Name}': cat: {path}: {error.Errno.Text()}",
                node.Name);

    public static LabException FileNotChanged(SimulatedNode node, string path, string what, KernelException error)
    {
        var diskFull = error.Errno == Errno.NoSpace;
        return new LabException(
            diskFull ? "NodeDiskFull" : "NodeFileNotChanged",
            diskFull ? LabErrorKind.ResourceUnavailable : LabErrorKind.RemoteCommandFailed,
            $"The file '{path}' was not {what} on node '{node.Name}' and is as it was: {error.Errno.Text()}",
            node.Name,
            diskFull
                ? $"Make room on the node; see what is full: Invoke-NodeCommand -Node {node.Name} -Command df, '-h', {Quote(path)}"
                : Look(node, path));
    }

    private static string Look(SimulatedNode node, string path) =>
        $"See what is there: Invoke-NodeCommand -Node {node.Name} -Sudo -Command ls, '-la', {Quote(path)}";

    private static string Quote(string path) => ShellQuoting.JoinForPowerShell([SimulatedShell.FolderOf(path)]);
}
