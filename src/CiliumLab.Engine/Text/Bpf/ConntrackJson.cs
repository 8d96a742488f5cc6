using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads an item of <c>cilium-dbg bpf ct list -o json</c>: a key of pkg/tuple and a ctmap.CtEntry, whose fields carry the names of Go's
/// structures. 1.16 joined the counters of both directions; a service's backend then lies in the second half of the first field.
/// </summary>
internal static class ConntrackJson
{
    public static ConntrackEntry? Read(ref Utf8JsonReader reader, string? node)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return null;
        var tuple = new TupleJson();
        var value = new Value();
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
                value.Read(ref reader);
            }
            else
            {
                RawJson.SkipValue(ref reader);
            }
        }

        if (!tuple.IsWhole || !value.IsWhole)
            return null;
        tuple.SwapAddresses();
        return new ConntrackEntry
        {
            Node = node,
            Protocol = tuple.Protocol,
            Direction = tuple.Direction,
            IsRelated = tuple.IsRelated,
            SourceAddress = tuple.Source,
            SourcePort = tuple.SourcePort,
            DestinationAddress = tuple.Destination,
            DestinationPort = tuple.DestinationPort,
            ExpiresAt = value.Lifetime,
            Packets = value.Packets ?? (value.RxPackets + value.TxPackets),
            Bytes = value.Bytes ?? (value.RxBytes + value.TxBytes),
            RxPackets = value.RxPackets,
            RxBytes = value.RxBytes,
            TxPackets = value.TxPackets,
            TxBytes = value.TxBytes,
            RxFlagsSeen = (TcpFlags)value.RxFlagsSeen,
            TxFlagsSeen = (TcpFlags)value.TxFlagsSeen,
            LastRxReport = value.LastRxReport,
            LastTxReport = value.LastTxReport,
            Flags = (ConntrackFlags)value.Flags,
            ServiceId = value.ServiceId,
            IdentityId = value.IdentityId,
            BackendId = value.Union is null ? null : tuple.Direction == ConntrackDirection.Service && value.Union <= uint.MaxValue ? (uint)value.Union : 0,
            NatPort = value.NatPort,
        };
    }

    /// <summary>ctmap.CtEntry.</summary>
    private struct Value
    {
        public bool IsWhole;
        public ulong? Union;
        public ulong? Packets;
        public ulong? Bytes;
        public ulong? RxPackets;
        public ulong? RxBytes;
        public ulong? TxPackets;
        public ulong? TxBytes;
        public uint Lifetime;
        public ushort Flags;
        public ushort ServiceId;
        public byte RxFlagsSeen;
        public byte TxFlagsSeen;
        public uint IdentityId;
        public uint LastRxReport;
        public uint LastTxReport;
        public ushort? NatPort;

        public void Read(ref Utf8JsonReader reader)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                return;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                ReadField(ref reader);
        }

        private void ReadField(ref Utf8JsonReader reader)
        {
            var name = reader.ValueSpan;
            if (name.SequenceEqual("Union0"u8))
                Union = SecondOf(ref reader);
            else if (name.SequenceEqual("Packets"u8))
                Packets = RawJson.Number(ref reader);
            else if (name.SequenceEqual("Bytes"u8))
                Bytes = RawJson.Number(ref reader);
            else if (name.SequenceEqual("Lifetime"u8))
                (Lifetime, IsWhole) = (RawJson.Number32(ref reader), true);
            else if (name.SequenceEqual("Flags"u8))
                Flags = RawJson.Number16(ref reader);
            else if (name.SequenceEqual("RevNAT"u8))
                ServiceId = CiliumValues.FromNetwork(RawJson.Number16(ref reader));
            else if (name.SequenceEqual("TxFlagsSeen"u8))
                TxFlagsSeen = (byte)RawJson.Number16(ref reader);
            else if (name.SequenceEqual("RxFlagsSeen"u8))
                RxFlagsSeen = (byte)RawJson.Number16(ref reader);
            else if (name.SequenceEqual("SourceSecurityID"u8))
                IdentityId = RawJson.Number32(ref reader);
            else if (name.SequenceEqual("LastTxReport"u8))
                LastTxReport = RawJson.Number32(ref reader);
            else if (name.SequenceEqual("LastRxReport"u8))
                LastRxReport = RawJson.Number32(ref reader);
            else if (name.SequenceEqual("NatPort"u8))
                NatPort = CiliumValues.FromNetwork(RawJson.Number16(ref reader));
            else if (name.SequenceEqual("RxPackets"u8))
                RxPackets = RawJson.Number(ref reader);
            else if (name.SequenceEqual("RxBytes"u8))
                RxBytes = RawJson.Number(ref reader);
            else if (name.SequenceEqual("TxPackets"u8))
                TxPackets = RawJson.Number(ref reader);
            else if (name.SequenceEqual("TxBytes"u8))
                TxBytes = RawJson.Number(ref reader);
            else
                RawJson.SkipValue(ref reader);
        }

        private static ulong? SecondOf(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                return null;
            }

            ulong? second = null;
            for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
            {
                if (index == 1 && reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out var number))
                    second = number;
                reader.Skip();
            }

            return second;
        }
    }
}
