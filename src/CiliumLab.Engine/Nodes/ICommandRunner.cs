namespace CiliumLab.Engine.Nodes;

/// <summary>A place where commands run: a node, or a container of a pod. <see cref="NodeShellCommands"/> has the ways to use it.</summary>
public interface ICommandRunner
{
    /// <summary>The node that the commands run on.</summary>
    string Node { get; }

    /// <summary>Which place it is, for messages: <c>node 'k8s-w1'</c>.</summary>
    string Place { get; }

    /// <summary>What to type to run a command there by hand.</summary>
    string ByHand(NodeCommand command);

    /// <summary>Starts a command. Its output is read from what is returned while the command runs.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="cancellationToken">Ends the remote command.</param>
    Task<IRunningCommand> StartAsync(NodeCommand command, CancellationToken cancellationToken);
}
