namespace CiliumLab.Simulator.Nodes;

/// <summary>The kernel's reasons for saying no, as far as the nodes need them (asm-generic/errno.h).</summary>
internal enum Errno
{
    NotPermitted = 1,
    NoSuchFile = 2,
    NoSuchProcess = 3,
    InputOutput = 5,
    NoSuchDevice = 19,
    PermissionDenied = 13,
    Busy = 16,
    Exists = 17,
    NotDirectory = 20,
    IsDirectory = 21,
    Invalid = 22,
    NoSpace = 28,
    ReadOnlyFileSystem = 30,
    Range = 34,
    NotEmpty = 39,
    TooManyLinks = 40,
    NotSupported = 95,
    AddressNotAvailable = 99,
    NetworkUnreachable = 101,
    HostUnreachable = 113,
}

/// <summary>What strerror says in the C locale.</summary>
internal static class ErrnoText
{
    public static string Text(this Errno errno) => errno switch
    {
        Errno.NotPermitted => "Operation not permitted",
        Errno.NoSuchFile => "No such file or directory",
        Errno.NoSuchProcess => "No such process",
        Errno.InputOutput => "Input/output error",
        Errno.NoSuchDevice => "No such device",
        Errno.PermissionDenied => "Permission denied",
        Errno.Busy => "Device or resource busy",
        Errno.Exists => "File exists",
        Errno.NotDirectory => "Not a directory",
        Errno.IsDirectory => "Is a directory",
        Errno.Invalid => "Invalid argument",
        Errno.NoSpace => "No space left on device",
        Errno.ReadOnlyFileSystem => "Read-only file system",
        Errno.Range => "Numerical result out of range",
        Errno.NotEmpty => "Directory not empty",
        Errno.TooManyLinks => "Too many levels of symbolic links",
        Errno.NotSupported => "Operation not supported",
        Errno.AddressNotAvailable => "Cannot assign requested address",
        Errno.NetworkUnreachable => "Network is unreachable",
        Errno.HostUnreachable => "No route to host",
        _ => $"Unknown error {(int)errno}",
    };
}

/// <summary>The kernel refused a system call.</summary>
internal class KernelException(Errno errno, string? explanation = null) : Exception(explanation ?? errno.Text())
{
    /// <summary>The reason.</summary>
    public Errno Errno { get; } = errno;

    /// <summary>The netlink extended acknowledgement; null when the kernel gives the number alone.</summary>
    public string? Explanation { get; } = explanation;
}
