using System.Management.Automation;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Cluster.Services;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cluster;

/// <summary>Get-LabService: the services of a lab's cluster and what stands behind them.</summary>
[Cmdlet(VerbsCommon.Get, "LabService")]
[OutputType(typeof(LabService))]
public sealed class GetLabServiceCommand : ClusterCmdlet
{
    /// <summary>Only services with these names; wildcards work.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Service")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServiceNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Only services in these namespaces; wildcards work.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string[]? Namespace { get; set; }

    /// <summary>Only services whose labels fit this selector, as kubectl's -l takes it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Label { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (wanted, label) = (new NamedObjects("service", Namespace, Name), Label);
        StartOnCluster((client, output, cancellationToken) => ReadAsync(client, wanted, label, output, cancellationToken));
    }

    private static async Task ReadAsync(ClusterClient client, NamedObjects wanted, string? label, WorkOutput output, CancellationToken cancellationToken)
    {
        foreach (var ns in wanted.PlainNamespaces)
            await LabPods.RequireNamespaceAsync(client, ns, cancellationToken).ConfigureAwait(false);
        await foreach (var service in LabServices.ReadAsync(client, wanted.OnlyNamespace, label, cancellationToken).ConfigureAwait(false))
        {
            if (wanted.Selects(service.Namespace, service.Service))
                await output.WriteAsync(service).ConfigureAwait(false);
        }

        await wanted.ReportMissingAsync(output).ConfigureAwait(false);
    }
}
