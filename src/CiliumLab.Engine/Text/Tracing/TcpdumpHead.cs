using System.Globalization;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>What tcpdump writes before a packet's network layer: time (-t to -ttttt), interface and direction (-i any), and the frame (-e).</summary>
internal static partial class TcpdumpHead
{
    /// <summary>Whether a packet begins on this line, as opposed to more of the one before.</summary>
    public static bool Begins(string line) => line.Length > 0 && (!char.IsWhiteSpace(line[0]) || Distance().IsMatch(line));

    /// <summary>Reads time, interface and direction.</summary>
    public static CapturedPacket Read(string line, out string rest)
    {
        var packet = new CapturedPacket();
        if (Distance().Match(line) is { Success: true } distance)
        {
            packet = packet with { Elapsed = Clock(distance.Groups[1].Value) };
            line = line[distance.Length..];
        }
        else if (Date().Match(line) is { Success: true } date)
        {
            packet = packet with { Time = DateTimeOffset.TryParse(date.Groups[1].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null };
            line = line[date.Length..];
        }
        else if (Seconds().Match(line) is { Success: true } seconds)
        {
            packet = packet with { Time = decimal.TryParse(seconds.Groups[1].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var since) ? DateTimeOffset.UnixEpoch.AddTicks((long)(since * TimeSpan.TicksPerSecond)) : null };
            line = line[seconds.Length..];
        }
        else if (Day().Match(line) is { Success: true } day)
        {
            packet = packet with { TimeOfDay = Clock(day.Groups[1].Value) };
            line = line[day.Length..];
        }

        if (Interface().Match(line) is { Success: true } link)
        {
            packet = packet with { Interface = link.Groups["link"] is { Success: true } name ? name.Value : null, Direction = Direction(link.Groups["direction"].Value) };
            line = line[link.Length..];
        }

        return Frame(packet, line, out rest);
    }

    /// <summary>Reads the frame's addresses, type and length, and VLANs; without -e there is only the type's name.</summary>
    public static CapturedPacket Frame(CapturedPacket packet, string line, out string rest)
    {
        if (Ethernet().Match(line) is { Success: true } frame)
        {
            packet = packet with
            {
                SourceMac = Said(frame.Groups["source"]),
                DestinationMac = Said(frame.Groups["destination"]),
                InterfaceIndex = int.TryParse(frame.Groups["index"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null,
                Length = int.TryParse(frame.Groups["length"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null,
                EtherType = TypeOf(frame.Groups["type"].Captures[^1].Value),
                VlanIds = [.. frame.Groups["vlan"].Captures.Select(vlan => int.Parse(vlan.Value, CultureInfo.InvariantCulture))],
            };
            rest = line[frame.Length..].TrimStart();
            return packet;
        }

        var name = TypeName().Match(line);
        rest = line[name.Length..].TrimStart();
        return name.Success ? packet with { EtherType = TypeOf(name.Groups[1].Value) } : packet;
    }

    private static EtherType TypeOf(string text) => text switch
    {
        "IP" or "IPv4" => EtherType.IPv4,
        "IP6" or "IPv6" => EtherType.IPv6,
        "ARP" => EtherType.Arp,
        "LLDP" => EtherType.Lldp,
        _ => int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? (EtherType)number : EtherType.Unknown,
    };

    private static PacketDirection Direction(string text) => text switch
    {
        "In" => PacketDirection.In,
        "Out" => PacketDirection.Out,
        "B" => PacketDirection.Broadcast,
        "M" => PacketDirection.Multicast,
        "P" => PacketDirection.OtherHost,
        _ => PacketDirection.Unknown,
    };

    private static string? Said(Group group) => group.Success ? group.Value : null;

    private static TimeSpan? Clock(string text) => TimeSpan.TryParse(text.Length > 16 ? text[..16] : text, CultureInfo.InvariantCulture, out var time) ? time : null;

    [GeneratedRegex(@"^ (\d\d:\d\d:\d\d\.\d{6,9}) ")]
    private static partial Regex Distance();

    [GeneratedRegex(@"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6,7})\d* ")]
    private static partial Regex Date();

    [GeneratedRegex(@"^(\d{9,11}\.\d{6,9}) ")]
    private static partial Regex Seconds();

    [GeneratedRegex(@"^(\d\d:\d\d:\d\d\.\d{6,9}) ")]
    private static partial Regex Day();

    // "eth0  Out " of cooked captures of kind 2, "  P " of kind 1.
    [GeneratedRegex(@"^(?:(?<link>[^\s:,>]+)\s+)?\s*(?<direction>In|Out|B|M|P|\?)\s+(?=\S)")]
    private static partial Regex Interface();

    [GeneratedRegex(@"^(?:(?:(?<source>[0-9a-f]{2}(?::[0-9a-f]{2}){5})(?: \(oui [^)]*\))? > (?<destination>[0-9a-f]{2}(?::[0-9a-f]{2}){5})(?: \(oui [^)]*\))?, |(?:ifindex (?<index>\d+) )?(?:(?<source>[0-9a-f]{2}(?::[0-9a-f]{2}){5}) )?)ethertype [^(]*\(0x(?<type>[0-9a-f]{4})\), length (?<length>\d+): |AF (?<type>IPv4|IPv6) \(\d+\), length (?<length>\d+): )(?:vlan (?<vlan>\d{1,4}), p \d(?:, DEI)?, ethertype [^(]*\(0x(?<type>[0-9a-f]{4})\), )*")]
    private static partial Regex Ethernet();

    [GeneratedRegex(@"^(?:(IP6|IP|ARP|LLDP)(?:,? |$)|ip: )")]
    private static partial Regex TypeName();
}
