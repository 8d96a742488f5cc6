using CiliumLab.Simulator.Nodes.Files;
using CiliumLab.Simulator.Nodes.Programs;
using CiliumLab.Simulator.Nodes.Services;

namespace CiliumLab.Simulator.Nodes;

/// <summary>A machine of a lab with everything that its programs can see. It holds state and no text; programs make the text.</summary>
internal sealed class SimulatedNode
{
    /// <param name="name">The host name.</param>
    /// <param name="clock">What time it is.</param>
    /// <param name="seed">The lab's; the node draws from a fork by its name.</param>
    public SimulatedNode(string name, TimeProvider clock, Seed seed)
    {
        Name = name;
        HostName = name;
        Clock = clock;
        Seed = seed.Fork("node/" + name);
        Kernel = new SimulatedKernel(clock, Seed);
        Files = new NodeFileSystem(Kernel.Gate, clock) { IsFull = () => Faults.DiskFull, RefusesWrite = () => Faults.RefusesWrite() };
        Services = new NodeServices(Kernel.Gate, clock);
        Mounts = new MountTable(Kernel.Gate);
        Sockets = new SocketTable(Kernel.Gate);
        Programs = new NodePrograms(this);
        BootedAt = clock.GetUtcNow();
        Identity = new NodeIdentity
        {
            MachineId = Convert.ToHexStringLower(Seed.Fork("machine-id").NextBytes(16)),
            BootId = Convert.ToHexStringLower(Seed.Fork("boot-id").NextBytes(16)),
        };
    }

    /// <summary>The node's name in the lab.</summary>
    public string Name { get; }

    /// <summary>What <c>hostname</c> says.</summary>
    public string HostName { get; set; }

    /// <summary>What time it is.</summary>
    public TimeProvider Clock { get; }

    /// <summary>Where the node's names and numbers come from.</summary>
    public Seed Seed { get; }

    /// <summary>Networks, modules, switches, eBPF; its lock guards everything of the node.</summary>
    public SimulatedKernel Kernel { get; }

    /// <summary>Files.</summary>
    public NodeFileSystem Files { get; }

    /// <summary>Units of systemd.</summary>
    public NodeServices Services { get; }

    /// <summary>Mounted file systems.</summary>
    public MountTable Mounts { get; }

    /// <summary>TCP and UDP sockets.</summary>
    public SocketTable Sockets { get; }

    /// <summary>Programs; others add theirs here.</summary>
    public NodePrograms Programs { get; }

    /// <summary>What the container runtime knows.</summary>
    public INodeContainers Containers { get; set; } = new NoContainers();

    /// <summary>Decides whether packets arrive.</summary>
    public IDatapath Datapath { get; set; } = new NoDatapath();

    /// <summary>What is broken on purpose.</summary>
    public NodeFaults Faults { get; } = new();

    /// <summary>What the machine is.</summary>
    public NodeIdentity Identity { get; set; }

    /// <summary>Resolvers of each link.</summary>
    public IReadOnlyList<LinkDns> Dns { get; set; } = [];

    /// <summary>When it was started last.</summary>
    public DateTimeOffset BootedAt { get; set; }

    /// <summary>Whether it runs; a node that does not is not reachable.</summary>
    public bool IsPoweredOn
    {
        get;
        set
        {
            field = value;
            if (!value)
                Faults.BreakConnections();
        }
    } = true;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
