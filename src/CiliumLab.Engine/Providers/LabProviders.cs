using System.Reflection;
using System.Runtime.Loader;
using CiliumLab.Engine.Host;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Providers.Existing;
using CiliumLab.Engine.Providers.Vagrant;
using CiliumLab.Model;

namespace CiliumLab.Engine.Providers;

/// <summary>Finds the provider of a lab. The simulator is an assembly of its own, loaded when the first simulated lab is met.</summary>
public static class LabProviders
{
    private static readonly ExistingProvider Existing = new();
    private static readonly VagrantProvider Vagrant = new(LocalHost.Here);
    private static readonly Lazy<ILabProvider> Simulator = new(() => Load("CiliumLab.Simulator"));

    /// <summary>The provider of a kind.</summary>
    /// <exception cref="LabException"><c>ProviderNotAvailable</c>.</exception>
    public static ILabProvider Of(LabProvider kind) => kind switch
    {
        LabProvider.Existing => Existing,
        LabProvider.Vagrant => Vagrant,
        LabProvider.Simulator => Simulator.Value,
        _ => throw new LabException(
            "ProviderNotAvailable",
            LabErrorKind.NotInstalled,
            $"This version of CiliumLab has no provider '{kind}'.",
            kind,
            "Use -Provider Simulator, or reach machines that exist with: Connect-LabCluster -Inventory FILE"),
    };

    /// <summary>The faults of a lab.</summary>
    /// <exception cref="LabException"><c>FaultsNotSupported</c>.</exception>
    public static ILabFaults FaultsOf(LabDescription lab) => Of(lab.Provider) as ILabFaults ?? throw new LabException(
        "FaultsNotSupported",
        LabErrorKind.InvalidOperation,
        $"Lab '{lab.Name}' is of the provider {lab.Provider}; only a simulated lab can be broken on purpose.",
        lab.Name,
        "Make one with: New-LabCluster -Provider Simulator");

    /// <summary>The snapshots of a lab.</summary>
    /// <exception cref="LabException"><c>SnapshotsNotSupported</c>.</exception>
    public static ILabSnapshots SnapshotsOf(LabDescription lab) => Of(lab.Provider) as ILabSnapshots ?? throw new LabException(
        "SnapshotsNotSupported",
        LabErrorKind.InvalidOperation,
        $"Lab '{lab.Name}' is of the provider {lab.Provider}, which keeps no snapshots.",
        lab.Name,
        "Make a lab that can with: New-LabCluster -Provider Simulator");

    // In the engine's own load context, so that the simulator sees this very ILabProvider.
    private static ILabProvider Load(string assembly)
    {
        var context = AssemblyLoadContext.GetLoadContext(typeof(LabProviders).Assembly)!;
        var loaded = context.LoadFromAssemblyName(new AssemblyName(assembly));
        return (ILabProvider)Activator.CreateInstance(loaded.GetCustomAttribute<LabProviderTypeAttribute>()!.Type)!;
    }
}
