using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>Artifacts that are found, backed up and removed in one way.</summary>
internal interface IArtifactGroup
{
    /// <summary>What was found, in the order of removal; never empty.</summary>
    IReadOnlyList<CniArtifact> Artifacts { get; }

    /// <summary>Writes what is needed to put everything back.</summary>
    Task BackUpAsync(ArtifactBackup backup, CancellationToken cancellationToken);

    /// <summary>Removes everything and makes sure that it is gone. What is gone already is no failure.</summary>
    /// <param name="removed">Is told of what is gone for sure.</param>
    /// <param name="cancellationToken">Stops between two steps; what has been told stays removed.</param>
    Task RemoveAsync(Func<CniArtifact, ValueTask> removed, CancellationToken cancellationToken);
}
