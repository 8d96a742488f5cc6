using System.Management.Automation;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Get-NodeHostEntry: the entries of /etc/hosts.</summary>
[Cmdlet(VerbsCommon.Get, "NodeHostEntry")]
[OutputType(typeof(NodeHostEntry))]
public sealed class GetNodeHostEntryCommand : NodeReadCmdlet<NodeHostEntry>
{
    /// <summary>Only entries with this name among theirs; wildcards work.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    private protected override IAsyncEnumerable<NodeHostEntry> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        shell.ParseOutputAsync(
            NodeCommand.Of("cat", "/etc/hosts"),
            text => HostsFileText.Parse(text, shell.Node, warn),
            cancellationToken);

    private protected override bool Selects(NodeHostEntry item) =>
        Name is null || Wildcards.AnyMatch(Name, [item.Name, .. item.Aliases]);
}
