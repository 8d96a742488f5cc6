using CiliumLab.Engine.Labs.Description;

namespace CiliumLab.Engine.Host;

/// <summary>The lab that this computer is checked for.</summary>
/// <param name="Lab">Its name.</param>
/// <param name="Topology">What it is made of.</param>
/// <param name="IsMade">Whether there is such a lab already, so that ports and names may be in use by its own machines.</param>
public sealed record HostNeeds(string Lab, LabTopology Topology, bool IsMade);
