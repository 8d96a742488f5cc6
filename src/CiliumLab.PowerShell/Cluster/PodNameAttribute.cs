using System.Collections;
using System.Management.Automation;

namespace CiliumLab.PowerShell.Cluster;

/// <summary>Lets a pod or a service be given as a name or as an object, which stands for <c>namespace/name</c>.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class PodNameAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            string text => text,
            IEnumerable many => many.Cast<object>().Select(NameOf).ToArray(),
            var other => NameOf(other),
        };

    private static object NameOf(object item) => (item is PSObject wrapped ? wrapped.BaseObject : item) switch
    {
        Model.LabPod pod => $"{pod.Namespace}/{pod.Pod}",
        Model.LabService service => $"{service.Namespace}/{service.Service}",
        var other => other,
    };
}
