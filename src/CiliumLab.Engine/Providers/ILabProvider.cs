using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Model;

namespace CiliumLab.Engine.Providers;

/// <summary>Where labs come from: makes their machines, runs and stops them, takes them away, and reaches them.</summary>
public interface ILabProvider
{
    /// <summary>Which provider this is.</summary>
    LabProvider Kind { get; }

    /// <summary>
    /// How a lab is written down before its machines are there, so that a creation that fails can be gone on with; null when a
    /// failure leaves nothing to go on with.
    /// </summary>
    LabDescription? Begin(string name, LabTopology topology) => null;

    /// <summary>Makes the machines of a new lab and brings them up; goes on where an earlier creation failed.</summary>
    /// <param name="name">The lab's name.</param>
    /// <param name="topology">What it is made of.</param>
    /// <param name="folder">Its folder, which exists; it is empty unless an earlier creation of this lab was not finished.</param>
    /// <param name="step">Is told the step that the work is at.</param>
    /// <param name="cancellationToken">Stops the work; what was made stays for a second try.</param>
    /// <returns>How the lab is reached.</returns>
    Task<LabDescription> CreateAsync(string name, LabTopology topology, string folder, LabStep step, CancellationToken cancellationToken);

    /// <summary>What the lab's machines do.</summary>
    Task<LabPower> PowerAsync(LabDescription lab, string folder, CancellationToken cancellationToken);

    /// <summary>Switches the lab's machines on. Nothing happens to those that run.</summary>
    /// <returns>How the lab is reached now.</returns>
    Task<LabDescription> StartAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken);

    /// <summary>Switches the lab's machines off. Nothing happens to those that do not run.</summary>
    Task StopAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken);

    /// <summary>Destroys everything that <see cref="CreateAsync"/> made outside the lab's folder.</summary>
    Task RemoveAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken);

    /// <summary>Reaches a node; nothing is contacted yet.</summary>
    INodeShell Reach(LabDescription lab, NodeDescription node, string folder, SshCredential credential);
}
