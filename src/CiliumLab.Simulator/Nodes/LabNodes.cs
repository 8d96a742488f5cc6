using System.Net;
using CiliumLab.Simulator.Nodes.Network;
using CiliumLab.Simulator.Nodes.Programs;
using CiliumLab.Simulator.Nodes.Services;

namespace CiliumLab.Simulator.Nodes;

/// <summary>What a lab's machines shall be.</summary>
internal sealed record LabNodeOptions
{
    /// <summary>How many nodes beside the control plane.</summary>
    public int WorkerCount { get; init; } = 2;

    /// <summary>The network in which the nodes see each other; the first has the address with <see cref="FirstHost"/>.</summary>
    public IPNetwork NodeNetwork { get; init; } = IPNetwork.Parse("192.168.10.0/24");

    /// <summary>The host part of the first node's address.</summary>
    public int FirstHost { get; init; } = 100;

    /// <summary>Without a leading <c>v</c>.</summary>
    public string KubernetesVersion { get; init; } = "1.33.2";

    public string ContainerdVersion { get; init; } = "1.7.27";

    /// <summary>The search domain that the machine's host hands on; null for none.</summary>
    public string? DnsDomain { get; init; } = "Davolink";
}

/// <summary>Makes a lab's machines as <c>kubeadm</c> left them: with Kubernetes, without a CNI.</summary>
internal static class LabNodes
{
    private static readonly IPAddress Gateway = IPAddress.Parse("10.0.2.2");
    private static readonly IPAddress Resolver = IPAddress.Parse("10.0.2.3");
    private static readonly IPAddress Own = IPAddress.Parse("10.0.2.15");
    private static readonly MacAddress SharedMac = MacAddress.Parse("08:00:27:6b:69:c9");
    private static readonly IPAddress AdvertisedPrefix = IPAddress.Parse("fd17:625c:f037:2::");

    /// <summary>Makes the machines and plugs them together.</summary>
    public static IReadOnlyList<SimulatedNode> Create(Seed seed, TimeProvider clock, LabNodeOptions? options = null)
    {
        options ??= new LabNodeOptions();
        var network = new IpPrefix(options.NodeNetwork.BaseAddress, options.NodeNetwork.PrefixLength);
        var names = Enumerable.Range(0, options.WorkerCount + 1).Select(number => number == 0 ? "k8s-ctr" : $"k8s-w{number}").ToArray();
        SimulatedNode[] nodes = [.. names.Select(name => new SimulatedNode(name, clock, seed))];
        var datapath = new LabDatapath(() => nodes, [Gateway, Resolver]);
        var hosts = string.Concat(names.Select((name, number) => $"{network[options.FirstHost + number]} {name}\n"));
        for (var number = 0; number < nodes.Length; number++)
        {
            var node = nodes[number];
            node.Datapath = datapath;
            NodeFiles.AddTo(node, hosts);
            AddServices(node);
            Boot(node, number, options);
            node.Dns =
            [
                new LinkDns("eth0") { DefaultRoute = true, Servers = [Resolver.ToString()], CurrentServer = Resolver.ToString(), Domains = options.DnsDomain is { } domain ? [domain] : [] },
                new LinkDns("eth1"),
            ];
            StandardPrograms.AddTo(node);
            StandardPrograms.AddKubernetesTo(node, options.KubernetesVersion, options.ContainerdVersion);
            KubeletChains.Ensure(node.Kernel.Network.Iptables);
            KubeletChains.Ensure(node.Kernel.Network.Ip6tables);
        }

        return nodes;
    }

    /// <summary>What a machine is after it was switched off and on: its disk as it was, its kernel as at the first boot and as its disk says.</summary>
    public static void Reboot(SimulatedNode node, IReadOnlyList<SimulatedNode> nodes, LabNodeOptions options)
    {
        lock (node.Kernel.Gate)
        {
            node.Kernel.Reset();
            node.Sockets.Remove(static _ => true);
            node.Mounts.Clear();
            NodeFiles.AddMounts(node);
            NodeFiles.ClearMemory(node);
            node.BootedAt = node.Clock.GetUtcNow();
            node.Identity = node.Identity with { BootId = Convert.ToHexStringLower(node.Seed.NextBytes(16)) };
            node.Services.Boot();
            Boot(node, nodes.ToList().IndexOf(node), options);
            NodeFiles.LoadSettings(node);
            node.IsPoweredOn = true;
        }
    }

    private static void Boot(SimulatedNode node, int number, LabNodeOptions options)
    {
        var network = new IpPrefix(options.NodeNetwork.BaseAddress, options.NodeNetwork.PrefixLength);
        AddLinks(node, new IpPrefix(network[options.FirstHost + number], network.Length));
        AddModules(node);
        AddSockets(node, network[options.FirstHost + number], network[options.FirstHost]);
    }

    private static void AddLinks(SimulatedNode node, IpPrefix address)
    {
        var network = node.Kernel.Network;
        var now = node.Clock.GetUtcNow();
        network.SetUp(network.Loopback);

        // The machines are copies of one: all of them have the same address where they do not see each other.
        var eth0 = network.AddLink(new LinkRequest(LinkKind.Ether) { Name = "eth0", Mac = SharedMac });
        var macs = node.Seed.Fork("eth1").NextBytes(3);
        var eth1 = network.AddLink(new LinkRequest(LinkKind.Ether) { Name = "eth1", Mac = MacAddress.Parse($"08:00:27:{macs[0]:x2}:{macs[1]:x2}:{macs[2]:x2}") });
        network.Change(eth0, link => link.AlternativeNames = ["enp0s3"]);
        network.Change(eth1, link => link.AlternativeNames = ["enp0s8"]);
        network.SetUp(eth0);
        network.SetUp(eth1);
        var lease = new Lease(now, TimeSpan.FromDays(1), TimeSpan.FromDays(1), TimeSpan.FromHours(12));
        network.AddAddress(eth0, new LinkAddress(Own, 24) { Broadcast = IPAddress.Parse("10.0.2.255"), Metric = 100, Lease = lease });
        network.AddAddress(eth0, new LinkAddress(SharedMac.Behind(AdvertisedPrefix), 64)
        {
            NoPrefixRoute = true,
            ManagesTemporary = true,
            Lease = new Lease(now, TimeSpan.FromSeconds(86400), TimeSpan.FromSeconds(14400), TimeSpan.FromMinutes(7)),
        });
        network.AddAddress(eth1, new LinkAddress(address.Address, address.Length) { Broadcast = address.Last });
        foreach (var route in (Route[])
        [
            new Route(IpPrefix.Default(System.Net.Sockets.AddressFamily.InterNetwork)) { Gateway = Gateway },
            new Route(IpPrefix.Host(Gateway)) { Scope = NetworkScope.Link },
            new Route(IpPrefix.Host(Resolver)) { Scope = NetworkScope.Link },
        ])
        {
            network.AddRoute(route with { Link = eth0, Protocol = 16, PreferredSource = Own, Metric = 100 }, RouteChange.Add);
        }

        network.AddRoute(new Route(new IpPrefix(AdvertisedPrefix, 64)) { Link = eth0, Protocol = 9, Metric = 100, Lease = new Lease(now, TimeSpan.FromSeconds(86400), TimeSpan.Zero, TimeSpan.FromMinutes(7)) }, RouteChange.Add);
        network.AddRoute(
            new Route(IpPrefix.Default(System.Net.Sockets.AddressFamily.InterNetworkV6))
            {
                Gateway = IPAddress.Parse("fe80::2"),
                Link = eth0,
                Protocol = 9,
                Metric = 100,
                Preference = "medium",
                Lease = new Lease(now, TimeSpan.FromSeconds(1800), TimeSpan.Zero, TimeSpan.FromMinutes(7)),
            },
            RouteChange.Add);
    }

    private static void AddModules(SimulatedNode node)
    {
        foreach (var module in ModuleCatalog.LoadedAtBoot)
            node.Kernel.Modules.Load(module);
        node.Kernel.Modules.Hold("overlay", 9);
        node.Kernel.Modules.Hold("nf_tables", 120);
    }

    private static void AddServices(SimulatedNode node)
    {
        var services = node.Services;
        services.Add(new NodeService("systemd-resolved", "Network Name Resolution") { Command = "/usr/lib/systemd/systemd-resolved", Documentation = "man:systemd-resolved.service(8)" });
        services.Add(new NodeService("systemd-networkd", "Network Configuration") { Command = "/usr/lib/systemd/systemd-networkd", Documentation = "man:systemd-networkd.service(8)" });
        services.Add(new NodeService("ssh", "OpenBSD Secure Shell server") { Command = "\"sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups\"", Documentation = "man:sshd(8)" });
        services.Add(new NodeService("containerd", "containerd container runtime") { Command = "/usr/bin/containerd", Documentation = "https://containerd.io", Memory = 88_080_384 });
        services.Add(new NodeService("kubelet", "kubelet: The Kubernetes Node Agent")
        {
            Command = "/usr/bin/kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml",
            DropIns = ["/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf"],
            Documentation = "https://kubernetes.io/docs/",
            Memory = 46_137_344,
        });
        services.Changed += (service, change) =>
        {
            if (service.Name != "kubelet" || change == ServiceChange.Stopped)
                return;
            KubeletChains.Ensure(node.Kernel.Network.Iptables);
            KubeletChains.Ensure(node.Kernel.Network.Ip6tables);
        };
    }

    private static void AddSockets(SimulatedNode node, IPAddress address, IPAddress controlPlane)
    {
        var sshd = node.Services.Find("ssh")!.ProcessId;
        var kubelet = node.Services.Find("kubelet")!.ProcessId;
        var sockets = node.Sockets;
        sockets.Add(new NodeSocket("tcp", "LISTEN", new IPEndPoint(IPAddress.Parse("127.0.0.53"), 53)) { SendQueue = 4096, Interface = "lo", Owners = [new SocketOwner("systemd-resolve", node.Services.Find("systemd-resolved")!.ProcessId, 15)] });
        sockets.Add(new NodeSocket("udp", "UNCONN", new IPEndPoint(IPAddress.Parse("127.0.0.53"), 53)) { Interface = "lo", Owners = [new SocketOwner("systemd-resolve", node.Services.Find("systemd-resolved")!.ProcessId, 14)] });
        sockets.Add(new NodeSocket("tcp", "LISTEN", new IPEndPoint(IPAddress.Loopback, 10248)) { SendQueue = 4096, Owners = [new SocketOwner("kubelet", kubelet, 21)] });
        sockets.Add(new NodeSocket("tcp", "LISTEN", new IPEndPoint(IPAddress.IPv6Any, 10250)) { SendQueue = 4096, IsDual = true, Owners = [new SocketOwner("kubelet", kubelet, 12)] });
        sockets.Add(new NodeSocket("tcp", "LISTEN", new IPEndPoint(IPAddress.IPv6Any, 22)) { SendQueue = 4096, IsDual = true, Owners = [new SocketOwner("sshd", sshd, 3)] });
        sockets.Add(new NodeSocket("tcp", "ESTAB", new IPEndPoint(Own.MapToIPv6(), 22))
        {
            Peer = new IPEndPoint(Gateway.MapToIPv6(), 32768 + node.Seed.Fork("ssh-port").Next(28000)),
            Owners = [new SocketOwner("sshd", sshd + 41, 4), new SocketOwner("sshd", sshd + 3, 4)],
        });
        if (node.Name.EndsWith("-ctr", StringComparison.Ordinal))
            sockets.Add(new NodeSocket("tcp", "LISTEN", new IPEndPoint(IPAddress.IPv6Any, 6443)) { SendQueue = 4096, IsDual = true, Owners = [new SocketOwner("kube-apiserver", kubelet + 77, 3)] });
        else
            sockets.Add(new NodeSocket("tcp", "ESTAB", new IPEndPoint(address, 40000 + node.Seed.Fork("api-port").Next(9000))) { Peer = new IPEndPoint(controlPlane, 6443), Owners = [new SocketOwner("kubelet", kubelet, 9)] });
    }
}
