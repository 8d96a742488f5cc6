using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Providers.Vagrant;

namespace CiliumLab.Engine.Host;

/// <summary>The lab that this computer is checked for.</summary>
/// <param name="Lab">Its name.</param>
/// <param name="Topology">What it is made of.</param>
/// <param name="Folder">The folder of the lab of that name; null when there is none.</param>
public sealed record HostNeeds(string Lab, LabTopology Topology, string? Folder)
{
    /// <summary>The machines that the lab has already, whole or in part, by node: they have their names, ports and memory.</summary>
    internal IReadOnlyDictionary<string, Guid> Made { get; } = Folder is null ? new Dictionary<string, Guid>() : VagrantMachineId.Of(Folder);

    /// <summary>The nodes whose machines are still to be made, with each one's place among all.</summary>
    internal IReadOnlyList<(int Index, string Node)> Missing => [.. Topology.NodeNames.Index().Where(node => !Made.ContainsKey(node.Item))];
}
