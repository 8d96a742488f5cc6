using System.Globalization;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cluster.Exec;

/// <summary>
/// A process in a container that must not outlive its command. Kubernetes has no way to signal what exec started, so a shell tells the
/// process's number on standard error before it becomes the program, and TERM is sent by a second exec.
/// </summary>
/// <param name="shell">The container.</param>
/// <param name="channels">The command's connection.</param>
internal sealed class LastingProcess(PodShell shell, ExecChannels channels)
{
    private const string Announcing = "echo $$ >&2; exec \"$@\"";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The arguments with which a command tells its number.</summary>
    public static IReadOnlyList<string> Announced(IReadOnlyList<string> arguments) => ["sh", "-c", Announcing, "sh", .. arguments];

    /// <summary>Whether a line is a process's number.</summary>
    public static bool IsNumber(string line) => int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>Ends the process and waits until its connection has said so; gives up when the container does not answer.</summary>
    public async Task EndAsync(Task received)
    {
        using var end = new CancellationTokenSource(Patience);
        try
        {
            var number = await channels.Announcement.WaitAsync(end.Token).ConfigureAwait(false);
            if (received.IsCompleted || !IsNumber(number))
                return;
            await shell.RunAsync(NodeCommand.Of("sh", "-c", $"kill {number}"), end.Token).ConfigureAwait(false);
            await received.WaitAsync(end.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is LabException or OperationCanceledException)
        {
            // The container is gone or does not answer: then the process is gone with it, or nobody can end it.
        }
    }
}
