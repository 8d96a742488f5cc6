using CiliumLab.Simulator.Life;

namespace CiliumLab.Simulator.Cilium;

/// <summary>The plugin <c>cilium-cni</c>: it hands each call on to the agent of the node.</summary>
internal sealed class CiliumCni(CiliumInstallation cilium) : ICniPlugin
{
    /// <inheritdoc/>
    public string Type => CniFiles.Binary;

    /// <inheritdoc/>
    public CniResult Add(CniRequest request)
    {
        lock (request.Node.Kernel.Gate)
            return new CniResult(cilium[request.Node].Endpoints.Add(request).Address!);
    }

    /// <inheritdoc/>
    public void Delete(CniRequest request)
    {
        lock (request.Node.Kernel.Gate)
            cilium[request.Node].Endpoints.Remove(request.ContainerId);
    }
}
