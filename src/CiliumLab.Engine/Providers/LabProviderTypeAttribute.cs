namespace CiliumLab.Engine.Providers;

/// <summary>Names the provider that an assembly brings.</summary>
/// <param name="type">A type with a public constructor that implements <see cref="ILabProvider"/>.</param>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class LabProviderTypeAttribute(Type type) : Attribute
{
    /// <summary>The provider.</summary>
    public Type Type => type;
}
