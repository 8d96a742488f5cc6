using System.Management.Automation;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Nodes;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cluster;

/// <summary>Get-LabPod: the pods of a lab's cluster.</summary>
[Cmdlet(VerbsCommon.Get, "LabPod")]
[OutputType(typeof(LabPod))]
public sealed class GetLabPodCommand : ClusterCmdlet
{
    /// <summary>Only pods with these names; wildcards work.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Pod")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PodNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Only pods in these namespaces; wildcards work.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string[]? Namespace { get; set; }

    /// <summary>Only pods whose labels fit this selector, as kubectl's -l takes it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Label { get; set; }

    /// <summary>Only pods on these nodes; wildcards work.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [NodeName]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    public string[]? Node { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (wanted, label, nodes) = (new NamedObjects("pod", Namespace, Name), Label, Node);
        StartOnCluster((client, output, cancellationToken) => ReadAsync(client, wanted, label, nodes, output, cancellationToken));
    }

    private static async Task ReadAsync(
        ClusterClient client, NamedObjects wanted, string? label, string[]? nodes, WorkOutput output, CancellationToken cancellationToken)
    {
        foreach (var ns in wanted.PlainNamespaces)
            await LabPods.RequireNamespaceAsync(client, ns, cancellationToken).ConfigureAwait(false);
        await foreach (var pod in LabPods.ReadAsync(client, wanted.OnlyNamespace, label, cancellationToken).ConfigureAwait(false))
        {
            if (wanted.Selects(pod.Namespace, pod.Pod) && Wildcards.Match(nodes, pod.Node))
                await output.WriteAsync(pod).ConfigureAwait(false);
        }

        await wanted.ReportMissingAsync(output).ConfigureAwait(false);
    }
}
