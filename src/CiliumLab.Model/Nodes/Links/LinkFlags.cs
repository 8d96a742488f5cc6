namespace CiliumLab.Model;

/// <summary>
/// An interface's flags: the kernel's <c>IFF_</c> bits at their own values, and two that <c>ip</c> derives. Bits without a name
/// are kept as they are.
/// </summary>
[Flags]
public enum LinkFlags : long
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>Switched on by an administrator.</summary>
    Up = 1 << 0,

    /// <summary>Has a broadcast address.</summary>
    Broadcast = 1 << 1,

    /// <summary>Debugging is on.</summary>
    Debug = 1 << 2,

    /// <summary>The loopback interface.</summary>
    Loopback = 1 << 3,

    /// <summary>A point-to-point link.</summary>
    PointToPoint = 1 << 4,

    /// <summary>Sends no trailers.</summary>
    NoTrailers = 1 << 5,

    /// <summary>Operational; <c>ip</c> does not print it.</summary>
    Running = 1 << 6,

    /// <summary>Does without neighbour resolution.</summary>
    NoArp = 1 << 7,

    /// <summary>Receives all packets.</summary>
    Promisc = 1 << 8,

    /// <summary>Receives all multicast packets.</summary>
    AllMulti = 1 << 9,

    /// <summary>The master of a load balancer.</summary>
    Master = 1 << 10,

    /// <summary>A slave of a load balancer.</summary>
    Slave = 1 << 11,

    /// <summary>Can multicast.</summary>
    Multicast = 1 << 12,

    /// <summary>Can choose its medium.</summary>
    PortSel = 1 << 13,

    /// <summary>Chooses its medium by itself.</summary>
    AutoMedia = 1 << 14,

    /// <summary>Its addresses are lost when it goes down.</summary>
    Dynamic = 1 << 15,

    /// <summary>The lower layer is up: there is a carrier.</summary>
    LowerUp = 1 << 16,

    /// <summary>Waits for an external event.</summary>
    Dormant = 1 << 17,

    /// <summary>Echoes sent packets.</summary>
    Echo = 1 << 18,

    /// <summary>Up without a carrier, as <c>ip</c> says; no bit of the kernel.</summary>
    NoCarrier = 1L << 40,

    /// <summary>Its lower device or peer is down (<c>M-DOWN</c>), as <c>ip</c> says; no bit of the kernel.</summary>
    MasterDown = 1L << 41,
}

/// <summary>An interface's operational state (RFC 2863), with the kernel's numbers.</summary>
public enum InterfaceState
{
    /// <summary>The driver does not say; normal for loopback and tunnels.</summary>
    Unknown,

    /// <summary>Hardware is missing.</summary>
    NotPresent,

    /// <summary>Down.</summary>
    Down,

    /// <summary>Down because the interface below it is.</summary>
    LowerLayerDown,

    /// <summary>In a test mode.</summary>
    Testing,

    /// <summary>Up, but waiting for something else.</summary>
    Dormant,

    /// <summary>Up.</summary>
    Up,
}
