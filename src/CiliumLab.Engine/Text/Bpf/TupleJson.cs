using System.Net;
using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// A key of the conntrack and NAT maps as their JSON has it, tuple.TupleKey4 and TupleKey6 of pkg/tuple: raw, with addresses as bytes and
/// ports in the order of the network.
/// </summary>
internal ref struct TupleJson
{
    private const int FlagIn = 1;
    private const int FlagRelated = 2;
    private const int FlagService = 4;

    private IPAddress? _from;
    private IPAddress? _to;
    private byte _flags;
    private bool _hasProtocol;

    public TransportProtocol Protocol { get; private set; }

    public int SourcePort { get; private set; }

    public int DestinationPort { get; private set; }

    public readonly bool IsWhole => _from is not null && _to is not null && _hasProtocol;

    public readonly IPAddress Source => _from!;

    public readonly IPAddress Destination => _to!;

    public readonly bool IsRelated => (_flags & FlagRelated) != 0;

    public readonly ConntrackDirection Direction =>
        (_flags & FlagService) != 0 ? ConntrackDirection.Service : (_flags & FlagIn) != 0 ? ConntrackDirection.In : ConntrackDirection.Out;

    /// <summary>Reads the object on whose first token the reader stands.</summary>
    public void Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            if (name.SequenceEqual("DestAddr"u8))
                _to = Address(ref reader);
            else if (name.SequenceEqual("SourceAddr"u8))
                _from = Address(ref reader);
            else if (name.SequenceEqual("DestPort"u8))
                DestinationPort = CiliumValues.FromNetwork(Number(ref reader));
            else if (name.SequenceEqual("SourcePort"u8))
                SourcePort = CiliumValues.FromNetwork(Number(ref reader));
            else if (name.SequenceEqual("NextHeader"u8))
                (Protocol, _hasProtocol) = ((TransportProtocol)(byte)Number(ref reader), true);
            else if (name.SequenceEqual("Flags"u8))
                _flags = (byte)Number(ref reader);
            else
                RawJson.SkipValue(ref reader);
        }
    }

    /// <summary>Puts the addresses right: conntrack keeps them the other way round than the ports (cilium issue 5848).</summary>
    public void SwapAddresses() => (_from, _to) = (_to, _from);

    private static ushort Number(ref Utf8JsonReader reader) => RawJson.Number(ref reader) is <= ushort.MaxValue and var number ? (ushort)number : (ushort)0;

    internal static IPAddress? Address(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return CiliumValues.Address(reader.GetString());
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return null;
        }

        Span<byte> bytes = stackalloc byte[16];
        var length = 0;
        var isRight = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            isRight &= length < bytes.Length && reader.TokenType == JsonTokenType.Number && reader.TryGetByte(out bytes[length]);
            length++;
            reader.Skip();
        }

        return isRight && length is 4 or 16 && isRight ? new IPAddress(bytes[..length]) : null;
    }
}
