using System.Runtime.CompilerServices;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;

namespace CiliumLab.Engine.Bpf;

/// <summary>Asks agents for the BPF file system that they use, and for what is pinned in it.</summary>
public static class BpfFilesystem
{
    /// <summary>Reads the mount, then what is pinned below it, folder by folder.</summary>
    /// <param name="agents">The agents.</param>
    /// <param name="node">The node.</param>
    /// <param name="warn">Is told of what was not understood.</param>
    /// <param name="cancellationToken">Ends the commands.</param>
    public static async IAsyncEnumerable<object> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var mounts = await agents.ReadAsync(node, ["bpf", "fs", "show", "-o", "json"], BpfMountText.Parse, warn, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        foreach (var mount in mounts)
        {
            yield return mount;
            string[] find = ["find", mount.MountPoint, "-mindepth", "1", "-printf", BpfPinText.FindFormat];
            await foreach (var pin in agents.ReadProgramAsync(node, find, (text, origin, tell) => BpfPinText.Found(text, origin, tell, mount.MountPoint), warn, cancellationToken).ConfigureAwait(false))
                yield return pin;
        }
    }
}
