using System.Globalization;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>What a link is, and the settings of its kind that have a place in the model.</summary>
internal static class LinkKinds
{
    /// <summary>The kind: what the kernel module says, or what the link layer shows as far as that can be known.</summary>
    /// <param name="named">The kind that <c>-d</c> printed.</param>
    /// <param name="linkType">The link layer.</param>
    /// <param name="detailed">Whether <c>-d</c> was there, so that no kind means that no module made the link.</param>
    public static string? Kind(string? named, string? linkType, bool detailed) =>
        named ?? (detailed || linkType is not ("ether" or "none") ? linkType : null);

    /// <summary>What is behind the <c>@</c>: a name, or <c>if</c> and an index in another namespace.</summary>
    public static NodeInterface WithPeer(NodeInterface link, string behind)
    {
        if (behind == "NONE")
            return link;
        return behind.StartsWith("if", StringComparison.Ordinal)
            && int.TryParse(behind.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? link with { PeerIndex = index }
                : link with { Peer = behind };
    }

    /// <summary>Whether a word behind <c>link/ether</c> is an address: hexadecimal bytes, or an IP address for a tunnel.</summary>
    public static bool IsLinkLayerAddress(string word) =>
        (word.Contains(':', StringComparison.Ordinal) && word.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.'))
        || IprouteNames.Address(word) is not null;

    /// <summary>The settings behind <c>vxlan</c>; those without a place in the model are passed over.</summary>
    public static VxlanSettings Vxlan(IprouteWords words)
    {
        var vxlan = new VxlanSettings { Learning = true };
        while (!words.AtEnd)
        {
            vxlan = words.Take() switch
            {
                "id" => vxlan with { Vni = words.Number<uint>() },
                "local" => vxlan with { Local = words.Address() },
                "remote" or "group" => vxlan with { Remote = words.Address() },
                "dev" => vxlan with { Interface = words.Take() },
                "dstport" => vxlan with { Port = words.Number<int>() },
                "ageing" => vxlan with { Ageing = words.TakeIf("none") ? null : IprouteNames.Lifetime(words.Number<uint>()) },
                "nolearning" => vxlan with { Learning = false },
                "external" => vxlan with { External = true },
                _ => vxlan,
            };
        }

        return WithoutIdleVni(vxlan);
    }

    /// <summary>An external device shows VNI 0, which it does not use.</summary>
    public static VxlanSettings WithoutIdleVni(VxlanSettings vxlan) => vxlan is { External: true, Vni: 0 } ? vxlan with { Vni = null } : vxlan;

    /// <summary>The settings behind <c>bridge</c>; those without a place in the model are passed over.</summary>
    public static BridgeSettings Bridge(IprouteWords words)
    {
        var bridge = new BridgeSettings();
        while (!words.AtEnd)
        {
            bridge = words.Take() switch
            {
                "bridge_id" => bridge with { BridgeId = words.Take() is { } id ? IprouteNames.BridgeId(id) : null },
                "stp_state" => bridge with { Stp = words.Number<int>() != 0 },
                "priority" => bridge with { Priority = words.Number<int>() },
                "vlan_filtering" => bridge with { VlanFiltering = words.Number<int>() != 0 },
                "ageing_time" => bridge with { AgeingTime = Centiseconds(words.Number<int>()) },
                _ => bridge,
            };
        }

        return bridge;
    }

    /// <summary>The settings behind <c>bridge_slave</c>, or those of <c>bridge link</c>.</summary>
    public static BridgePort Port(string name, IprouteWords words)
    {
        var port = new BridgePort { Interface = name };
        while (!words.AtEnd)
            port = WithSetting(port, words.Take()!, words);
        return port;
    }

    /// <summary>A port with one more setting; one without a place in the model is passed over.</summary>
    public static BridgePort WithSetting(BridgePort port, string setting, IprouteWords words) => setting switch
    {
        "state" => port with { State = words.Named(IprouteNames.PortState, "state") },
        "priority" => port with { Priority = words.Number<int>() },
        "cost" => port with { Cost = words.Number<int>() },
        "hairpin" => port with { Hairpin = Switch(words) },
        "learning" => port with { Learning = Switch(words) },
        "flood" => port with { Flood = Switch(words) },
        "isolated" => port with { Isolated = Switch(words) },
        _ => port,
    };

    /// <summary>The kernel's hundredths of a second.</summary>
    public static TimeSpan? Centiseconds(int? value) => value is null ? null : TimeSpan.FromMilliseconds(value.Value * 10L);

    private static bool? Switch(IprouteWords words) => words.Named<bool>(word => word switch { "on" => true, "off" => false, _ => null }, "setting");
}
