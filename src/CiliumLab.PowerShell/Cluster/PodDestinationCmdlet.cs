using System.Management.Automation;
using CiliumLab.PowerShell.Completion;

namespace CiliumLab.PowerShell.Cluster;

/// <summary>The base of cmdlets that are about ways from pods to destinations.</summary>
public abstract class PodDestinationCmdlet : ClusterCmdlet
{
    /// <summary>The destinations: pods, services, addresses, host names or URLs.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    [PodName]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DestinationCompleter))]
    public string[] To { get; set; } = [];

    /// <summary>The pods where the ways begin.</summary>
    [Parameter]
    [PodName]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PodNameCompleter))]
    public string[] From { get; set; } = ["curl-pod"];

    /// <summary>The namespace of pods that are named without one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string Namespace { get; set; } = "default";
}
