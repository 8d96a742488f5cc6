using System.Net;
using System.Net.Sockets;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs.Iproute;

/// <summary><c>ip address</c>.</summary>
internal static class IpAddressObject
{
    /// <summary>Runs the command.</summary>
    public static int Run(IpContext context)
    {
        var arguments = context.Arguments;
        if (arguments.Peek is not { } command)
            return IpListing.Addresses(context);
        if (command is "add" or "a" or "change" or "chg" or "replace" || IprouteArguments.Matches(command, "delete"))
        {
            arguments.Take();
            context.RequireRoot();
            return Modify(context, command);
        }

        if (command is "show" or "s" or "sh" or "list" or "lst" or "ls" or "l")
        {
            arguments.Take();
            return IpListing.Addresses(context);
        }

        if (IprouteArguments.Matches(command, "flush"))
        {
            arguments.Take();
            context.RequireRoot();
            return Flush(context);
        }

        throw IpContext.Unknown(command, "ip address help");
    }

    private static int Modify(IpContext context, string command)
    {
        var arguments = context.Arguments;
        IpPrefix? local = null;
        IpPrefix? peer = null;
        string? device = null;
        var address = new LinkAddress(IPAddress.Any, 0);
        NetworkScope? scope = null;
        var broadcast = "";
        uint? valid = null;
        uint? preferred = null;
        var bare = false;
        while (!arguments.AtEnd)
        {
            var word = arguments.Take();
            switch (word)
            {
                case "dev":
                    device = arguments.Value();
                    break;
                case "peer" or "remote":
                    peer = arguments.Prefix(local?.Family ?? context.Options.Family);
                    break;
                case "broadcast" or "brd":
                    broadcast = arguments.Value();
                    break;
                case "scope":
                    var name = arguments.Value();
                    scope = RoutingNames.ScopeOf(name) ?? throw IprouteArguments.Wrong(name, "invalid scope value.\n");
                    break;
                case "label":
                    address = address with { Label = arguments.Value() };
                    break;
                case "metric" or "priority" or "preference":
                    address = address with { Metric = arguments.Number("metric") };
                    break;
                case "valid_lft":
                    valid = Lifetime(arguments);
                    break;
                case "preferred_lft":
                    preferred = Lifetime(arguments);
                    break;
                case "noprefixroute":
                    address = address with { NoPrefixRoute = true };
                    break;
                case "nodad":
                    address = address with { NoDad = true };
                    break;
                case "mngtmpaddr":
                    address = address with { ManagesTemporary = true };
                    break;
                default:
                    local = arguments.Prefix(context.Options.Family, word == "local" ? arguments.Value() : word);
                    bare = !words(word, local.Value);
                    break;
            }
        }

        if (device is null)
            throw new ProgramException(1, "Not enough information: \"dev\" argument is required.\n");
        if (local is not { } prefix)
            throw new ProgramException(1, "Not enough information: \"local\" argument is required.\n");
        var network = context.Network;
        if (address.Label is { } label && label != device && !label.StartsWith(device + ":", StringComparison.Ordinal))
            throw new ProgramException(1, $"\"dev\" ({device}) must match \"label\" ({label}).\n");
        var link = IprouteArguments.Device(network, device);
        address = address with { Address = prefix.Address, PrefixLength = peer?.Length ?? prefix.Length, Peer = peer?.Address };
        address = address with
        {
            Scope = scope ?? (prefix.Address.IsIPv6LinkLocal ? NetworkScope.Link : IPAddress.IsLoopback(prefix.Address) ? NetworkScope.Host : NetworkScope.Global),
            Broadcast = Broadcast(broadcast, address),
            Lease = valid is { } seconds ? new Lease(context.Call.Now, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(preferred ?? seconds)) : null,
        };
        if (IprouteArguments.Matches(command, "delete"))
            return Delete(context, link, address, bare);
        IprouteArguments.Tell(() =>
        {
            if (command is "add" or "a")
                network.AddAddress(link, address);
            else
                network.ReplaceAddress(link, address);
        });
        return 0;

        static bool words(string word, IpPrefix read) => word.Contains('/', StringComparison.Ordinal) || read.Family == AddressFamily.InterNetworkV6;
    }

    private static int Delete(IpContext context, Link link, LinkAddress wanted, bool bare)
    {
        if (bare && wanted.Peer is null)
        {
            context.Call.Error.Append($"""
                Warning: Executing wildcard deletion to stay compatible with old scripts.
                         Explicitly specify the prefix length ({wanted.Address}/32) to avoid this warning.
                         This special behaviour is likely to disappear in further releases,
                         fix your scripts!

                """);
        }

        var found = link.Addresses.FirstOrDefault(address => address.Address.Equals(wanted.Address) && (bare || address.PrefixLength == wanted.PrefixLength));
        IprouteArguments.Tell(() => context.Network.RemoveAddress(link, found ?? wanted));
        return 0;
    }

    private static int Flush(IpContext context)
    {
        if (context.Arguments.AtEnd)
            throw new ProgramException(1, "Flush requires arguments.\n");
        var filter = LinkFilter.Read(context, forAddresses: true);
        foreach (var link in filter.Links(context.Network))
        {
            while (link.Addresses.FirstOrDefault(filter.Fits) is { } address)
                context.Network.RemoveAddress(link, address);
        }

        return 0;
    }

    private static IPAddress? Broadcast(string word, LinkAddress address) => word switch
    {
        "" or "-" => null,
        "+" => address.Prefix.Last,
        _ => IpPrefix.TryParseAddress(word, out var read) ? read : throw new ProgramException(1, $"Error: inet address is expected rather than \"{word}\".\n"),
    };

    private static uint? Lifetime(IprouteArguments arguments)
    {
        var word = arguments.Value();
        if (word == "forever")
            return null;
        return IprouteArguments.TryNumber(word, out var seconds) ? seconds : throw IprouteArguments.Wrong(word, "valid_lft value\n");
    }
}
