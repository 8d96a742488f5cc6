using System.Management.Automation;

namespace CiliumLab.PowerShell.Loading;

/// <summary>Runs when PowerShell imports the module. It only registers; nothing else is loaded until a cmdlet needs it.</summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer
{
    /// <inheritdoc/>
    public void OnImport() => ModuleLoadContext.Register();
}
