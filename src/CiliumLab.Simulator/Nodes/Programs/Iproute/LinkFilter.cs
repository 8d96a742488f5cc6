using System.Net.Sockets;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs.Iproute;

/// <summary>What <c>ip link show</c> and <c>ip addr show</c> shall show.</summary>
internal sealed class LinkFilter
{
    private string? _device;
    private string? _kind;
    private string? _slaveKind;
    private Link? _master;
    private bool _noMaster;
    private bool _up;
    private NetworkScope? _scope;
    private IpPrefix? _to;
    private string? _label;
    private bool _dynamic;
    private bool _permanent;
    private AddressFamily? _family;

    /// <summary>Whether links without a fitting address are left out.</summary>
    public bool HidesEmpty => _scope is not null || _to is not null || _label is not null || _dynamic || _permanent || _family is not null;

    /// <summary>Whether the link layer's line is left out.</summary>
    public bool HidesLinkLayer => _family is not null || _to is not null || _label is not null;

    /// <summary>The one device that was asked for; null for all.</summary>
    public string? Device => _device;

    /// <summary>Reads the words of a listing.</summary>
    public static LinkFilter Read(IpContext context, bool forAddresses)
    {
        var arguments = context.Arguments;
        var filter = new LinkFilter { _family = forAddresses ? context.Options.Family : null };
        while (!arguments.AtEnd)
        {
            var word = arguments.Take();
            switch (word)
            {
                case "up":
                    filter._up = true;
                    break;
                case "type":
                    var kind = arguments.Value();
                    if (kind.EndsWith("_slave", StringComparison.Ordinal))
                        filter._slaveKind = kind[..^"_slave".Length];
                    else
                        filter._kind = kind;
                    break;
                case "master":
                    var master = arguments.Value();
                    filter._master = context.Network.FindLink(master) ?? throw IprouteArguments.Wrong(master, "Device does not exist\n");
                    break;
                case "nomaster":
                    filter._noMaster = true;
                    break;
                case "scope" when forAddresses:
                    var scope = arguments.Value();
                    filter._scope = scope == "all" ? null : RoutingNames.ScopeOf(scope) ?? throw IprouteArguments.Wrong(scope, "invalid \"scope\"\n");
                    break;
                case "to" when forAddresses:
                    filter._to = arguments.Prefix(context.Options.Family);
                    break;
                case "label" when forAddresses:
                    filter._label = arguments.Value();
                    break;
                case "dynamic" when forAddresses:
                    filter._dynamic = true;
                    break;
                case "permanent" when forAddresses:
                    filter._permanent = true;
                    break;
                default:
                    if (word == "dev")
                        word = arguments.Value();
                    if (filter._device is not null)
                        throw new ProgramException(255, $"Error: either \"dev\" is duplicate, or \"{word}\" is a garbage.\n");
                    filter._device = word;
                    break;
            }
        }

        if (filter._device is { } device && context.Network.FindLink(device) is null)
            throw new ProgramException(1, $"Device \"{device}\" does not exist.\n");
        return filter;
    }

    /// <summary>The links that fit, by number.</summary>
    public IEnumerable<Link> Links(NetworkNamespace network) => network.Links.Where(link =>
        (_device is null || link.Name == _device || link.AlternativeNames.Contains(_device))
        && (!_up || link.IsUp)
        && (_master is null || link.Master == _master)
        && (!_noMaster || link.Master is null)
        && (_kind is null || (link.Kind is not (LinkKind.Loopback or LinkKind.Ether) && link.Kind.ToString().Equals(_kind, StringComparison.OrdinalIgnoreCase)))
        && (_slaveKind is null || (_slaveKind == "bridge" && link.Master is not null)));

    /// <summary>Whether an address fits.</summary>
    public bool Fits(LinkAddress address) =>
        (_family is null || address.Family == _family)
        && (_scope is null || address.Scope == _scope)
        && (_to is null || _to.Value.Contains(IpPrefix.Host(address.Address)))
        && (_label is null || address.Label == _label)
        && (!_dynamic || address.Lease is not null)
        && (!_permanent || address.Lease is null);
}
