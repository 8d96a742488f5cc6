using System.Net.Sockets;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Nodes.Network;
using CiliumLab.Simulator.Nodes.Programs.Iproute;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary><c>bridge fdb</c>.</summary>
internal static class BridgeFdb
{
    private const int Failed = 255;

    /// <summary>Runs the command.</summary>
    public static int Run(IpContext context)
    {
        var arguments = context.Arguments;
        var command = arguments.AtEnd ? "show" : arguments.Take();
        switch (command)
        {
            case "show" or "sh" or "list" or "lst" or "ls":
                return Show(context);
            case "add" or "append" or "replace" or "del" or "delete":
                context.RequireRoot();
                Change(context, command);
                return 0;
            default:
                throw new ProgramException(Failed, $"Command \"{command}\" is unknown, try \"bridge fdb help\".\n");
        }
    }

    private static void Change(IpContext context, string command)
    {
        var arguments = context.Arguments;
        string? mac = null;
        string? device = null;
        System.Net.IPAddress? destination = null;
        var state = "permanent";
        var master = false;
        while (!arguments.AtEnd)
        {
            var word = arguments.Take();
            switch (word)
            {
                case "dev":
                    device = arguments.Value();
                    break;
                case "dst":
                    destination = arguments.Address(null);
                    break;
                case "self" or "use" or "router" or "sticky":
                    break;
                case "master":
                    master = true;
                    break;
                case "local" or "permanent":
                    state = "permanent";
                    break;
                case "static" or "dynamic" or "temp":
                    state = word == "dynamic" ? "" : "static";
                    break;
                case "port" or "vni" or "vlan" or "via":
                    arguments.Value();
                    break;
                default:
                    mac = word == "to" ? arguments.Value() : word;
                    break;
            }
        }

        if (device is null || mac is null)
            throw new ProgramException(Failed, "Device and address are required arguments.\n");
        if (!MacAddress.TryParse(mac, out var address))
            throw new ProgramException(Failed, $"Invalid mac address {mac}\n");
        var link = context.Network.FindLink(device) ?? throw new ProgramException(Failed, $"Cannot find device \"{device}\"\n");
        var bridge = master ? link.Master : null;
        IprouteArguments.Tell(() =>
        {
            if (command is "del" or "delete")
            {
                context.Network.RemoveFdbEntries(entry => entry.Link == link && entry.Mac == address && (destination is null || destination.Equals(entry.Destination)));
                return;
            }

            if (master && bridge is null)
                throw new KernelException(Errno.NotSupported);
            if (link.Kind is LinkKind.Vxlan && destination is null && link.Tunnel?.Remote is null)
                throw new KernelException(Errno.Invalid);
            context.Network.AddFdbEntry(
                new FdbEntry(address, link) { Destination = destination, Master = bridge, State = state }, append: command == "append", replace: command == "replace");
        }, Failed);
    }

    private static int Show(IpContext context)
    {
        var arguments = context.Arguments;
        string? device = null;
        string? bridge = null;
        var hidesDevice = false;
        while (!arguments.AtEnd)
        {
            var word = arguments.Take();
            switch (word)
            {
                case "dev" or "brport":
                    device = arguments.Value();
                    hidesDevice = true;
                    break;
                case "br":
                    bridge = arguments.Value();
                    break;
                case "dynamic":
                    break;
                default:
                    throw new ProgramException(Failed, $"Error: either \"dev\" is duplicate, or \"{word}\" is a garbage.\n");
            }
        }

        foreach (var name in new[] { device, bridge }.OfType<string>())
        {
            if (context.Network.FindLink(name) is null)
                throw new ProgramException(Failed, $"Cannot find device \"{name}\"\n");
        }

        var writer = context.Options.Writer();
        writer.OpenArray();
        foreach (var link in context.Network.Links.Where(link => (device is null || link.Name == device)
            && (bridge is null || link.Name == bridge || link.Master?.Name == bridge)))
        {
            foreach (var entry in Entries(context.Network, link))
                Print(writer, entry, hidesDevice);
        }

        writer.Close();
        context.Call.Print(writer.ToString());
        return 0;
    }

    private static IEnumerable<FdbEntry> Entries(NetworkNamespace network, Link link)
    {
        foreach (var entry in network.FdbEntries.Where(entry => entry.Link == link))
            yield return entry;
        if (link.Master is { } master)
            yield return new FdbEntry(link.Mac, link) { Master = master };
        if (!link.IsUp || link.Kind is LinkKind.Loopback or LinkKind.Vxlan or LinkKind.Geneve)
            yield break;
        yield return Multicast("33:33:00:00:00:01");
        yield return Multicast("01:00:5e:00:00:01");
        // Addresses that end alike share a group, and the interface joins it once.
        var groups = link.Addresses.Where(address => address.Family == AddressFamily.InterNetworkV6).Select(address => address.Address.GetAddressBytes())
            .Select(bytes => $"33:33:ff:{bytes[13]:x2}:{bytes[14]:x2}:{bytes[15]:x2}").Distinct();
        foreach (var group in groups)
            yield return Multicast(group);

        FdbEntry Multicast(string mac) => new(MacAddress.Parse(mac), link);
    }

    private static void Print(IprouteWriter writer, FdbEntry entry, bool hidesDevice)
    {
        writer.OpenObject();
        writer.Any("mac", entry.Mac.ToString(), entry.Mac + " ", IprouteColor.Mac);
        if (!hidesDevice)
        {
            writer.Text("dev ");
            writer.Any("ifname", entry.Link.Name, entry.Link.Name + " ", IprouteColor.Interface);
        }

        if (entry.Destination is { } destination)
            writer.Any("dst", destination.ToString(), $"dst {destination} ");
        var self = entry.Master is null;
        writer.Any("flags", self ? new JsonArray("self") : new JsonArray(), self ? "self " : "");
        if (entry.Master is { } master)
            writer.Any("master", master.Name, $"master {master.Name} ");
        writer.Any("state", entry.State, entry.State);
        writer.Text("\n");
        writer.Close();
    }
}
