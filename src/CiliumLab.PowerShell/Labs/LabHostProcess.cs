using CiliumLab.Engine.Providers;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Labs;

/// <summary>What pwsh calls in the background process of a detached lab.</summary>
public static class LabHostProcess
{
    /// <summary>Hosts a lab in this process until it is stopped or removed.</summary>
    /// <param name="folder">The lab's folder.</param>
    /// <returns>The process's exit code.</returns>
    public static int Run(string folder) => ((ILabHost)LabProviders.Of(LabProvider.Simulator)).Run(folder);
}
