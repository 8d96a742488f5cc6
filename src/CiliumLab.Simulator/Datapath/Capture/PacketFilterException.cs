namespace CiliumLab.Simulator.Datapath;

/// <summary>A filter that cannot be read: what tcpdump says behind its name.</summary>
internal sealed class PacketFilterException(string message) : Exception(message)
{
    /// <summary>The words of a filter do not fit together.</summary>
    public static PacketFilterException Syntax() => new("can't parse filter expression: syntax error");
}
