using System.IO.Enumeration;
using CiliumLab.Model;
using CiliumLab.Simulator.Snapshots;

namespace CiliumLab.Simulator.Nodes;

/// <summary>What is broken about a node on purpose. Every property may be changed at any time.</summary>
internal sealed class NodeFaults
{
    private volatile bool _unreachable;
    private volatile bool _diskFull;
    private volatile bool _iptablesRestoreFails;
    private volatile bool _agentNotReady;
    private volatile string? _refusedImages;
    private long _delayTicks;
    private int _dropAfter = -1;

    /// <summary>Nothing answers at the node's SSH port, and connections that were open break.</summary>
    public bool Unreachable
    {
        get => _unreachable;
        set
        {
            _unreachable = value;
            if (value)
                BreakConnections();
        }
    }

    /// <summary>The disk takes nothing more.</summary>
    public bool DiskFull
    {
        get => _diskFull;
        set => _diskFull = value;
    }

    /// <summary>iptables-restore refuses to commit, as when the kernel has no memory for a table.</summary>
    public bool IptablesRestoreFails
    {
        get => _iptablesRestoreFails;
        set => _iptablesRestoreFails = value;
    }

    /// <summary>How much later every command begins.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _delayTicks));
        set => Interlocked.Exchange(ref _delayTicks, value.Ticks);
    }

    /// <summary>The connection breaks after so many bytes of a command's output; null for never.</summary>
    public int? DropAfterBytes
    {
        get => Volatile.Read(ref _dropAfter) is >= 0 and var bytes ? bytes : null;
        set => Volatile.Write(ref _dropAfter, value ?? -1);
    }

    /// <summary>The Cilium agent's health endpoint says that it is not well.</summary>
    public bool CiliumAgentNotReady
    {
        get => _agentNotReady;
        set => _agentNotReady = value;
    }

    /// <summary>The images that cannot be pulled, as a wildcard; null for none.</summary>
    public string? RefusedImages
    {
        get => _refusedImages;
        set => _refusedImages = value;
    }

    /// <summary>Raised after a fault was felt by somebody.</summary>
    internal event Action<LabFaultKind>? Struck;

    /// <summary>Raised when the connections that are open now break.</summary>
    [field: NotInSnapshot]
    internal event Action? ConnectionsBroken;

    /// <summary>Breaks the connections that are open now; new ones are made as ever.</summary>
    public void BreakConnections() => ConnectionsBroken?.Invoke();

    /// <summary>Notes that somebody felt a fault.</summary>
    public void Strike(LabFaultKind kind) => Struck?.Invoke(kind);

    /// <summary>Whether the disk refuses what is about to be written.</summary>
    public bool RefusesWrite()
    {
        if (!DiskFull)
            return false;
        Strike(LabFaultKind.DiskFull);
        return true;
    }

    /// <summary>Why iptables-restore cannot commit; null when it can.</summary>
    public string? CommitRefusal()
    {
        if (!IptablesRestoreFails)
            return null;
        Strike(LabFaultKind.IptablesRestoreFailing);
        return "Memory allocation problem";
    }

    /// <summary>Why an image cannot be pulled; null when it can.</summary>
    public string? PullRefusal(string image)
    {
        if (RefusesWrite())
            return "failed to copy: write: no space left on device";
        if (RefusedImages is not { } refused || !FileSystemName.MatchesSimpleExpression(refused, image))
            return null;
        Strike(LabFaultKind.ImagePullFailing);
        return $"failed to resolve reference \"{image}\": failed to do request: dial tcp: lookup {image.Split('/')[0]}: i/o timeout";
    }

    /// <summary>Whether the agent's health endpoint is to say that it is not well.</summary>
    public bool AgentFails()
    {
        if (!CiliumAgentNotReady)
            return false;
        Strike(LabFaultKind.CiliumAgentNotReady);
        return true;
    }

    /// <summary>Mends everything.</summary>
    public void Clear()
    {
        (Unreachable, DiskFull, IptablesRestoreFails, CiliumAgentNotReady) = (false, false, false, false);
        (Delay, DropAfterBytes, RefusedImages) = (TimeSpan.Zero, null, null);
    }
}
