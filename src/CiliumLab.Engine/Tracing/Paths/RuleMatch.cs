using System.Globalization;
using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>Whether a packet meets the conditions of a rule.</summary>
/// <param name="rule">The rule.</param>
/// <param name="packet">The packet.</param>
/// <param name="unknown">Takes conditions that cannot be judged; they are taken as not met.</param>
internal sealed class RuleMatch(IptablesRule rule, RulePacket packet, HashSet<string> unknown)
{
    /// <summary>How likely the rule is to take the packet: 0, 1, or what it draws lots with.</summary>
    public double Chance
    {
        get
        {
            if (!Fits(rule.Source, packet.Source) || !Fits(rule.Destination, packet.Destination)
                || !FitsInterface(rule.InInterface, packet.InInterface) || !FitsInterface(rule.OutInterface, packet.OutInterface)
                || !FitsProtocol(rule.Protocol))
            {
                return 0;
            }

            var chance = 1.0;
            foreach (var option in rule.Matches)
            {
                if (option.Module == "statistic" || (option.Module is null && option.Name is "--mode" or "--probability"))
                {
                    chance *= option.Name == "--probability" && double.TryParse(option.Value, CultureInfo.InvariantCulture, out var given) ? given : 1;
                    continue;
                }

                if (Holds(option) is not { } holds)
                    unknown.Add(option.ToString());
                else if (holds != option.Negated)
                    continue;
                return 0;
            }

            return chance;
        }
    }

    /// <summary>A mark and its mask, as <c>0x4000/0x4000</c>; null when it is none.</summary>
    public static (uint Mark, uint Mask)? MarkAndMask(string? text)
    {
        var parts = (text ?? "").Split('/');
        return Number(parts[0]) is { } mark && (parts.Length == 1 ? uint.MaxValue : Number(parts[1])) is { } mask ? (mark, mask) : null;
    }

    private static uint? Number(string text) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? uint.TryParse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var hex) ? hex : null
            : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool Fits(IptablesAddress? wanted, IPAddress address)
    {
        if (wanted is null)
            return true;
        var (bytes, basis, mask) = (address.GetAddressBytes(), wanted.Address.GetAddressBytes(), wanted.Mask.GetAddressBytes());
        var inside = bytes.Length == basis.Length && !bytes.Where((one, index) => (one & mask[index]) != (basis[index] & mask[index])).Any();
        return inside != wanted.Negated;
    }

    private static bool FitsInterface(string? wanted, string? name)
    {
        if (wanted is null)
            return true;
        var negated = wanted.StartsWith('!');
        var pattern = negated ? wanted[1..].Trim() : wanted;
        var same = name is not null && (pattern.EndsWith('+') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern);
        return same != negated;
    }

    private static bool InRange(string text, int? port)
    {
        var ends = text.Split(':', '-');
        return port is { } number
            && int.TryParse(ends[0].Length == 0 ? "0" : ends[0], CultureInfo.InvariantCulture, out var first)
            && int.TryParse(ends[^1].Length == 0 ? "65535" : ends[^1], CultureInfo.InvariantCulture, out var last)
            && number >= first && number <= last;
    }

    private bool FitsProtocol(string? wanted)
    {
        if (wanted is null)
            return true;
        var negated = wanted.StartsWith('!');
        var name = negated ? wanted[1..].Trim() : wanted;
        var same = name is "all" or "0"
            || string.Equals(name, packet.Protocol.ToString(), StringComparison.OrdinalIgnoreCase)
            || name == ((int)packet.Protocol).ToString(CultureInfo.InvariantCulture);
        return same != negated;
    }

    // Null when the condition is of a kind that this walk does not know. Negation is the caller's.
    private bool? Holds(IptablesOption option)
    {
        return option.Name switch
        {
            "-s" or "-d" or "-i" or "-o" or "-p" or "--source" or "--destination" or "--in-interface" or "--out-interface" or "--protocol" => !option.Negated,
            "--comment" => true,
            "-m" or "--match" => option.Value is "tcp" or "udp" or "comment" or "icmp" ? true : null,
            "--dport" or "--destination-port" => option.Value is { } port && InRange(port, packet.Port),
            "--dports" => option.Value is { } ports && ports.Split(',').Any(range => InRange(range, packet.Port)),
            "--ctstate" or "--state" => option.Value is { } states && states.Split(',').Any(state => state == "NEW" || (state == "DNAT" && packet.Translated)),
            "--mark" => MarkAndMask(option.Value) is { } given ? (packet.Mark & given.Mask) == given.Mark : null,
            "--dst-type" => option.Value == "LOCAL" ? packet.IsLocal(packet.Destination) : null,
            "--src-type" => option.Value == "LOCAL" ? packet.IsLocal(packet.Source) : null,

            // Packets that come from a program that we cannot see: no socket of the node, not the first of its connection's answers.
            "--transparent" or "--nowildcard" => false,
            _ => null,
        };
    }
}
