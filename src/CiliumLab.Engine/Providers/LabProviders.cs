using System.Reflection;
using System.Runtime.Loader;
using CiliumLab.Engine.Providers.Existing;
using CiliumLab.Model;

namespace CiliumLab.Engine.Providers;

/// <summary>Finds the provider of a lab. The simulator is an assembly of its own, loaded when the first simulated lab is met.</summary>
public static class LabProviders
{
    private static readonly ExistingProvider Existing = new();
    private static readonly Lazy<ILabProvider> Simulator = new(() => Load("CiliumLab.Simulator"));

    /// <summary>The provider of a kind.</summary>
    /// <exception cref="LabException"><c>ProviderNotAvailable</c>.</exception>
    public static ILabProvider Of(LabProvider kind) => kind switch
    {
        LabProvider.Existing => Existing,
        LabProvider.Simulator => Simulator.Value,
        _ => throw new LabException(
            "ProviderNotAvailable",
            LabErrorKind.NotInstalled,
            $"This version of CiliumLab has no provider '{kind}'.",
            kind,
            "Use -Provider Simulator, or reach machines that exist with: Connect-LabCluster -Inventory FILE"),
    };

    // In the engine's own load context, so that the simulator sees this very ILabProvider.
    private static ILabProvider Load(string assembly)
    {
        var context = AssemblyLoadContext.GetLoadContext(typeof(LabProviders).Assembly)!;
        var loaded = context.LoadFromAssemblyName(new AssemblyName(assembly));
        return (ILabProvider)Activator.CreateInstance(loaded.GetCustomAttribute<LabProviderTypeAttribute>()!.Type)!;
    }
}
