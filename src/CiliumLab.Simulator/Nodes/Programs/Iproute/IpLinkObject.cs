using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs.Iproute;

/// <summary><c>ip link</c>.</summary>
internal static class IpLinkObject
{
    /// <summary>Runs the command.</summary>
    public static int Run(IpContext context)
    {
        var arguments = context.Arguments;
        if (arguments.Peek is not { } command)
            return IpListing.Links(context);
        if (command is "add" or "a")
            return Changing(Add);
        if (command is "set" or "s" or "se" or "change")
            return Changing(Set);
        if (IprouteArguments.Matches(command, "delete"))
            return Changing(Delete);
        if (command is "show" or "sh" or "list" or "lst" or "ls" or "l")
        {
            arguments.Take();
            return IpListing.Links(context);
        }

        throw IpContext.Unknown(command, "ip link help");

        int Changing(Action<IpContext> change)
        {
            arguments.Take();
            context.RequireRoot();
            change(context);
            return 0;
        }
    }

    private static void Delete(IpContext context)
    {
        string? device = null;
        while (!context.Arguments.AtEnd)
        {
            var word = context.Arguments.Take();
            if (word == "type")
                context.Arguments.Value();
            else
                device = word == "dev" ? context.Arguments.Value() : word;
        }

        if (device is null)
            throw new ProgramException(255, "Not enough information: \"dev\" argument is required.\n");
        var link = IprouteArguments.Device(context.Network, device);
        IprouteArguments.Tell(() => context.Network.RemoveLink(link));
    }

    private static void Add(IpContext context)
    {
        var arguments = context.Arguments;
        var request = new LinkRequest(LinkKind.Ether);
        string? type = null;
        string? lower = null;
        string? master = null;
        var up = false;
        while (type is null && !arguments.AtEnd)
        {
            var word = arguments.Take();
            switch (word)
            {
                case "link":
                    lower = arguments.Value();
                    break;
                case "master":
                    master = arguments.Value();
                    break;
                case "up":
                    up = true;
                    break;
                case "type":
                    type = arguments.Value();
                    break;
                default:
                    request = ReadCommon(context, request, word);
                    break;
            }
        }

        if (type is null)
            throw new ProgramException(1, "Not enough information: \"type\" argument is required\n");
        request = LinkTypes.Read(context, request, type);
        if (lower is not null && request.Tunnel is { Lower: null } tunnel)
            request = request with { Tunnel = tunnel with { Lower = IprouteArguments.Device(context.Network, lower) } };
        var bridge = master is null ? null : context.Network.FindLink(master) ?? throw IprouteArguments.Wrong(master, "Device does not exist\n");
        IprouteArguments.Tell(() =>
        {
            var link = context.Network.AddLink(request);
            if (bridge is not null)
                context.Network.SetMaster(link, bridge);
            if (up)
                context.Network.SetUp(link);
        });
    }

    /// <summary>Reads what a link and its peer have in common.</summary>
    internal static LinkRequest ReadCommon(IpContext context, LinkRequest request, string word)
    {
        var arguments = context.Arguments;
        switch (word)
        {
            case "address" or "addr":
                return request with { Mac = Mac(arguments.Value()) };
            case "mtu":
                return request with { Mtu = (int)arguments.Number("mtu") };
            case "txqueuelen" or "qlen" or "txqlen":
                return request with { QueueLength = (int)arguments.Number("txqueuelen") };
            case "index":
                return request with { Index = (int)arguments.Number("index") };
            case "numtxqueues" or "numrxqueues":
                arguments.Number(word);
                return request;
            case "netns":
                return request with { PeerNetwork = Namespace(context, arguments.Value()) };
            case "name" or "dev":
                return request with { Name = arguments.Value() };
            default:
                return request.Name is null
                    ? request with { Name = word }
                    : throw new ProgramException(255, $"Error: either \"dev\" is duplicate, or \"{word}\" is a garbage.\n");
        }
    }

    private static void Set(IpContext context)
    {
        var arguments = context.Arguments;
        string? device = null;
        var changes = new List<Action<NetworkNamespace, Link>>();
        while (!arguments.AtEnd)
        {
            var word = arguments.Take();
            switch (word)
            {
                case "up":
                    changes.Add((network, link) => network.SetUp(link));
                    break;
                case "down":
                    changes.Insert(0, (network, link) => network.SetDown(link));
                    break;
                case "name":
                    var name = arguments.Value();
                    changes.Add((network, link) => network.Rename(link, name));
                    break;
                case "mtu":
                    var mtu = (int)arguments.Number("mtu");
                    changes.Insert(0, (network, link) => network.SetMtu(link, mtu));
                    break;
                case "address" or "addr":
                    var mac = Mac(arguments.Value());
                    changes.Insert(0, (network, link) => network.SetMac(link, mac));
                    break;
                case "txqueuelen" or "qlen" or "txqlen":
                    var length = (int)arguments.Number("txqueuelen");
                    changes.Add((network, link) => network.Change(link, one => one.QueueLength = length));
                    break;
                case "alias":
                    var alias = arguments.Value();
                    changes.Add((network, link) => network.Change(link, one => one.Alias = alias.Length == 0 ? null : alias));
                    break;
                case "arp":
                    var arp = OnOff(arguments, "arp");
                    changes.Add((network, link) => network.Change(link, one => one.NoArp = !arp));
                    break;
                case "multicast":
                    var multicast = OnOff(arguments, "multicast");
                    changes.Add((network, link) => network.Change(link, one => one.IsMulticast = multicast));
                    break;
                case "promisc":
                    var promiscuous = OnOff(arguments, "promisc");
                    changes.Add((network, link) => network.Change(link, one => one.IsPromiscuous = promiscuous));
                    break;
                case "addrgenmode":
                    var mode = arguments.Value();
                    if (mode is not ("eui64" or "none" or "stable_secret" or "random"))
                        throw IprouteArguments.Wrong(mode, "Invalid address generation mode\n");
                    changes.Add((network, link) => network.Change(link, one => one.GeneratesLinkLocal = mode != "none"));
                    break;
                case "nomaster":
                    changes.Add((network, link) => network.SetMaster(link, null));
                    break;
                case "master":
                    var master = arguments.Value();
                    var bridge = context.Network.FindLink(master) ?? throw IprouteArguments.Wrong(master, "Device does not exist\n");
                    changes.Add((network, link) => network.SetMaster(link, bridge));
                    break;
                case "netns":
                    var target = Namespace(context, arguments.Value());
                    changes.Add((network, link) => network.Move(link, target));
                    break;
                case "type":
                    if (arguments.Value() is var type && type != "bridge_slave")
                        throw new ProgramException(2, "RTNETLINK answers: Operation not supported\n");
                    changes.Add(PortChange(arguments));
                    break;
                default:
                    if (word == "dev")
                        word = arguments.Value();
                    if (device is not null)
                        throw new ProgramException(255, $"Error: either \"dev\" is duplicate, or \"{word}\" is a garbage.\n");
                    device = word;
                    break;
            }
        }

        if (device is null)
            throw new ProgramException(255, "Not enough information: \"dev\" argument is required.\n");
        var found = IprouteArguments.Device(context.Network, device);
        IprouteArguments.Tell(() => changes.ForEach(change => change(context.Network, found)));
    }

    private static Action<NetworkNamespace, Link> PortChange(IprouteArguments arguments)
    {
        var changes = new List<Func<BridgePort, BridgePort>>();
        while (!arguments.AtEnd)
        {
            var word = arguments.Take();
            var on = OnOff(arguments, word);
            changes.Add(BridgeProgram.PortFlag(word, on)
                ?? throw new ProgramException(255, $"bridge_slave: unknown option \"{word}\"?\n"));
        }

        return (network, link) =>
        {
            if (link.Port is null)
                throw new KernelException(Errno.NotSupported);
            network.SetPort(link, changes.Aggregate(link.Port, (port, change) => change(port)));
        };
    }

    private static NetworkNamespace Namespace(IpContext context, string name)
    {
        if (name == "1")
            return context.Call.Node.Kernel.Network;
        return context.Call.Node.Kernel.FindNamespace(name) ?? throw IprouteArguments.Wrong(name, "Invalid \"netns\" value\n");
    }

    private static MacAddress Mac(string word) =>
        MacAddress.TryParse(word, out var mac) ? mac : throw new ProgramException(1, $"\"{word}\" is invalid lladdr.\n");

    private static bool OnOff(IprouteArguments arguments, string what)
    {
        var word = arguments.Value();
        return word switch
        {
            "on" or "1" => true,
            "off" or "0" => false,
            _ => throw new ProgramException(255, $"Error: argument of \"{what}\" must be one of \"on\" or \"off\", not \"{word}\"\n"),
        };
    }
}

/// <summary>What stands behind <c>type</c> in <c>ip link add</c>.</summary>
internal static class LinkTypes
{
    /// <summary>Reads a type and its options.</summary>
    public static LinkRequest Read(IpContext context, LinkRequest request, string type)
    {
        var kind = type switch
        {
            "veth" => LinkKind.Veth,
            "bridge" => LinkKind.Bridge,
            "vxlan" => LinkKind.Vxlan,
            "geneve" => LinkKind.Geneve,
            "dummy" => LinkKind.Dummy,
            "netkit" => LinkKind.Netkit,
            _ => throw new ProgramException(2, "Error: Unknown device type.\n"),
        };
        if (kind is LinkKind.Vxlan or LinkKind.Geneve or LinkKind.Bridge or LinkKind.Veth or LinkKind.Dummy)
            context.Call.Node.Kernel.Modules.Request(type);
        request = request with { Kind = kind };
        return kind switch
        {
            LinkKind.Veth or LinkKind.Netkit => Pair(context, request),
            LinkKind.Bridge => Bridge(context.Arguments, request),
            LinkKind.Vxlan or LinkKind.Geneve => request with { Tunnel = Tunnel(context, type) },
            _ => request,
        };
    }

    private static LinkRequest Pair(IpContext context, LinkRequest request)
    {
        var arguments = context.Arguments;
        var peer = new LinkRequest(request.Kind);
        var inPeer = false;
        while (!arguments.AtEnd)
        {
            var word = arguments.Take();
            if (word == "peer")
                inPeer = true;
            else if (inPeer)
                peer = IpLinkObject.ReadCommon(context, peer, word);
            else if (request.Kind == LinkKind.Netkit && word is "mode" or "policy")
                arguments.Value();
            else
                throw new ProgramException(255, $"{request.Kind.ToString().ToLowerInvariant()}: unknown option \"{word}\"?\n");
        }

        return request with { Peer = peer, PeerNetwork = peer.PeerNetwork };
    }

    private static LinkRequest Bridge(IprouteArguments arguments, LinkRequest request)
    {
        while (!arguments.AtEnd)
        {
            var word = arguments.Take();
            if (word == "stp_state")
                request = request with { SpanningTree = arguments.Value() != "0" };
            else if (word is "forward_delay" or "hello_time" or "max_age" or "ageing_time" or "priority" or "vlan_filtering" or "mcast_snooping")
                arguments.Number(word);
            else
                throw new ProgramException(1, $"bridge: unknown command \"{word}\"?\n");
        }

        return request;
    }

    private static TunnelSettings Tunnel(IpContext context, string type)
    {
        var arguments = context.Arguments;
        uint? id = null;
        var tunnel = new TunnelSettings(0) { Port = type == "geneve" ? 6081 : 8472 };
        while (!arguments.AtEnd)
        {
            var word = arguments.Take();
            switch (word)
            {
                case "id" or "vni":
                    var text = arguments.Value();
                    if (!IprouteArguments.TryNumber(text, out var number) || number >= 1 << 24)
                        throw IprouteArguments.Wrong(text, "invalid id");
                    id = number;
                    break;
                case "local":
                    tunnel = tunnel with { Local = arguments.Address(null) };
                    break;
                case "remote":
                    tunnel = tunnel with { Remote = arguments.Address(null) };
                    break;
                case "dev":
                    tunnel = tunnel with { Lower = IprouteArguments.Device(context.Network, arguments.Value()) };
                    break;
                case "dstport" or "port":
                    tunnel = tunnel with { Port = (int)arguments.Number("dstport") };
                    break;
                case "learning" or "nolearning":
                    tunnel = tunnel with { Learning = word == "learning" };
                    break;
                case "external":
                    tunnel = tunnel with { External = true };
                    break;
                case "ttl" or "tos" or "ageing" or "df":
                    arguments.Value();
                    break;
                case "noudpcsum" or "udpcsum" or "proxy" or "noproxy" or "rsc" or "norsc":
                    break;
                default:
                    throw new ProgramException(255, $"{type}: unknown command \"{word}\"?\n");
            }
        }

        if (id is null && !tunnel.External)
            throw new ProgramException(2, "Error: Required attributes not provided to perform the operation.\n");
        return tunnel with { Id = id ?? 0 };
    }
}
