using System.Management.Automation;
using CiliumLab.Engine.Cni;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Nodes;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cni;

/// <summary>Get-CniArtifact: what Flannel and kube-proxy left on the nodes.</summary>
[Cmdlet(VerbsCommon.Get, "CniArtifact")]
[OutputType(typeof(CniArtifact))]
public sealed class GetCniArtifactCommand : NodeReadCmdlet<CniArtifact>
{
    /// <summary>Whose; everybody's when it is not given.</summary>
    [Parameter(Position = 1)]
    public CniArtifactOwner[]? Owner { get; set; }

    /// <summary>Only these sorts of things.</summary>
    [Parameter]
    public CniArtifactKind[]? Kind { get; set; }

    private CniArtifactOwner[] Owners => Owner ?? Enum.GetValues<CniArtifactOwner>();

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        base.ProcessRecord();
        var (session, selects) = (Session, Selector());
        // The cluster's own objects are on no node, so whoever asks for some nodes does not mean them.
        if (session.HasCluster && Node is null && Owners.Contains(CniArtifactOwner.KubeProxy))
            Start((output, cancellationToken) => WriteObjectsAsync(session, selects, output, cancellationToken));
    }

    private protected override Func<INodeShell, Action<TextWarning>, CancellationToken, IAsyncEnumerable<CniArtifact>> Reader()
    {
        var (session, owners) = (Session, Owners);
        return (shell, warn, cancellationToken) => ReadAsync(session, shell, owners, warn, cancellationToken);
    }

    private protected override IAsyncEnumerable<CniArtifact> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        ReadAsync(Session, shell, Owners, warn, cancellationToken);

    private protected override bool Selects(CniArtifact item) => Kind is null || Kind.Contains(item.Kind);

    private static IAsyncEnumerable<CniArtifact> ReadAsync(
        LabSession session, INodeShell shell, CniArtifactOwner[] owners, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        CniArtifacts.FindAsync(shell, session.HasCluster ? session.Cluster : null, owners, warn, cancellationToken);

    private static async Task WriteObjectsAsync(
        LabSession session, Func<CniArtifact, bool> selects, WorkOutput output, CancellationToken cancellationToken)
    {
        foreach (var item in (await KubeProxyObjects.FindAsync(session.Cluster, cancellationToken).ConfigureAwait(false)).Where(selects))
            await output.WriteAsync(item).ConfigureAwait(false);
    }
}
