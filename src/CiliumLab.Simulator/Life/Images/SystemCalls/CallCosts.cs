namespace CiliumLab.Simulator.Life;

/// <summary>How long the kernel of the lab's machines works on a call: by what kind of work it is, and by chance.</summary>
internal static class CallCosts
{
    private const int Lookup = 2700;
    private const int Memory = 2500;
    private const int Trifle = 650;
    private const int NetworkStack = 24_000;
    private const int BytesPerNanosecond = 4;

    // Nanoseconds. A packet's way through the stack is paid by who sends it, as far as the other pod on the node.
    private static readonly Dictionary<string, int> Work = new(StringComparer.Ordinal)
    {
        ["open"] = Lookup,
        ["stat"] = Lookup,
        ["mmap"] = Memory,
        ["mprotect"] = Memory + 500,
        ["munmap"] = 2 * Memory,
        ["close"] = 2200,
        ["socket"] = 5500,
        ["eventfd2"] = 5000,
        ["sendto"] = NetworkStack,
        ["recvfrom"] = 2800,
        ["poll"] = 2400,
        ["writev"] = 6500,
        ["sendfile"] = 5000,
        ["rt_sigaction"] = 1500,
        ["read"] = 1100,
        ["readv"] = 1500,
        ["fstat"] = 1100,
        ["fcntl"] = 900,
        ["ioctl"] = 1500,
        ["getrandom"] = 2200,
    };

    /// <summary>The processor's time for a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="bytes">How much it copies.</param>
    /// <param name="seed">The chance in it.</param>
    public static TimeSpan Of(SystemCallEntry call, int bytes, Seed seed)
    {
        var work = call.Name switch
        {
            // The tracer comes when this one is nearly over.
            "execve" => 0,
            "arch_prctl" or "set_tid_address" or "getuid" => Trifle / 3,
            "connect" when call.Error?.StartsWith("EINPROGRESS", StringComparison.Ordinal) == true => 2 * NetworkStack,
            "connect" => 4200,
            "open" when call.Error is not null => Lookup * 3 / 4,
            var name => Work.GetValueOrDefault(name, Trifle),
        };
        return Nanoseconds((work * (75 + seed.Next(50)) / 100) + (bytes / BytesPerNanosecond));
    }

    /// <summary>What being stopped twice by strace takes.</summary>
    public static TimeSpan OfTracing(Seed seed) => Nanoseconds(9_000 + seed.Next(12_000));

    /// <summary>What the program does before its next call.</summary>
    public static TimeSpan Between(Seed seed) => Nanoseconds(14_000 + seed.Next(40_000));

    private static TimeSpan Nanoseconds(int nanoseconds) => TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
}
