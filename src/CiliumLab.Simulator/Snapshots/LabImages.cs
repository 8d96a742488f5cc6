using System.Diagnostics;
using CiliumLab.Simulator.Life;

namespace CiliumLab.Simulator.Snapshots;

/// <summary>Takes a whole lab down into bytes while nothing in it moves, and makes it again.</summary>
internal static class LabImages
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(20);

    /// <summary>The lab as it is at this moment, between two steps of its control loop.</summary>
    /// <exception cref="SnapshotException">There is something in it that cannot be kept.</exception>
    public static async Task<byte[]> TakeAsync(SimulatedCluster cluster)
    {
        byte[] taken = [];
        await cluster.Loop.DoAsync(() => taken = Still(cluster, () => Write(cluster))).ConfigureAwait(false);
        return taken;
    }

    /// <summary>Makes a lab again; it rests until it is resumed.</summary>
    public static LabImage Read(Stream input, TimeProvider clock) => GraphReader.Read<LabImage>(input, clock);

    private static byte[] Write(SimulatedCluster cluster)
    {
        using var memory = new MemoryStream();
        GraphWriter.Write(memory, new LabImage(cluster, cluster.Server?.Identity));
        return memory.ToArray();
    }

    /// <summary>Does something while neither a command on a node nor a request can change anything.</summary>
    private static T Still<T>(SimulatedCluster cluster, Func<T> action)
    {
        Lock[] gates = [cluster.Store.Gate, .. cluster.Nodes.Select(static node => node.Kernel.Gate)];
        var waited = Stopwatch.StartNew();
        while (true)
        {
            // Others take these in an order of their own: whoever cannot have all at once lets go and tries again.
            var held = gates.TakeWhile(static gate => gate.TryEnter(BetweenTries)).ToList();
            try
            {
                if (held.Count == gates.Length)
                    return action();
            }
            catch (InvalidOperationException error) when (waited.Elapsed < LongestWait)
            {
                // A list with a lock of its own was changed while it was read.
                _ = error;
            }
            finally
            {
                foreach (var gate in held)
                    gate.Exit();
            }

            if (waited.Elapsed >= LongestWait)
                throw new SnapshotException("the lab does not hold still");
        }
    }
}
