using System.Management.Automation;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Nodes;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Reset-LabHostKey: forgets the host key that was pinned at first contact.</summary>
[Cmdlet(VerbsCommon.Reset, "LabHostKey", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
public sealed class ResetLabHostKeyCommand : LabScopedCmdlet
{
    /// <summary>The nodes whose keys are forgotten; wildcards work.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [NodeName]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    public string[] Node { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var session = Session;
        var knownHosts = KnownHosts.Of(session.Folder);
        var nodes = NodePattern.Select(session.Description.Name, session.Nodes, Node, error => WriteError(LabErrors.ToRecord(error)));
        foreach (var node in nodes)
        {
            if (Pinned(knownHosts, node) is not { } key)
                WriteVerbose($"No host key is pinned for {node}.");
            else if (ShouldProcess($"{node} of lab {session.Description.Name}", $"Forget host key {key}"))
                Require(() => knownHosts.Forget(node));
        }
    }

    private static string? Pinned(KnownHosts knownHosts, string node)
    {
        try
        {
            return knownHosts.Find(node)?.Fingerprint;
        }
        catch (LabException error) when (error.ErrorId == "KnownHostsInvalid")
        {
            return "(unreadable)";
        }
    }
}
