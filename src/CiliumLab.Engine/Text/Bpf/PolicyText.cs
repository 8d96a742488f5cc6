using System.Globalization;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>cilium-dbg bpf policy get</c>, also with <c>--all</c> and <c>-n</c>, text and JSON (policymap.PolicyEntryDump). Counters that
/// the agent cannot tell are null.
/// </summary>
public static partial class PolicyText
{
    internal const string Kind = "BpfPolicy";

    /// <summary>Reads the entries in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<BpfPolicyEntry> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        if (form == OutputForm.Json)
            return PolicyJson.Read(lines, node, warn);
        if (form == OutputForm.Empty)
            return [];
        int? endpoint = null;
        string? map = null;
        return new TextRows<BpfPolicyEntry>(Kind, "a verdict, a direction, an identity, a port and counters", line => Row(line) is { } row ? row with { Node = node, EndpointId = endpoint, MapName = map } : null)
        {
            IsHeading = line =>
            {
                if (EndpointLine().Match(line) is { Success: true } heading && int.TryParse(heading.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                    (endpoint, map) = (id, null);
                else if (PathLine().Match(line) is { Success: true } path)
                    map = path.Groups[1].Value;
                else
                    return Heading().IsMatch(line);
                return true;
            },
            Extend = static (entry, line) => line.Trim() is var label && CiliumValues.IsLabel(label) ? With(entry, label) : null,
        }.Read(lines, warn);
    }

    private static BpfPolicyEntry? Row(string line)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is < 7 or > 10 || !Enum.TryParse<BpfPolicyVerdict>(words[0], out var verdict) || !Enum.TryParse<TrafficDirection>(words[1], out var direction)
            || !char.IsAsciiLetterUpper(words[0][0]) || !char.IsAsciiLetterUpper(words[1][0]) || !TryPort(words[3], out var protocol, out var first, out var last))
        {
            return null;
        }

        int? proxy = null;
        if (words[4] != "NONE")
        {
            if (!ushort.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out var port))
                return null;
            proxy = port;
        }

        // Before 1.14 there was no authentication, before 1.15 no prefix, before 1.18 no cookie.
        var next = 5;
        var authentication = char.IsAsciiLetter(words[next][0]) ? words[next++] : null;
        if (words.Length < next + 2 || !TryCounter(words[next], out var bytes) || !TryCounter(words[next + 1], out var packets))
            return null;
        int? prefix = null;
        uint? cookie = null;
        if (words.Length > next + 2)
        {
            if (!byte.TryParse(words[next + 2], NumberStyles.None, CultureInfo.InvariantCulture, out var bits))
                return null;
            prefix = bits;
        }

        if (words.Length > next + 3)
        {
            if (!uint.TryParse(words[next + 3], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return null;
            cookie = number;
        }

        var entry = new BpfPolicyEntry
        {
            Verdict = verdict,
            Direction = direction,
            Protocol = protocol,
            Port = first,
            LastPort = last,
            ProxyPort = proxy,
            Authentication = authentication,
            Bytes = bytes,
            Packets = packets,
            PrefixLength = prefix,
            Cookie = cookie,
        };
        if (words[2] == "ANY")
            return entry with { IdentityId = 0 };
        if (uint.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out var identity))
            return entry with { IdentityId = identity };
        return CiliumValues.IsLabel(words[2]) ? With(entry, words[2]) : null;
    }

    // Everybody is written as the identity that is not known.
    private static BpfPolicyEntry With(BpfPolicyEntry entry, string label)
    {
        if (label == "reserved:unknown")
            return entry with { IdentityId = 0 };
        var labels = LabelDictionary.Of([.. entry.Labels.Texts, label]);
        return entry with { Labels = labels, IdentityId = ReservedIdentity.Number(labels) };
    }

    // ANY  TCP  80/TCP  8000-8191/TCP
    private static bool TryPort(string cell, out TransportProtocol protocol, out int first, out int last)
    {
        (protocol, first, last) = (TransportProtocol.Any, 0, ushort.MaxValue);
        if (PortCell().Match(cell) is not { Success: true } form || CiliumValues.Protocol(form.Groups["protocol"].Value) is not { } known)
            return false;
        protocol = known;
        if (!form.Groups["first"].Success)
            return true;
        if (!ushort.TryParse(form.Groups["first"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var from))
            return false;
        (first, last) = (from, from);
        if (!form.Groups["last"].Success)
            return true;
        if (!ushort.TryParse(form.Groups["last"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var to))
            return false;
        last = to;
        return true;
    }

    private static bool TryCounter(string cell, out ulong? counter)
    {
        counter = null;
        if (cell == "-")
            return true;
        if (!ulong.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        counter = PolicyJson.Counter(number);
        return true;
    }

    [GeneratedRegex(@"^(?:POLICY\s+DIRECTION\s+(?:LABELS|IDENTITY)|Policy stats empty\.|no maps found)")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^Endpoint ID: (\d+)\s*$")]
    private static partial Regex EndpointLine();

    [GeneratedRegex(@"^Path: \S*/(cilium_policy\w*)\s*$")]
    private static partial Regex PathLine();

    [GeneratedRegex(@"^(?:(?<first>\d+)(?:-(?<last>\d+))?/)?(?<protocol>[A-Za-z]\w*|\d+)$")]
    private static partial Regex PortCell();
}
