using System.Globalization;
using CiliumLab.Engine.Cni;
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

    private protected override async Task RunAsync(INodeShell shell, WorkOutput output, CancellationToken cancellationToken)
    {
        var dialog = new Dialog(shell.Node, Owner, output, Warn(shell, output));
        if (!await CniArtifacts.RemoveAsync(shell, Owner, dialog, TimeProvider.System, cancellationToken).ConfigureAwait(false))
            await output.VerboseAsync($"{shell.Node}: nothing of {Owner} is left.").ConfigureAwait(false);
    }

    private sealed class Dialog(string node, CniArtifactOwner owner, WorkOutput output, Action<TextWarning> warn) : IArtifactDialog
    {
        public Task<bool> ConfirmAsync(IReadOnlyList<CniArtifact> artifacts)
        {
            var counts = artifacts.GroupBy(artifact => artifact.Kind).OrderBy(kind => kind.Key)
                .Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Key} {kind.Count()}"));
            return output.ShouldProcessAsync(node, $"Back up and remove what {owner} left ({string.Join(", ", counts)})");
        }

        public ValueTask ReportAsync(CniArtifactRemoval removal) => output.WriteAsync(removal);

        public ValueTask StepAsync(string step) => output.StepAsync(node, step);

        public void Warn(TextWarning warning) => warn(warning);
    }
}
