namespace CiliumLab.Simulator.Nodes;

/// <summary>What is broken about a node on purpose. Every property may be changed at any time.</summary>
internal sealed class NodeFaults
{
    private volatile bool _unreachable;
    private volatile bool _diskFull;
    private volatile bool _iptablesRestoreFails;
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

    /// <summary>Raised when the connections that are open now break.</summary>
    internal event Action? ConnectionsBroken;

    /// <summary>Breaks the connections that are open now; new ones are made as ever.</summary>
    public void BreakConnections() => ConnectionsBroken?.Invoke();

    /// <summary>Mends everything.</summary>
    public void Clear()
    {
        (Unreachable, DiskFull, IptablesRestoreFails) = (false, false, false);
        (Delay, DropAfterBytes) = (TimeSpan.Zero, null);
    }
}
