namespace CiliumLab.Engine.Providers;

/// <summary>A provider whose labs can live in a process of their own, which other processes reach.</summary>
public interface ILabHost
{
    /// <summary>Makes this process the one that a detached lab lives in, until the lab is stopped or removed.</summary>
    /// <param name="folder">The lab's folder.</param>
    /// <returns>The process's exit code.</returns>
    int Run(string folder);
}
