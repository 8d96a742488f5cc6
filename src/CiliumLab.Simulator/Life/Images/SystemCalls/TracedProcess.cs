using System.Globalization;

namespace CiliumLab.Simulator.Life;

/// <summary>A process whose system calls are told: its descriptors, its memory, and its time.</summary>
/// <param name="id">Its number.</param>
/// <param name="clock">The lab's clock; the process never runs before it.</param>
/// <param name="seed">Where its memory lies, and how long calls take.</param>
/// <param name="isTerminal">Whether its standard streams are a terminal.</param>
internal sealed class TracedProcess(int id, TimeProvider clock, Seed seed, bool isTerminal)
{
    private const ulong Page = 4096;
    private const int FirstFree = 3;

    // More than the calls take that come between, sorting addresses for one.
    private static readonly TimeSpan BeforeTheWire = TimeSpan.FromMilliseconds(2);

    private readonly SortedDictionary<int, OpenFile> _open = new(Enumerable.Range(0, FirstFree)
        .ToDictionary(static number => number, number => isTerminal ? new OpenFile("/dev/pts/0", "/dev/pts/0<char 136:0>") : Pipe(9_000_000 + number + (seed.Next(900_000) * 3))));

    // The kernel puts maps below the stack, each below the one before.
    private readonly ulong _stack = 0x7ffc_0000_0000 + ((ulong)seed.Next(0x30_0000) * Page);
    private ulong _lowestMap = 0x7f00_0000_0000 + ((ulong)seed.Next(0x0fff_ffff) * Page);
    private ulong _break = 0x5555_5555_5000 + ((ulong)seed.Next(0x0fff_ffff) * Page);
    private int _lastInode = 9_000_000 + seed.Next(900_000);
    private DateTimeOffset _now = clock.GetUtcNow();
    private bool _waitedFor;

    /// <summary>Its number.</summary>
    public int Id => id;

    /// <summary>Whether its standard streams are a terminal.</summary>
    public bool IsTerminal => isTerminal;

    /// <summary>Is told of each call at its end.</summary>
    public Action<SystemCallEntry> Told { get; init; } = static _ => { };

    /// <summary>Shows what was told to whoever reads; before the process sleeps.</summary>
    public Func<Task> Showing { get; init; } = static () => Task.CompletedTask;

    /// <summary>The call that it sleeps in; null when it does not.</summary>
    public SystemCallEntry? Sleeping { get; private set; }

    /// <summary>The process' own time: the clock's, and what its calls took since.</summary>
    public DateTimeOffset Now => _now = _waitedFor || _now > clock.GetUtcNow() ? _now : clock.GetUtcNow();

    /// <summary>
    /// Lets the lab's clock go past the process, so that what the next calls put on the wire is seen there after the calls and not before.
    /// Until <see cref="GoOn"/> the process does not follow the clock.
    /// </summary>
    public async Task LetPassAsync(CancellationToken cancellationToken)
    {
        var behind = Now + BeforeTheWire - clock.GetUtcNow();
        _waitedFor = true;
        if (behind > TimeSpan.Zero)
            await Task.Delay(behind, clock, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The calls are told: the process follows the clock again.</summary>
    public void GoOn() => _waitedFor = false;

    /// <summary>A call that returns at once.</summary>
    public void Call(string name, IReadOnlyList<CallValue> arguments, CallValue? result = null, string? error = null, int bytes = 0) =>
        End(new SystemCallEntry(id, name, arguments, Now) { Result = result ?? 0, Error = error }, TimeSpan.Zero, bytes);

    /// <summary>A call in which the time passes that an answer takes, which the lab's clock does not count.</summary>
    public void Awaited(string name, IReadOnlyList<CallValue> arguments, TimeSpan wait, CallValue result) =>
        End(new SystemCallEntry(id, name, arguments, Now) { Result = result }, wait, 0);

    /// <summary>A call that sleeps by the lab's clock.</summary>
    public async Task SleepAsync(string name, IReadOnlyList<CallValue> arguments, TimeSpan time, Func<IReadOnlyList<CallValue>, (IReadOnlyList<CallValue> Arguments, CallValue Result)> end, CancellationToken cancellationToken)
    {
        Sleeping = new SystemCallEntry(id, name, arguments, Now);
        await Showing().ConfigureAwait(false);
        await Task.Delay(time, clock, cancellationToken).ConfigureAwait(false);
        var begun = Sleeping;
        Sleeping = null;
        var (whole, result) = end(arguments);
        End(begun with { Arguments = whole, Result = result }, time, 0);
    }

    /// <summary>A descriptor as an argument.</summary>
    public CallDescriptor Descriptor(int number) => new(number, _open.GetValueOrDefault(number));

    /// <summary>Takes the lowest number that is free.</summary>
    public CallDescriptor Take(OpenFile file)
    {
        var number = 0;
        while (_open.ContainsKey(number))
            number++;
        _open[number] = file;
        return new CallDescriptor(number, file);
    }

    /// <summary>A descriptor stands for something else from now on: a socket that has addresses now.</summary>
    public void Rename(int number, OpenFile file) => _open[number] = file;

    /// <summary>Closes a descriptor.</summary>
    public void Close(int number)
    {
        Call("close", [Descriptor(number)]);
        _open.Remove(number);
    }

    /// <summary>The number of the next socket in the kernel's own file system.</summary>
    public int NextInode() => ++_lastInode;

    /// <summary>A port that the kernel chooses for a socket that says nothing.</summary>
    public int EphemeralPort() => 32_768 + seed.Next(28_232);

    /// <summary>An address on the stack.</summary>
    /// <param name="below">How far from its top, in bytes.</param>
    public CallValue OnStack(int below) => CallValue.At(_stack - (ulong)below);

    /// <summary>Where the break is.</summary>
    public ulong Break => _break;

    /// <summary>Asks where the break is, or moves it.</summary>
    public void MoveBreak(int pages)
    {
        _break += (ulong)pages * Page;
        Call("brk", [pages == 0 ? "NULL" : CallValue.At(_break)], CallValue.At(_break));
    }

    /// <summary>Maps memory that nothing else is in, and gives where.</summary>
    public ulong Map(int pages, string protection = "PROT_READ|PROT_WRITE")
    {
        var address = Reserve(pages);
        Call("mmap", ["NULL", Bytes(pages), protection, "MAP_PRIVATE|MAP_ANONYMOUS", -1, 0], CallValue.At(address));
        return address;
    }

    /// <summary>Gives memory back.</summary>
    public void Unmap(ulong address, int pages) => Call("munmap", [CallValue.At(address), Bytes(pages)]);

    /// <summary>Room for a map.</summary>
    public ulong Reserve(int pages) => _lowestMap -= (ulong)pages * Page;

    /// <summary>Pages in bytes, as an argument.</summary>
    public static CallValue Bytes(int pages) => (pages * (int)Page).ToString(CultureInfo.InvariantCulture);

    /// <summary>The address some pages on.</summary>
    public static ulong Behind(ulong address, int pages) => address + ((ulong)pages * Page);

    private static OpenFile Pipe(int inode) => new($"pipe:[{inode}]", $"pipe:[{inode}]");

    private void End(SystemCallEntry call, TimeSpan slept, int bytes)
    {
        var cost = CallCosts.Of(call, bytes, seed);
        var duration = slept + cost + CallCosts.OfTracing(seed);
        _now = call.Began + duration + CallCosts.Between(seed);
        Told(call with { Cost = cost, Duration = duration });
    }
}
