using CiliumLab.Simulator.Nodes.Bpf;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes;

/// <summary>
/// The kernel of a node: network namespaces, modules, switches, its configuration, eBPF objects. Everything in it is guarded by
/// <see cref="Gate"/>; whoever reads or changes several things at once holds it.
/// </summary>
internal sealed class SimulatedKernel
{
    private readonly Seed _macs;
    private readonly Seed _jitter;
    private readonly List<NetworkNamespace> _namespaces = [];
    private ulong _lastCookie;

    /// <param name="clock">What time it is.</param>
    /// <param name="seed">Where MAC addresses come from.</param>
    public SimulatedKernel(TimeProvider clock, Seed seed)
    {
        Clock = clock;
        _macs = seed.Fork("mac");
        _jitter = seed.Fork("jitter");
        Sysctls = new Sysctls(this);
        Modules = new KernelModules(this);
        Network = new NetworkNamespace(this, null);
        _namespaces.Add(Network);
        Bpf = new BpfObjects(this);
    }

    /// <summary>Guards everything of the node; taking it twice is allowed.</summary>
    public Lock Gate { get; } = new();

    /// <summary>A number that no other namespace has had.</summary>
    internal ulong NextCookie() => Interlocked.Increment(ref _lastCookie);

    /// <summary>What time it is.</summary>
    public TimeProvider Clock { get; }

    /// <summary>What <c>uname -r</c> says.</summary>
    public string Release { get; init; } = SystemDefaults.KernelRelease;

    /// <summary>What <c>uname -v</c> says.</summary>
    public string Version { get; init; } = SystemDefaults.KernelVersion;

    /// <summary>What <c>uname -m</c> says.</summary>
    public string Machine { get; init; } = "x86_64";

    /// <summary>The lines of /boot/config-*.</summary>
    public IReadOnlyList<string> Configuration { get; init; } = KernelConfiguration.Lines;

    /// <summary>The node's own network.</summary>
    public NetworkNamespace Network { get; }

    /// <summary>The node's own network and those of its pods.</summary>
    public IReadOnlyList<NetworkNamespace> Namespaces
    {
        get
        {
            lock (Gate)
                return [.. _namespaces];
        }
    }

    /// <summary>Modules.</summary>
    public KernelModules Modules { get; }

    /// <summary>Switches under /proc/sys.</summary>
    public Sysctls Sysctls { get; }

    /// <summary>eBPF programs, maps, and where they are pinned and attached.</summary>
    public BpfObjects Bpf { get; }

    /// <summary>Makes a network namespace for a pod.</summary>
    /// <param name="name">Its name under /run/netns; null for one without a name.</param>
    public NetworkNamespace AddNamespace(string? name)
    {
        lock (Gate)
        {
            if (name is not null && FindNamespace(name) is not null)
                throw new KernelException(Errno.Exists);
            var made = new NetworkNamespace(this, name);
            _namespaces.Add(made);
            return made;
        }
    }

    /// <summary>A network namespace by its name; null when there is none.</summary>
    public NetworkNamespace? FindNamespace(string name)
    {
        lock (Gate)
            return _namespaces.Find(network => network.Name == name);
    }

    /// <summary>Ends a network namespace with all that is in it.</summary>
    public void RemoveNamespace(NetworkNamespace network)
    {
        lock (Gate)
        {
            network.Destroy();
            _namespaces.Remove(network);
        }
    }

    /// <summary>Loses everything that a kernel loses when its machine is switched off.</summary>
    public void Reset()
    {
        lock (Gate)
        {
            foreach (var network in Namespaces.Where(network => network != Network))
                RemoveNamespace(network);
            Bpf.Reset();
            Network.Reset();
            Modules.Reset();
            Sysctls.Reset();
        }
    }

    /// <summary>A number from zero to below a limit, for what varies a little each time.</summary>
    internal int Jitter(int limit) => _jitter.Next(limit);

    internal MacAddress NextMac() => MacAddress.Parse(_macs.NextMac());
}
