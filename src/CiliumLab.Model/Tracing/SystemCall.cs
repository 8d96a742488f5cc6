using System.Net;

namespace CiliumLab.Model;

/// <summary>What a line of strace is about.</summary>
public enum SystemCallEvent
{
    /// <summary>A system call.</summary>
    Call,

    /// <summary>A signal that the process received.</summary>
    Signal,

    /// <summary>The end of the process.</summary>
    Exit,
}

/// <summary>The kind of address that a socket has.</summary>
public enum SocketFamily
{
    /// <summary>None, or one that is not known.</summary>
    Unspecified,

    /// <summary>IPv4, AF_INET.</summary>
    IPv4,

    /// <summary>IPv6, AF_INET6.</summary>
    IPv6,

    /// <summary>A path or an abstract name of this machine, AF_UNIX.</summary>
    Unix,

    /// <summary>The kernel, AF_NETLINK.</summary>
    Netlink,

    /// <summary>An interface, AF_PACKET.</summary>
    Packet,
}

/// <summary>A system call of a process, a signal or its end, as strace tells it.</summary>
public sealed record SystemCall
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The pod's namespace; null for text.</summary>
    public string? Namespace { get; init; }

    /// <summary>The pod; null for text.</summary>
    public string? Pod { get; init; }

    /// <summary>Whether it is a call, a signal or the process' end.</summary>
    public SystemCallEvent Event { get; init; }

    /// <summary>When the call began; null unless strace wrote it (-ttt).</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The time of the day at which it began, of text with -t or -tt, which have no date; null otherwise.</summary>
    public TimeSpan? TimeOfDay { get; init; }

    /// <summary>The time since the line before, of text with -r; null otherwise.</summary>
    public TimeSpan? SincePrevious { get; init; }

    /// <summary>The process or thread; null where strace did not write it, as it does for an only process.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The call's name, such as <c>connect</c>; the signal's name; <c>exited</c> or <c>killed</c> for the end.</summary>
    public required string Name { get; init; }

    /// <summary>The arguments as strace decodes them, each whole, with the structures inside.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The file descriptor: the one that the call was given, or for calls that open one the one that they returned; null when there is none.</summary>
    public int? Descriptor { get; init; }

    /// <summary>What the descriptor is, such as <c>TCP:[127.0.0.1:5->127.0.0.1:80]</c>; null unless strace wrote it (-y, -yy).</summary>
    public string? DescriptorName { get; init; }

    /// <summary>The kind of socket address among the arguments.</summary>
    public SocketFamily AddressFamily { get; init; }

    /// <summary>The address and port among the arguments; null when there is none of IPv4 or IPv6.</summary>
    public IPEndPoint? Address { get; init; }

    /// <summary>The path of an AF_UNIX address, abstract ones with <c>@</c> before them; null for other calls.</summary>
    public string? Path { get; init; }

    /// <summary>The port of an AF_NETLINK address, 0 for the kernel; null for other calls.</summary>
    public uint? NetlinkPort { get; init; }

    /// <summary>What the call returned; the exit code of a process that exited; null for what did not return, and for the others.</summary>
    public long? Result { get; init; }

    /// <summary>The error's name, such as <c>EINPROGRESS</c>; null when the call succeeded.</summary>
    public string? Errno { get; init; }

    /// <summary>The error in words; what strace says about the result beside it, such as <c>Timeout</c>; how a process was killed.</summary>
    public string? Message { get; init; }

    /// <summary>How long the call took; null unless strace wrote it (-T).</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Whether other processes' lines came in between: strace wrote its beginning and its end apart.</summary>
    public bool WasInterrupted { get; init; }

    /// <summary>The line, or both lines of a call that was interrupted, as strace wrote them.</summary>
    public string Raw { get; init; } = "";

    /// <summary>Whether the call failed.</summary>
    public bool Failed => Errno is not null;
}
