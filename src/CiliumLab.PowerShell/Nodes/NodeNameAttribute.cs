using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Lets <c>-Node</c> take names and any object that has a Node property, such as <see cref="Model.LabNode"/>.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class NodeNameAttribute : NamedObjectAttribute
{
    /// <summary>Reads the Node property.</summary>
    public NodeNameAttribute()
        : base("Node")
    {
    }
}
