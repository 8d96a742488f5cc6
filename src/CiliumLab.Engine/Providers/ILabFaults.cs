using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;

namespace CiliumLab.Engine.Providers;

/// <summary>A provider whose labs can be broken on purpose. The lab must run.</summary>
public interface ILabFaults
{
    /// <summary>Breaks something. The same kind at the same place takes the place of what was set there before.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="fault">What to break; its number, hits and time are of no meaning.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What is broken now.</returns>
    Task<LabFault> SetAsync(LabDescription lab, string folder, LabFault fault, CancellationToken cancellationToken);

    /// <summary>What is broken now, in the order in which it was set.</summary>
    Task<IReadOnlyList<LabFault>> GetAsync(LabDescription lab, string folder, CancellationToken cancellationToken);

    /// <summary>Mends something. Nothing happens when it has ended by itself.</summary>
    Task ClearAsync(LabDescription lab, string folder, int id, CancellationToken cancellationToken);
}
