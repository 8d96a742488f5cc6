using CiliumLab.Engine.Cni;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Cni;

/// <summary>Confirms everything, and keeps what it is told.</summary>
/// <param name="reported">Is told of each removal; what it throws ends the run.</param>
internal sealed class RecordingDialog(Action<CniArtifactRemoval>? reported = null) : IArtifactDialog
{
    public List<CniArtifactRemoval> Removals { get; } = [];

    public Task<bool> ConfirmAsync(IReadOnlyList<CniArtifact> artifacts) => Task.FromResult(true);

    public ValueTask ReportAsync(CniArtifactRemoval removal)
    {
        Removals.Add(removal);
        reported?.Invoke(removal);
        return ValueTask.CompletedTask;
    }

    public ValueTask StepAsync(string step) => ValueTask.CompletedTask;

    public void Warn(TextWarning warning) => Assert.Fail($"{warning}");
}
