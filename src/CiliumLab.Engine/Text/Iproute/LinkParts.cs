using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>An interface while its lines come in.</summary>
internal sealed class LinkParts(string? node, int index, string name)
{
    private readonly List<InterfaceAddress> _addresses = [];
    private readonly List<string> _alternativeNames = [];
    private NodeInterface _link = new() { Node = node, Name = name, Index = index };
    private string? _kind;
    private bool _detailed;
    private bool _kindMayFollow;
    private LinkCounters? _counters;

    public int Index => index;

    /// <summary>Takes the head line: what is behind the <c>@</c>, the flags, and name-value pairs.</summary>
    public void AddHead(Group behind, string flags, IprouteWords words)
    {
        if (behind.Success)
            _link = LinkKinds.WithPeer(_link, behind.Value);
        foreach (var flag in flags.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (IprouteNames.LinkFlag(flag) is { } bit)
                _link = _link with { Flags = _link.Flags | bit };
            else
                words.Complain($"unknown flag '{flag}'");
        }

        while (!words.AtEnd)
            AddHeadWord(words);
    }

    /// <summary>Takes a line below the head.</summary>
    public void AddLine(IprouteWords words)
    {
        var kindMayFollow = _kindMayFollow;
        _kindMayFollow = false;
        switch (words.Peek)
        {
            case null:
                break;
            case { } word when word.StartsWith("link/", StringComparison.Ordinal):
                AddLinkLayer(words);
                break;
            case "inet" or "inet6":
                if (AddressLine.Read(words) is { } address)
                    _addresses.Add(address);
                break;
            case "valid_lft" when _addresses.Count > 0:
                _addresses[^1] = AddressLine.WithLifetimes(_addresses[^1], words);
                break;
            case "altname":
                words.Take();
                if (words.Take() is { } other)
                    _alternativeNames.Add(other);
                break;
            case "alias":
                words.Take();
                _link = _link with { Alias = words.Rest() };
                break;
            case "RX:" or "TX:" or "RX" or "TX":
                (_counters ??= new LinkCounters()).Head(words);
                break;
            case { } word when _counters is { Expects: true } && char.IsAsciiDigit(word[0]):
                _counters.Values(words);
                break;
            case { } word when word.EndsWith("_slave", StringComparison.Ordinal):
                if (word == "bridge_slave")
                    _link = _link with { BridgePort = LinkKinds.Port(_link.Name, words) };
                break;
            case "vf" or "prog/xdp" or "xdp" or "offload_xstats" or "parentbus":
                // Virtual functions, programs and buses are other cmdlets' subjects.
                break;
            case { } word when kindMayFollow:
                AddKind(word, words);
                break;
            default:
                words.Complain("expected an address or a detail of an interface");
                break;
        }
    }

    /// <summary>The interface as far as it was described.</summary>
    public NodeInterface Finish() => _link with
    {
        Kind = LinkKinds.Kind(_kind, _link.LinkType, _detailed),
        AlternativeNames = _alternativeNames,
        Addresses = _addresses,
        Statistics = _counters?.Finish(),
    };

    private void AddHeadWord(IprouteWords words)
    {
        var word = words.Take()!;
        switch (word)
        {
            case "mtu":
                _link = _link with { Mtu = words.Number<int>() };
                break;
            case "qdisc":
                _link = _link with { Qdisc = words.Take() };
                break;
            case "master" or "vrf":
                _link = _link with { Master = words.Take() };
                break;
            case "state":
                _link = _link with { State = words.Named(IprouteNames.OperationalState, "state") ?? InterfaceState.Unknown };
                break;
            case "group":
                _link = _link with { Group = words.Take() };
                break;
            case "mode" or "qlen":
                words.Take();
                break;
            case "protodown" or "on" or "off":
                break;
            case { } when word.StartsWith("xdp", StringComparison.Ordinal) || word.StartsWith("prog/", StringComparison.Ordinal):
                break;
            default:
                words.Complain($"unknown word '{word}'");
                break;
        }
    }

    private void AddLinkLayer(IprouteWords words)
    {
        _link = _link with { LinkType = words.Take()!["link/".Length..] };
        if (words.Peek is { } address && LinkKinds.IsLinkLayerAddress(address))
            _link = _link with { Mac = words.Take() };
        while (!words.AtEnd)
        {
            var word = words.Take()!;
            switch (word)
            {
                case "brd" or "peer" or "permaddr" or "new-ifindex" or "new-netns" or "new-netnsid":
                    words.Take();
                    break;
                case "link-netns":
                    _link = _link with { PeerNamespace = words.Take() };
                    break;
                case "link-netnsid":
                    _link = words.TakeIf("unknown") ? _link : _link with { PeerNamespaceId = words.Number<int>() };
                    break;
                case "protodown":
                    words.TakeRest();
                    break;
                case "promiscuity":
                    // Only -d prints it; its other counts and limits follow, and then a line with the kind, if there is one.
                    _detailed = true;
                    _kindMayFollow = true;
                    words.TakeRest();
                    break;
                default:
                    words.Complain($"unknown word '{word}'");
                    break;
            }
        }
    }

    private void AddKind(string kind, IprouteWords words)
    {
        words.Take();
        _kind = kind;
        _link = kind switch
        {
            "vxlan" => _link with { Vxlan = LinkKinds.Vxlan(words) },
            "bridge" => _link with { Bridge = LinkKinds.Bridge(words) },
            _ => _link,
        };
    }
}
