using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>The beginning of a line of the conntrack and NAT maps: <c>TCP OUT 10.0.0.1:5 -> 10.0.0.2:80</c>.</summary>
internal ref struct TupleText
{
    public TransportProtocol Protocol;
    public ConntrackDirection Direction;
    public IPAddress Source;
    public int SourcePort;
    public IPAddress Destination;
    public int DestinationPort;

    public static bool TryRead(ref SpanWords words, out TupleText tuple)
    {
        tuple = default;
        var protocol = words.Next();
        var direction = words.Next();
        if (direction is not ("OUT" or "IN" or "SVC") || CiliumValues.Protocol(protocol) is not { } known)
            return false;
        tuple.Protocol = known;
        tuple.Direction = direction switch { "IN" => ConntrackDirection.In, "OUT" => ConntrackDirection.Out, _ => ConntrackDirection.Service };
        return CiliumValues.TrySocket(words.Next(), out tuple.Source, out tuple.SourcePort)
            && words.Next() is "->"
            && CiliumValues.TrySocket(words.Next(), out tuple.Destination, out tuple.DestinationPort);
    }
}
