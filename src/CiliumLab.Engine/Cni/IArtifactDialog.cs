using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>Whoever wants artifacts removed.</summary>
public interface IArtifactDialog
{
    /// <summary>Says whether all of these may be removed.</summary>
    Task<bool> ConfirmAsync(IReadOnlyList<CniArtifact> artifacts);

    /// <summary>Is told what became of one.</summary>
    ValueTask ReportAsync(CniArtifactRemoval removal);

    /// <summary>Is told what happens now.</summary>
    ValueTask StepAsync(string step);

    /// <summary>Is told of output that was not understood.</summary>
    void Warn(TextWarning warning);
}
