using System.Management.Automation;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Get-NodeKernelModule: the kernel modules that a node has.</summary>
[Cmdlet(VerbsCommon.Get, "NodeKernelModule")]
[OutputType(typeof(KernelModule))]
public sealed class GetNodeKernelModuleCommand : NodeReadCmdlet<KernelModule>
{
    /// <summary>Only modules with this name, built-in ones too; wildcards work. Dashes and underscores are the same.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    private protected override async IAsyncEnumerable<KernelModule> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var patterns = Name?.Select(name => name.Replace('-', '_')).ToArray();
        var modules = await KernelModules.ReadAsync(
            shell, patterns is null ? null : name => Wildcards.Match(patterns, name), warn, cancellationToken).ConfigureAwait(false);
        foreach (var module in modules)
            yield return module;
    }
}
