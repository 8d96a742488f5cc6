using System.Globalization;
using System.Net;
using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>cilium-dbg bpf nat list</c>, text and JSON (nat.NatEntry4 and NatEntry6 of pkg/maps/nat with the keys of pkg/tuple, whose
/// addresses, unlike conntrack's, are the right way round). Entries come as they are read.
/// </summary>
public static class NatText
{
    private const string Kind = "BpfNat";
    private const string Expected = "a translation with both ends and what takes their place";

    /// <summary>Reads the translations in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<NatEntry> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => JsonItems.OfArray(Kind, lines, warn, Expected, (ref Utf8JsonReader reader) => FromJson(ref reader, node)),
            OutputForm.Text => new TextRows<NatEntry>(Kind, Expected, line => Entry(line, node)).Read(lines, warn),
            _ => [],
        };
    }

    private static NatEntry? Entry(string line, string? node)
    {
        var words = new SpanWords(line);
        if (!TupleText.TryRead(ref words, out var tuple))
            return null;
        var kind = words.Next();
        if (kind is not ("XLATE_SRC" or "XLATE_DST") || !CiliumValues.TrySocket(words.Next(), out var address, out var port))
            return null;
        var entry = new NatEntry
        {
            Node = node,
            Protocol = tuple.Protocol,
            Direction = tuple.Direction,
            SourceAddress = tuple.Source,
            SourcePort = tuple.SourcePort,
            DestinationAddress = tuple.Destination,
            DestinationPort = tuple.DestinationPort,
            Kind = kind is "XLATE_SRC" ? NatKind.Source : NatKind.Destination,
            TranslatedAddress = address,
            TranslatedPort = port,
        };
        for (var word = words.Next(); word.Length > 0; word = words.Next())
        {
            if (word.StartsWith("Created=", StringComparison.Ordinal))
            {
                // 99sec ago
                var age = word["Created=".Length..];
                if (!age.EndsWith("sec", StringComparison.Ordinal) || !uint.TryParse(age[..^3], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                    return null;
                entry = entry with { Age = TimeSpan.FromSeconds(seconds) };
            }
            else if (word.StartsWith("NeedsCT=", StringComparison.Ordinal))
            {
                entry = entry with { NeedsConntrack = word is not "NeedsCT=0" };
            }
            else if (word is not "ago" && !word.StartsWith("HostLocal=", StringComparison.Ordinal))
            {
                return null;
            }
        }

        return entry;
    }

    private static NatEntry? FromJson(ref Utf8JsonReader reader, string? node)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return null;
        var tuple = new TupleJson();
        IPAddress? address = null;
        int? port = null;
        ulong? created = null;
        bool? needsConntrack = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueSpan.SequenceEqual("Key"u8))
            {
                reader.Read();
                tuple.Read(ref reader);
            }
            else if (reader.ValueSpan.SequenceEqual("Value"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartObject)
                    return null;
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (reader.ValueSpan.SequenceEqual("Addr"u8))
                        address = TupleJson.Address(ref reader);
                    else if (reader.ValueSpan.SequenceEqual("Port"u8))
                        port = CiliumValues.FromNetwork(RawJson.Number16(ref reader));
                    else if (reader.ValueSpan.SequenceEqual("Created"u8))
                        created = RawJson.Number(ref reader);
                    else if (reader.ValueSpan.SequenceEqual("NeedsCT"u8))
                        needsConntrack = RawJson.Number(ref reader) != 0;
                    else
                        RawJson.SkipValue(ref reader);
                }
            }
            else
            {
                RawJson.SkipValue(ref reader);
            }
        }

        return !tuple.IsWhole || address is null || port is null ? null : new NatEntry
        {
            Node = node,
            Protocol = tuple.Protocol,
            Direction = tuple.Direction,
            SourceAddress = tuple.Source,
            SourcePort = tuple.SourcePort,
            DestinationAddress = tuple.Destination,
            DestinationPort = tuple.DestinationPort,
            Kind = tuple.Direction == ConntrackDirection.In ? NatKind.Destination : NatKind.Source,
            TranslatedAddress = address,
            TranslatedPort = port.Value,
            CreatedTick = created,
            NeedsConntrack = needsConntrack,
        };
    }
}
