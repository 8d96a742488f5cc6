using CiliumLab.Simulator.Life;

namespace CiliumLab.Simulator.Flannel;

/// <summary>The <c>flannel</c> CNI plugin as the container runtime calls it.</summary>
internal sealed class FlannelPlugin : ICniPlugin
{
    /// <inheritdoc/>
    public string Type => "flannel";

    /// <inheritdoc/>
    public CniResult Add(CniRequest request)
    {
        try
        {
            return new CniResult(FlannelInterface.Add(request.Node, request.Network, request.ContainerId, request.Configuration, request.Interface));
        }
        catch (FlannelCniException error)
        {
            throw new CniException(error.Message);
        }
    }

    /// <inheritdoc/>
    public void Delete(CniRequest request) => FlannelInterface.Delete(request.Node, request.Network, request.ContainerId, request.Configuration, request.Interface);
}
