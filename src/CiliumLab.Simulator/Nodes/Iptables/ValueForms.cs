using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Iptables;

/// <summary>A value is not what an option takes.</summary>
internal sealed class RuleFormatException(string message) : Exception(message);

/// <summary>Brings values into the form in which the kernel keeps them and iptables-save prints them.</summary>
internal static class ValueForms
{
    private static readonly string[] States = ["INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED", "SNAT", "DNAT"];
    private static readonly string[] Flags = ["FIN", "SYN", "RST", "PSH", "ACK", "URG"];

    private static readonly Dictionary<string, int> Protocols = new(StringComparer.Ordinal)
    {
        ["icmp"] = 1,
        ["igmp"] = 2,
        ["ipencap"] = 4,
        ["tcp"] = 6,
        ["egp"] = 8,
        ["udp"] = 17,
        ["dccp"] = 33,
        ["ipv6"] = 41,
        ["gre"] = 47,
        ["esp"] = 50,
        ["ah"] = 51,
        ["ipv6-icmp"] = 58,
        ["ospf"] = 89,
        ["pim"] = 103,
        ["vrrp"] = 112,
        ["sctp"] = 132,
        ["udplite"] = 136,
    };

    private static readonly Dictionary<string, int> Services = new(StringComparer.Ordinal)
    {
        ["ssh"] = 22,
        ["telnet"] = 23,
        ["smtp"] = 25,
        ["domain"] = 53,
        ["bootps"] = 67,
        ["bootpc"] = 68,
        ["http"] = 80,
        ["ntp"] = 123,
        ["https"] = 443,
    };

    private static readonly Dictionary<string, string> IcmpTypes = new(StringComparer.Ordinal)
    {
        ["echo-reply"] = "0",
        ["pong"] = "0",
        ["destination-unreachable"] = "3",
        ["network-unreachable"] = "3/0",
        ["host-unreachable"] = "3/1",
        ["protocol-unreachable"] = "3/2",
        ["port-unreachable"] = "3/3",
        ["fragmentation-needed"] = "3/4",
        ["redirect"] = "5",
        ["echo-request"] = "8",
        ["ping"] = "8",
        ["router-advertisement"] = "9",
        ["router-solicitation"] = "10",
        ["time-exceeded"] = "11",
        ["ttl-zero-during-transit"] = "11/0",
        ["any"] = "any",
    };

    private static readonly Dictionary<string, string> Icmp6Types = new(StringComparer.Ordinal)
    {
        ["destination-unreachable"] = "1",
        ["packet-too-big"] = "2",
        ["time-exceeded"] = "3",
        ["parameter-problem"] = "4",
        ["echo-request"] = "128",
        ["ping"] = "128",
        ["echo-reply"] = "129",
        ["pong"] = "129",
        ["router-solicitation"] = "133",
        ["router-advertisement"] = "134",
        ["neighbour-solicitation"] = "135",
        ["neighbor-solicitation"] = "135",
        ["neighbour-advertisement"] = "136",
        ["neighbor-advertisement"] = "136",
        ["redirect"] = "137",
    };

    /// <summary>The option in its kept form; null when it says nothing beyond the default.</summary>
    public static RuleOption? Normalise(ExtensionOption option, bool negated, IReadOnlyList<string> values)
    {
        var kept = new RuleOption(option.Module, option.Name, negated, values);
        return option.Form switch
        {
            "" => kept,
            "port" => kept with { Values = [PortRange(values[0])] },
            "ports" => kept with { Values = [string.Join(',', values[0].Split(',').Select(PortRange))] },
            "flags" => kept with { Values = [.. values.Select(FlagList)] },
            "syn" => kept with { Name = "--tcp-flags", Values = ["FIN,SYN,RST,ACK", "SYN"] },
            "icmp" => kept with { Values = [IcmpTypes.GetValueOrDefault(values[0]) ?? values[0]] },
            "icmp6" => kept with { Values = [Icmp6Types.GetValueOrDefault(values[0]) ?? values[0]] },
            "ctstate" => kept with { Values = [StateList(values[0])] },
            "mark" => kept with { Values = [Mark(values[0], alwaysMask: false)] },
            "xmark" => kept with { Values = [Mark(values[0], alwaysMask: true)] },
            "setmark" => Xmark(Number(values[0]), Mask(values[0]) | Number(values[0])),
            "ormark" => Xmark(Number(values[0]), Number(values[0])),
            "andmark" => Xmark(0, ~Number(values[0])),
            "xormark" => Xmark(Number(values[0]), 0),
            "probability" => kept with { Values = [Probability(values[0])] },
            "limit" => kept with { Values = [Rate(values[0])] },
            "burst" => values[0] == "5" ? null : kept,
            _ => throw new InvalidOperationException($"no form '{option.Form}'"),
        };

        RuleOption Xmark(uint value, uint mask) => kept with { Name = "--set-xmark", Values = [$"0x{value:x}/0x{mask:x}"] };
    }

    /// <summary>A protocol by its name; null for all.</summary>
    public static string? Protocol(string word)
    {
        var name = word.ToLowerInvariant();
        if (name is "all" or "0")
            return null;
        if (name is "icmpv6" or "icmp6")
            return "ipv6-icmp";
        if (Protocols.ContainsKey(name))
            return name;
        if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 255)
            throw new RuleFormatException($"unknown protocol \"{word}\" specified");
        return Protocols.FirstOrDefault(known => known.Value == number).Key ?? name;
    }

    /// <summary>The protocol's number.</summary>
    public static int ProtocolNumber(string name) => Protocols.TryGetValue(name, out var number) ? number : int.Parse(name, CultureInfo.InvariantCulture);

    /// <summary>An address with its mask as iptables-save prints it; null for everything.</summary>
    public static string? Network(string word, AddressFamily family)
    {
        var parts = word.Split('/');
        if (!IpPrefix.TryParseAddress(parts[0], out var address) || address.AddressFamily != family)
            throw new RuleFormatException($"host/network `{parts[0]}' not found");
        var full = IpPrefix.Host(address).Length;
        if (parts.Length == 1)
            return $"{address}/{full}";
        if (int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= full)
            return length == 0 ? null : $"{new IpPrefix(address, length).Network.Address}/{length}";
        if (family == AddressFamily.InterNetwork && IpPrefix.TryParseAddress(parts[1], out var mask) && mask.AddressFamily == family)
        {
            var bits = BitConverter.ToUInt32([.. mask.GetAddressBytes().Reverse()]);
            var set = System.Numerics.BitOperations.PopCount(bits);
            if (bits == (set == 0 ? 0 : uint.MaxValue << (32 - set)))
                return set == 0 ? null : $"{new IpPrefix(address, set).Network.Address}/{set}";
            byte[] masked = [.. address.GetAddressBytes().Zip(mask.GetAddressBytes(), (octet, one) => (byte)(octet & one))];
            return $"{new IPAddress(masked)}/{mask}";
        }

        throw new RuleFormatException($"invalid mask `{parts[1]}' specified");
    }

    /// <summary>The name of a port; null when it has none.</summary>
    public static string? ServiceName(string port) =>
        Services.FirstOrDefault(service => service.Value.ToString(CultureInfo.InvariantCulture) == port).Key;

    private static string PortRange(string word) => string.Join(':', word.Split(':').Select(Port));

    private static string Port(string word)
    {
        if (word.Length == 0)
            return "";
        if (Services.TryGetValue(word, out var known))
            return known.ToString(CultureInfo.InvariantCulture);
        if (!ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            throw new RuleFormatException($"invalid port/service `{word}' specified");
        return port.ToString(CultureInfo.InvariantCulture);
    }

    private static string FlagList(string word)
    {
        if (word is "ALL" or "NONE")
            return word == "ALL" ? string.Join(',', Flags) : word;
        var asked = word.Split(',');
        if (asked.FirstOrDefault(flag => !Flags.Contains(flag)) is { } unknown)
            throw new RuleFormatException($"Unknown TCP flag `{unknown}'");
        return string.Join(',', Flags.Where(asked.Contains));
    }

    private static string StateList(string word)
    {
        var asked = word.ToUpperInvariant().Split(',');
        if (asked.FirstOrDefault(state => !States.Contains(state)) is { } unknown)
            throw new RuleFormatException($"Bad ctstate \"{unknown}\"");
        return string.Join(',', States.Where(asked.Contains));
    }

    private static string Mark(string word, bool alwaysMask)
    {
        var mask = Mask(word);
        return mask != uint.MaxValue || alwaysMask ? $"0x{Number(word):x}/0x{mask:x}" : $"0x{Number(word):x}";
    }

    private static uint Number(string word) => Parse(word.Split('/')[0], word);

    private static uint Mask(string word) => word.Split('/') is [_, var mask] ? Parse(mask, word) : uint.MaxValue;

    private static uint Parse(string text, string word)
    {
        var number = 0u;
        var read = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        return read ? number : throw new RuleFormatException($"mark: bad value for option \"--mark\", or out of range (0-4294967295): \"{word}\"");
    }

    // The kernel keeps it as a 31-bit fraction.
    private static string Probability(string word)
    {
        if (!double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || value is < 0 or > 1)
            throw new RuleFormatException($"statistic: bad value for option \"--probability\": \"{word}\"");
        var kept = Math.Round(value * 0x80000000, MidpointRounding.ToEven) / 0x80000000;
        return kept.ToString("0.00000000000", CultureInfo.InvariantCulture);
    }

    private static string Rate(string word)
    {
        var parts = word.Split('/');
        var unit = parts.Length > 1 ? parts[1] : "sec";
        var name = unit.Length == 0 ? "sec" : "second".StartsWith(unit, StringComparison.Ordinal) ? "sec"
            : "minute".StartsWith(unit, StringComparison.Ordinal) ? "min"
            : "hour".StartsWith(unit, StringComparison.Ordinal) ? "hour"
            : "day".StartsWith(unit, StringComparison.Ordinal) ? "day"
            : throw new RuleFormatException($"limit: bad value for option \"--limit\": \"{word}\"");
        return $"{parts[0]}/{name}";
    }
}
