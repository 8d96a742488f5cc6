using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;

namespace CiliumLab.Simulator.Snapshots;

/// <summary>What is kept of a lab.</summary>
/// <param name="Cluster">Everything that lives in it.</param>
/// <param name="Identity">How its API server is known; null when it was never started.</param>
internal sealed record LabImage(SimulatedCluster Cluster, ServerIdentity? Identity);
