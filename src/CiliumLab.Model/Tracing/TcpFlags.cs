namespace CiliumLab.Model;

/// <summary>The flags of a TCP segment, or all that were seen on a connection.</summary>
[Flags]
public enum TcpFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The sender has nothing more to say.</summary>
    Fin = 0x01,

    /// <summary>A connection begins.</summary>
    Syn = 0x02,

    /// <summary>The connection is refused or broken off.</summary>
    Rst = 0x04,

    /// <summary>What was sent is to be handed on at once.</summary>
    Psh = 0x08,

    /// <summary>The acknowledgment number counts.</summary>
    Ack = 0x10,

    /// <summary>The urgent pointer counts.</summary>
    Urg = 0x20,

    /// <summary>A router said that it is congested.</summary>
    Ece = 0x40,

    /// <summary>The sender slowed down.</summary>
    Cwr = 0x80,

    /// <summary>Accurate ECN.</summary>
    Ae = 0x100,
}
