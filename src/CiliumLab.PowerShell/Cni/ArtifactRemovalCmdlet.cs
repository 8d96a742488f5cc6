using System.Globalization;
using CiliumLab.Engine.Cni;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Nodes;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cni;

/// <summary>The base of cmdlets that remove what somebody left on the nodes.</summary>
public abstract class ArtifactRemovalCmdlet : NodeCmdlet
{
    /// <summary>Whose leftovers are removed.</summary>
    private protected abstract CniArtifactOwner Owner { get; }

    private protected sealed override Func<INodeShell, WorkOutput, CancellationToken, Task> Work()
    {
        var session = Session;
        return (shell, output, cancellationToken) => RunAsync(session, shell, output, cancellationToken);
    }

    private protected sealed override Task RunAsync(INodeShell shell, WorkOutput output, CancellationToken cancellationToken) =>
        RunAsync(Session, shell, output, cancellationToken);

    /// <summary>Does what must be done in the cluster before any node; the nodes wait for it.</summary>
    private protected virtual Task PrepareAsync(LabSession session, WorkOutput output, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Asks, reports and shows steps for a node, or the cluster.</summary>
    private protected IArtifactDialog DialogFor(string target, WorkOutput output, Action<TextWarning> warn) => new Dialog(target, Owner, output, warn);

    private async Task RunAsync(LabSession session, INodeShell shell, WorkOutput output, CancellationToken cancellationToken)
    {
        await PrepareAsync(session, output, cancellationToken).ConfigureAwait(false);
        var cluster = session.HasCluster ? session.Cluster : null;
        var dialog = DialogFor(shell.Node, output, Warn(shell, output));
        if (!await CniArtifacts.RemoveAsync(shell, cluster, Owner, dialog, TimeProvider.System, cancellationToken).ConfigureAwait(false))
            await output.VerboseAsync($"{shell.Node}: nothing of {Owner} is left.").ConfigureAwait(false);
    }

    private sealed class Dialog(string target, CniArtifactOwner owner, WorkOutput output, Action<TextWarning> warn) : IArtifactDialog
    {
        public Task<bool> ConfirmAsync(IReadOnlyList<CniArtifact> artifacts)
        {
            var counts = artifacts.GroupBy(artifact => artifact.Kind).OrderBy(kind => kind.Key)
                .Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Key} {kind.Count()}"));
            return output.ShouldProcessAsync(target, $"Back up and remove what {owner} left ({string.Join(", ", counts)})");
        }

        public ValueTask ReportAsync(CniArtifactRemoval removal) => output.WriteAsync(removal);

        public ValueTask StepAsync(string step) => output.StepAsync(target, step);

        public void Warn(TextWarning warning) => warn(warning);
    }
}
