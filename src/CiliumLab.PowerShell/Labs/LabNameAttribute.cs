using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Lets a lab's name be given as text or as a piped <see cref="Model.LabCluster"/>.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class LabNameAttribute : NamedObjectAttribute
{
    /// <summary>Reads the Name property.</summary>
    public LabNameAttribute()
        : base("Name")
    {
    }
}
