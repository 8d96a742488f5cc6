using System.Collections;
using System.Management.Automation;

namespace CiliumLab.PowerShell.Pump;

/// <summary>Lets a parameter that takes names take objects as well, and uses the property of theirs that holds the name.</summary>
/// <param name="property">The property.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public abstract class NamedObjectAttribute(string property) : ArgumentTransformationAttribute
{
    /// <summary>The property that holds the name.</summary>
    public string Property => property;

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            string text => text,
            IEnumerable many => many.Cast<object>().Select(NameOf).ToArray(),
            _ => NameOf(inputData),
        };

    private object NameOf(object item) =>
        item is not null && PSObject.AsPSObject(item) is { BaseObject: not string } wrapped && wrapped.Properties[property]?.Value is string name
            ? name
            : item!;
}
