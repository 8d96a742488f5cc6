using System.Globalization;
using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>cilium-dbg bpf ct list</c>, the text with or without <c>-d</c>, and the JSON. The text is that of CtKey.Dump and
/// CtEntry.String of pkg/maps/ctmap; entries come as they are read.
/// </summary>
public static class ConntrackText
{
    private const string Kind = "BpfConntrack";
    private const string Expected = "a tracked connection with both ends and its lifetime";

    /// <summary>Reads the connections in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<ConntrackEntry> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => JsonItems.OfArray(Kind, lines, warn, Expected, (ref Utf8JsonReader reader) => ConntrackJson.Read(ref reader, node)),
            OutputForm.Text => new TextRows<ConntrackEntry>(Kind, Expected, line => Entry(line, node)).Read(lines, warn),
            _ => [],
        };
    }

    private static ConntrackEntry? Entry(string line, string? node)
    {
        var words = new SpanWords(line);
        if (!TupleText.TryRead(ref words, out var tuple))
            return null;
        var isRelated = false;
        var word = words.Next();
        for (; word is "related" or "service"; word = words.Next())
        {
            isRelated |= word is "related";
            if (word is "service")
                tuple.Direction = ConntrackDirection.Service;
        }

        if (!word.StartsWith("expires=", StringComparison.Ordinal) || !TryNumber(word["expires=".Length..], out var expires) || expires > uint.MaxValue)
            return null;
        var fields = new Fields();
        TimeSpan? remaining = null;
        for (word = words.Next(); word.Length > 0; word = words.Next())
        {
            if (word is "(remaining:")
            {
                // (remaining: 7998 sec(s))
                if (!words.Through(')', out var left) || (left.Contains('(') && !words.Through(')', out _)) || !TryNumber(new SpanWords(left).Next(), out var seconds) || seconds > uint.MaxValue)
                    return null;
                remaining = TimeSpan.FromSeconds(seconds);
            }
            else if (word is "[")
            {
                // The flags' names, which say the same as their number.
                if (!words.Through(']', out _))
                    return null;
            }
            else if (word.IndexOf('=') is not (> 0 and var equals) || !fields.TryTake(word[..equals], word[(equals + 1)..]))
            {
                return null;
            }
        }

        return fields.Count < 3 ? null : new ConntrackEntry
        {
            Node = node,
            Protocol = tuple.Protocol,
            Direction = tuple.Direction,
            IsRelated = isRelated,
            SourceAddress = tuple.Source,
            SourcePort = tuple.SourcePort,
            DestinationAddress = tuple.Destination,
            DestinationPort = tuple.DestinationPort,
            ExpiresAt = (uint)expires,
            Remaining = remaining,
            Packets = fields.Packets ?? (fields.RxPackets + fields.TxPackets),
            Bytes = fields.Bytes ?? (fields.RxBytes + fields.TxBytes),
            RxPackets = fields.RxPackets,
            RxBytes = fields.RxBytes,
            TxPackets = fields.TxPackets,
            TxBytes = fields.TxBytes,
            RxFlagsSeen = (TcpFlags)fields.RxFlagsSeen,
            TxFlagsSeen = (TcpFlags)fields.TxFlagsSeen,
            LastRxReport = fields.LastRxReport,
            LastTxReport = fields.LastTxReport,
            Flags = (ConntrackFlags)fields.Flags,
            ServiceId = fields.ServiceId,
            IdentityId = fields.IdentityId,
            BackendId = fields.BackendId,
            NatPort = fields.NatPort,
        };
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out ulong number) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>What stands behind the lifetime, name by name; the names differ by version.</summary>
    private struct Fields
    {
        public int Count;
        public ulong? Packets;
        public ulong? Bytes;
        public ulong? RxPackets;
        public ulong? RxBytes;
        public ulong? TxPackets;
        public ulong? TxBytes;
        public byte RxFlagsSeen;
        public byte TxFlagsSeen;
        public uint LastRxReport;
        public uint LastTxReport;
        public ushort Flags;
        public ushort ServiceId;
        public uint IdentityId;
        public uint? BackendId;
        public ushort? NatPort;

        public bool TryTake(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
        {
            ulong number;
            if (CiliumValues.TryHex(value, out var hex))
                number = hex;
            else if (!TryNumber(value, out number))
                return false;
            Count++;
            switch (name)
            {
                case "Packets":
                    Packets = number;
                    return true;
                case "Bytes":
                    Bytes = number;
                    return true;
                case "RxPackets":
                    RxPackets = number;
                    return true;
                case "RxBytes":
                    RxBytes = number;
                    return true;
                case "TxPackets":
                    TxPackets = number;
                    return true;
                case "TxBytes":
                    TxBytes = number;
                    return true;
                case "RxFlagsSeen":
                    RxFlagsSeen = (byte)number;
                    return number <= byte.MaxValue;
                case "TxFlagsSeen":
                    TxFlagsSeen = (byte)number;
                    return number <= byte.MaxValue;
                case "LastRxReport":
                    LastRxReport = (uint)number;
                    return number <= uint.MaxValue;
                case "LastTxReport":
                    LastTxReport = (uint)number;
                    return number <= uint.MaxValue;
                case "Flags":
                    Flags = (ushort)number;
                    return number <= ushort.MaxValue;
                case "RevNAT":
                    ServiceId = (ushort)number;
                    return number <= ushort.MaxValue;
                case "SourceSecurityID":
                    IdentityId = (uint)number;
                    return number <= uint.MaxValue;
                case "BackendID":
                    BackendId = (uint)number;
                    return number <= uint.MaxValue;
                case "NatPort":
                    NatPort = (ushort)number;
                    return number <= ushort.MaxValue;
                default:
                    // IfIndex, and whatever a newer version adds.
                    return true;
            }
        }
    }
}
