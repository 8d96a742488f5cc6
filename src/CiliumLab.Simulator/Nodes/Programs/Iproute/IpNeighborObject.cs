using System.Text.Json.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs.Iproute;

/// <summary><c>ip neighbor</c>.</summary>
internal static class IpNeighborObject
{
    /// <summary>Runs the command.</summary>
    public static int Run(IpContext context)
    {
        var arguments = context.Arguments;
        if (arguments.Peek is not { } command)
            return Show(context);
        arguments.Take();
        switch (command)
        {
            case "add" or "a" or "change" or "chg" or "replace":
                context.RequireRoot();
                Change(context, command);
                return 0;
            case "del" or "delete" or "d":
                context.RequireRoot();
                Change(context, "del");
                return 0;
            case "get":
                return Get(context);
            case "show" or "s" or "sh" or "list" or "lst" or "ls" or "l":
                return Show(context);
            case "flush" or "f":
                context.RequireRoot();
                if (arguments.AtEnd)
                    throw new ProgramException(1, "Flush requires arguments.\n");
                var filter = Filter.Read(context);
                context.Network.RemoveNeighbors(neighbor => filter.Fits(neighbor) && (filter.State is not null || neighbor.State is not (NeighborState.Permanent or NeighborState.NoArp)));
                return 0;
            default:
                throw IpContext.Unknown(command, "ip neigh help");
        }
    }

    private static void Change(IpContext context, string command)
    {
        var arguments = context.Arguments;
        IpPrefix? address = null;
        string? device = null;
        MacAddress? mac = null;
        var state = NeighborState.Permanent;
        var router = false;
        while (!arguments.AtEnd)
        {
            var word = arguments.Take();
            switch (word)
            {
                case "lladdr":
                    var text = arguments.Value();
                    mac = MacAddress.TryParse(text, out var read) ? read : throw new ProgramException(1, $"\"{text}\" is invalid lladdr.\n");
                    break;
                case "dev":
                    device = arguments.Value();
                    break;
                case "nud":
                    var name = arguments.Value();
                    state = Enum.TryParse<NeighborState>(name, ignoreCase: true, out var known) ? known : throw IprouteArguments.Wrong(name, "nud state is bad\n");
                    break;
                case "router":
                    router = true;
                    break;
                default:
                    address = arguments.Prefix(context.Options.Family, word == "to" ? arguments.Value() : word);
                    break;
            }
        }

        if (device is null || address is null)
            throw new ProgramException(255, "Device and destination are required arguments.\n");
        var link = IprouteArguments.Device(context.Network, device);
        if (command == "del")
        {
            IprouteArguments.Tell(() => context.Network.RemoveNeighbor(link, address.Value.Address));
            return;
        }

        if (mac is null && state is not (NeighborState.None or NeighborState.Incomplete or NeighborState.Failed or NeighborState.NoArp))
            throw new ProgramException(2, "Error: No link layer address given.\n");
        IprouteArguments.Tell(() => context.Network.AddNeighbor(
            new Neighbor(address.Value.Address, link, mac, state) { IsRouter = router }, replace: command == "replace"));
    }

    private static int Get(IpContext context)
    {
        var filter = Filter.Read(context);
        if (filter.Device is null || filter.To is null)
            throw new ProgramException(255, "Device and address are required arguments.\n");
        if (context.Network.Neighbors.FirstOrDefault(filter.Fits) is not { } neighbor)
            throw new ProgramException(2, "Error: Neighbour entry not found.\n");
        var writer = context.Options.Writer();
        writer.OpenArray();
        Print(context, writer, neighbor, showDevice: true);
        writer.Close();
        context.Call.Print(writer.ToString());
        return 0;
    }

    private static int Show(IpContext context)
    {
        var filter = Filter.Read(context);
        var writer = context.Options.Writer();
        writer.OpenArray();
        foreach (var neighbor in context.Network.Neighbors.Where(filter.Fits).Where(neighbor => filter.State is not null || neighbor.State is not (NeighborState.NoArp or NeighborState.None)))
            Print(context, writer, neighbor, filter.Device is null);
        writer.Close();
        context.Call.Print(writer.ToString());
        return 0;
    }

    private static void Print(IpContext context, IprouteWriter writer, Neighbor neighbor, bool showDevice)
    {
        var shade = neighbor.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? IprouteColor.Inet : IprouteColor.Inet6;
        writer.OpenObject();
        writer.Any("dst", neighbor.Address.ToString(), neighbor.Address + " ", shade);
        if (showDevice)
        {
            writer.Text("dev ");
            writer.Any("dev", neighbor.Link.Name, neighbor.Link.Name + " ", IprouteColor.Interface);
        }

        if (neighbor.Mac is { } mac)
        {
            writer.Text("lladdr ");
            writer.Any("lladdr", mac.ToString(), mac.ToString(), IprouteColor.Mac);
            writer.Text(" ");
        }

        if (neighbor.IsRouter)
            writer.Any("router", null, "router ");
        if (context.Options.Statistics > 0)
            writer.Text(" used 0/0/0probes 0 ");
        var state = neighbor.State.ToString().ToUpperInvariant();
        writer.Any("state", new JsonArray(state), state + " ");
        writer.Text("\n");
        writer.Close();
    }

    private sealed record Filter(Link? Device, IpPrefix? To, NeighborState? State, System.Net.Sockets.AddressFamily? Family)
    {
        public static Filter Read(IpContext context)
        {
            var arguments = context.Arguments;
            var filter = new Filter(null, null, null, context.Options.Family);
            while (!arguments.AtEnd)
            {
                var word = arguments.Take();
                switch (word)
                {
                    case "dev":
                        filter = filter with { Device = IprouteArguments.Device(context.Network, arguments.Value()) };
                        break;
                    case "nud":
                        var name = arguments.Value();
                        filter = filter with { State = Enum.TryParse<NeighborState>(name, ignoreCase: true, out var known) ? known : throw IprouteArguments.Wrong(name, "nud state is bad\n") };
                        break;
                    case "all":
                        break;
                    default:
                        filter = filter with { To = arguments.Prefix(context.Options.Family, word == "to" ? arguments.Value() : word) };
                        break;
                }
            }

            return filter;
        }

        public bool Fits(Neighbor neighbor) =>
            (Device is null || neighbor.Link == Device)
            && (To is null || To.Value.Contains(neighbor.Address))
            && (State is null || neighbor.State == State)
            && (Family is null || neighbor.Address.AddressFamily == Family);
    }
}

/// <summary><c>ip netns</c>.</summary>
internal static class IpNamespaceObject
{
    /// <summary>Runs the command.</summary>
    public static int Run(IpContext context)
    {
        var arguments = context.Arguments;
        var command = arguments.AtEnd ? "list" : arguments.Take();
        var kernel = context.Call.Node.Kernel;
        switch (command)
        {
            case "list" or "show" or "ls":
                var writer = context.Options.Writer();
                writer.OpenArray();
                foreach (var network in kernel.Namespaces.Where(network => network.Name is not null).Reverse())
                {
                    writer.OpenObject();
                    writer.Any("name", network.Name, network.Name!);
                    if (context.Network.KnownPeerId(network) is { } id)
                        writer.Any("id", id, $" (id: {id})");
                    writer.Text("\n");
                    writer.Close();
                }

                writer.Close();
                var text = writer.ToString();
                context.Call.Print(text == "[]\n" ? "" : text);
                return 0;
            case "add":
                context.RequireRoot();
                var made = arguments.AtEnd ? throw new ProgramException(255, "No netns name specified\n") : arguments.Take();
                if (kernel.FindNamespace(made) is not null)
                    throw new ProgramException(1, $"Cannot create namespace file \"/run/netns/{made}\": File exists\n");
                kernel.AddNamespace(made);
                return 0;
            case "del" or "delete":
                context.RequireRoot();
                var gone = arguments.AtEnd ? throw new ProgramException(255, "No netns name specified\n") : arguments.Take();
                kernel.RemoveNamespace(kernel.FindNamespace(gone)
                    ?? throw new ProgramException(1, $"Cannot remove namespace file \"/run/netns/{gone}\": No such file or directory\n"));
                return 0;
            default:
                throw IpContext.Unknown(command, "ip netns help");
        }
    }
}
