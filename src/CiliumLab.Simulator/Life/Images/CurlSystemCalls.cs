using System.Globalization;
using System.Net;
using System.Text;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>
/// What curl 8.14 of Alpine asks of the kernel: with OpenSSL, c-ares and musl, as netshoot has it. Each member is a step of curl's; what it
/// asks follows from the image's libraries and files and from what came of the step.
/// </summary>
/// <param name="process">The process.</param>
/// <param name="container">Where it runs.</param>
internal sealed class CurlSystemCalls(TracedProcess process, ContainerContext container)
{
    private const string InProgress = "EINPROGRESS (Operation in progress)";
    private const string Again = "EAGAIN (Resource temporarily unavailable)";
    private const string Readable = "POLLIN";
    private const string Writable = "POLLOUT";
    private const int BufferSize = 102_400;
    private const int BufferPages = (BufferSize / 4096) + 1;
    private const int LongestDatagram = 65_535;

    // OpenSSL keeps this many things for each thread, and musl holds signals back while it makes room for one.
    private const int ThreadKeys = 7;

    // In the order in which the loader meets them: those of curl, then those of libcurl, then theirs. Sizes are about those of Alpine 3.22.
    private static readonly SharedLibrary[] Libraries =
    [
        new("libcurl.so.4", 665_760, 110, 32, 6),
        new("libz.so.1", 100_376, 15, 7, 2),
        new("libcares.so.2", 211_416, 34, 10, 2),
        new("libnghttp2.so.14", 165_736, 23, 10, 3),
        new("libidn2.so.0", 194_800, 7, 38, 2),
        new("libpsl.so.5", 75_992, 3, 13, 2),
        new("libssl.so.3", 862_176, 140, 38, 15),
        new("libcrypto.so.3", 4_742_304, 702, 292, 96) { Zeroes = 3 },
        new("libzstd.so.1", 702_224, 146, 20, 2),
        new("libbrotlidec.so.1", 51_120, 8, 2, 2),
        new("libunistring.so.5", 1_966_720, 46, 416, 6) { Zeroes = 1 },
        new("libbrotlicommon.so.1", 137_168, 1, 31, 2),
    ];

    private readonly MuslProgram _program = new(process);
    private readonly Dictionary<ulong, int> _buffers = [];
    private readonly CallValue _restorer = CallValue.At(process.Reserve(0) - 0x1000);
    private CallDescriptor? _wakeUp;
    private CallDescriptor? _socket;
    private IPEndPoint? _local;
    private bool _hasAsked;

    /// <summary>What the next step puts on the wire is seen there after its calls.</summary>
    public Task BeforeWireAsync(CancellationToken cancellationToken) => process.LetPassAsync(cancellationToken);

    /// <summary>The step's calls are told.</summary>
    public void AfterWire() => process.GoOn();

    /// <summary>The program begins: the loader, the libraries, and what they want to know first.</summary>
    public void Started(IReadOnlyList<string> arguments)
    {
        _program.Start("/usr/bin/curl", arguments, 12 + container.Spec.Objects("env").Count(), Libraries);
        for (var stream = 0; stream < 3; stream++)
            process.Call("fcntl", [process.Descriptor(stream), "F_GETFD"]);
        process.Call("rt_sigaction", ["SIGPIPE", Handler("SIG_IGN", "SA_RESTORER|SA_RESTART"), "{sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}", 8]);
        for (var key = 0; key < ThreadKeys; key++)
        {
            process.Call("rt_sigprocmask", ["SIG_BLOCK", "~[RTMIN RT_1 RT_2]", "[]", 8]);
            process.Call("rt_sigprocmask", ["SIG_SETMASK", "[]", "NULL", 8]);
        }

        foreach (var identity in (ReadOnlySpan<string>)["getuid", "geteuid", "getgid", "getegid"])
            process.Call(identity, []);
        process.MoveBreak(2);
        process.Map(4);
        ReadByLines("/etc/ssl/openssl.cnf");
        Borrow(14);
        ReadOwnFile();
        foreach (var stream in (ReadOnlySpan<int>)[0, 1])
            AskWindow(stream);
        _wakeUp = process.Take(new OpenFile("anon_inode:[eventfd]", "anon_inode:[eventfd]"));
        process.Call("eventfd2", [0, "EFD_CLOEXEC|EFD_NONBLOCK"], _wakeUp);
        process.Call("getrandom", [CallValue.At(process.Break - 0x1a40), 32, 0], 32);
        ReadWhole("/etc/resolv.conf");
        ReadWhole("/etc/nsswitch.conf");
        _program.Missing("/etc/host.conf");
        _program.Missing("/etc/svc.conf");
        process.MoveBreak(1);
        Borrow(7);
        Shield();
        var six = Open("AF_INET6, SOCK_DGRAM, IPPROTO_IP", "UDPv6");
        process.Close(six.Number);
    }

    /// <summary>A name was asked for, and answered or not.</summary>
    public void Asked(NameQuestion asked)
    {
        if (!_hasAsked)
        {
            _hasAsked = true;
            process.Call("stat", [CallValue.Name("/etc/hosts"), $"{{st_mode=S_IFREG|0644, st_size={ImageFiles.Find(container, "/etc/hosts")?.Length ?? 0}, ...}}"]);
            ReadWhole("/etc/hosts");
            _socket = Open("AF_INET, SOCK_DGRAM, IPPROTO_UDP", "UDP");
            NotBlocking();
            process.Call("fcntl", [Socket, "F_SETFD", "FD_CLOEXEC"]);
            var failed = Unsent(asked.Reply);
            Connect(asked.Server, asked.Reply, "UDP", failed);
            if (failed is not null)
                return;
            GetName();
        }

        foreach (var (question, _) in asked.Messages)
            process.Call("sendto", [Socket, CallValue.Bytes(question), question.Length, "MSG_NOSIGNAL", "NULL", 0], question.Length, bytes: question.Length);
        Poll([(Socket, Readable)], 0, null, default);
        Shield();
        if (asked.Reply.Outcome != ConnectOutcome.Connected)
            return;
        Poll([(Socket, Readable), (_wakeUp!, Readable)], 1000, Readable, asked.Reply.RoundTrip);
        Poll([(Socket, Readable)], 0, Readable, default);
        foreach (var (_, answer) in asked.Messages)
            process.Call("recvfrom", [Socket, CallValue.Bytes(answer), LongestDatagram, 0, Address(asked.Server), "[128 => 16]"], answer.Length, bytes: answer.Length);
        process.Call("recvfrom", [Socket, process.OnStack(0x12f40), LongestDatagram, 0, process.OnStack(0x2f30), "[128]"], null, Again);
        Borrow(2);
    }

    /// <summary>The addresses are brought into an order: which of them would be used from where.</summary>
    public void Sorted(IPEndPoint destination, ConnectReply reply)
    {
        if (!_hasAsked)
            return;
        var sorting = Open("AF_INET, SOCK_DGRAM, IPPROTO_UDP", "UDP");
        var failed = Unsent(reply);
        process.Call("connect", [sorting, Address(destination), 16], null, failed);
        if (failed is null && reply.Local is { } local)
            process.Call("getsockname", [process.Descriptor(sorting.Number), Address(new IPEndPoint(local.Address, process.EphemeralPort())), "[16]"]);
        process.Close(sorting.Number);
        process.Close(Socket.Number);
        _socket = null;
        Shield();
    }

    /// <summary>A connection is opened.</summary>
    /// <returns>Whether the network was asked; the load balancer at the socket, or the routing table, may refuse at once.</returns>
    public bool Connecting(IPEndPoint destination, ConnectReply reply)
    {
        _socket = Open("AF_INET, SOCK_STREAM, IPPROTO_TCP", "TCP");
        foreach (var option in (ReadOnlySpan<string>)["SOL_TCP, TCP_NODELAY, [1]", "SOL_SOCKET, SO_KEEPALIVE, [1]", "SOL_TCP, TCP_KEEPIDLE, [60]", "SOL_TCP, TCP_KEEPINTVL, [60]", "SOL_TCP, TCP_KEEPCNT, [9]"])
            process.Call("setsockopt", [Socket, option, 4]);
        NotBlocking();
        var failed = Unsent(reply);
        Connect(destination, reply, "TCP", failed ?? InProgress);
        if (failed is not null)
            return false;
        GetName();
        Poll([(Socket, Writable)], 0, null, default);
        Shield();
        return true;
    }

    /// <summary>The other side, or somebody on the way, answered, or the kernel gave up.</summary>
    public void Connected(ConnectReply reply)
    {
        var error = reply.Outcome switch
        {
            ConnectOutcome.Connected => null,
            ConnectOutcome.Refused => "ECONNREFUSED",
            ConnectOutcome.HostUnreachable => "EHOSTUNREACH",
            ConnectOutcome.NetworkUnreachable => "ENETUNREACH",
            _ => "ETIMEDOUT",
        };
        var found = error is null ? Writable : "POLLOUT|POLLERR|POLLHUP";
        Poll([(Socket, Writable), (_wakeUp!, Readable)], 1000, found, reply.RoundTrip);
        Shield();
        Poll([(Socket, Writable)], 0, found, default);
        process.Call("getsockopt", [Socket, "SOL_SOCKET", "SO_ERROR", $"[{error ?? "0"}]", "[4]"]);
        if (error is not null)
            return;
        GetName();
        GetName();
    }

    /// <summary>A request was sent, and answered.</summary>
    public void Exchanged(string request, string answer, TimeSpan roundTrip)
    {
        var (sent, came) = (Encoding.UTF8.GetBytes(request), Encoding.UTF8.GetBytes(answer));
        var buffer = process.Map(BufferPages);
        _buffers[buffer] = BufferPages;
        Borrow(5);
        process.Call("sendto", [Socket, CallValue.Bytes(sent), sent.Length, "MSG_NOSIGNAL", "NULL", 0], sent.Length, bytes: sent.Length);
        Receive(null);
        Poll([(Socket, Readable)], 0, null, default);
        Shield();
        Poll([(Socket, Readable), (_wakeUp!, Readable)], 1000, Readable, roundTrip);
        Shield();
        for (var at = 0; at < came.Length; at += BufferSize)
            Receive(came[at..Math.Min(came.Length, at + BufferSize)]);
        Receive(null);
        Poll([(Socket, "POLLIN|POLLPRI|POLLRDNORM|POLLRDBAND")], 0, null, default);
        Borrow(4);

        void Receive(byte[]? bytes) => process.Call(
            "recvfrom", [Socket, bytes is null ? CallValue.At(buffer + 0x20) : CallValue.Bytes(bytes), BufferSize, 0, "NULL", "NULL"], bytes?.Length ?? 0, bytes is null ? Again : null, bytes?.Length ?? 0);
    }

    /// <summary>Waits by the lab's clock for an answer that does not come.</summary>
    public async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        var waitsFor = _hasAsked && Socket.File?.Details.StartsWith("UDP", StringComparison.Ordinal) == true ? Readable : Writable;
        for (var left = time; left > TimeSpan.Zero;)
        {
            var step = left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
            await process.SleepAsync("poll", Asked([(Socket, waitsFor), (_wakeUp!, Readable)], (int)step.TotalMilliseconds), step, static arguments => (arguments, "0 (Timeout)"), cancellationToken).ConfigureAwait(false);
            left -= step;
        }
    }

    /// <summary>Writes to one of its streams, or to the file that stands for standard output.</summary>
    public void Wrote(string text, string? path = null, bool isError = false)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var file = process.Descriptor(isError ? 2 : 1);
        if (path is not null)
        {
            file = process.Take(new OpenFile(path, path));
            process.Call("open", [CallValue.Name(path), "O_WRONLY|O_CREAT|O_TRUNC|O_LARGEFILE", "0666"], file);
        }
        else if (!isError)
        {
            AskWindow(1);
        }

        process.Call("writev", [file, CallValue.Together("[{iov_base=", CallValue.Bytes(bytes), $", iov_len={bytes.Length}}}, {{iov_base=NULL, iov_len=0}}]"), 2], bytes.Length, bytes: bytes.Length);
        if (path is not null)
            process.Close(file.Number);
    }

    /// <summary>Cleans up and ends.</summary>
    public void Ended(int code)
    {
        Shield();
        if (_socket is not null)
            process.Close(Socket.Number);
        Shield();
        if (_wakeUp is not null)
            process.Close(_wakeUp.Number);
        foreach (var (buffer, pages) in _buffers)
            process.Unmap(buffer, pages);
        _program.End(code);
    }

    private static string Address(IPEndPoint address) => $"{{sa_family=AF_INET, sin_port=htons({address.Port}), sin_addr=inet_addr(\"{address.Address}\")}}";

    // Null when the first packet could be sent.
    private static string? Unsent(ConnectReply reply) => reply.Local is not null ? null : reply.Outcome switch
    {
        ConnectOutcome.HostUnreachable => "EHOSTUNREACH (Host is unreachable)",
        ConnectOutcome.NetworkUnreachable => "ENETUNREACH (Network unreachable)",
        _ => null,
    };

    private CallDescriptor Socket => process.Descriptor(_socket!.Number);

    private CallDescriptor Open(string kind, string protocol)
    {
        var inode = process.NextInode();
        var socket = process.Take(new OpenFile($"socket:[{inode}]", $"{protocol}:[{inode}]"));
        process.Call("socket", [.. kind.Split(", ").Select(static word => (CallValue)word)], socket);
        return socket;
    }

    // What the kernel says of the socket is where its packets go: with load balancing at the socket, the backend.
    private void Connect(IPEndPoint destination, ConnectReply reply, string protocol, string? error)
    {
        process.Call("connect", [Socket, Address(destination), 16], null, error);
        if (reply.Local is { } local)
            process.Rename(Socket.Number, Socket.File! with { Details = $"{protocol}:[{local}->{reply.Peer ?? destination}]" });
        _local = reply.Local;
    }

    private void GetName()
    {
        if (_local is not null)
            process.Call("getsockname", [Socket, Address(_local), "[128 => 16]"]);
    }

    private void NotBlocking()
    {
        process.Call("fcntl", [Socket, "F_GETFL"], "0x2 (flags O_RDWR)");
        process.Call("fcntl", [Socket, "F_SETFL", "O_RDWR|O_NONBLOCK"]);
    }

    private static IReadOnlyList<CallValue> Asked(IReadOnlyList<(CallDescriptor File, string Events)> files, int milliseconds)
    {
        var parts = new List<CallValue>();
        foreach (var (file, events) in files)
            parts.AddRange([parts.Count == 0 ? "[{fd=" : ", {fd=", file, $", events={events}}}"]);
        return [CallValue.Together([.. parts, "]"]), files.Count, milliseconds];
    }

    // The first of the files is the one that anything happens to.
    private void Poll(IReadOnlyList<(CallDescriptor File, string Events)> files, int milliseconds, string? found, TimeSpan wait) => process.Awaited(
        "poll", Asked(files, milliseconds), wait, found is null ? "0 (Timeout)" : CallValue.Together("1 ([{fd=", files[0].File, $", revents={found}}}])"));

    // Before and after each step of a transfer: a connection that is closed must not end the program.
    private void Shield()
    {
        const string Ignored = "{sa_handler=SIG_IGN, sa_mask=[], sa_flags=SA_RESTORER|SA_RESTART, sa_restorer=";
        process.Call("rt_sigaction", ["SIGPIPE", "NULL", CallValue.Together(Ignored, _restorer, "}"), 8]);
        process.Call("rt_sigaction", ["SIGPIPE", Handler("SIG_IGN", "SA_RESTORER|SA_RESTART"), "NULL", 8]);
        process.Call("rt_sigaction", ["SIGPIPE", Handler("SIG_IGN", "SA_RESTORER|SA_RESTART"), "NULL", 8]);
    }

    private CallValue Handler(string handler, string flags) => CallValue.Together($"{{sa_handler={handler}, sa_mask=[], sa_flags={flags}, sa_restorer=", _restorer, "}");

    private void AskWindow(int stream)
    {
        var size = process.IsTerminal ? "{ws_row=24, ws_col=80, ws_xpixel=0, ws_ypixel=0}" : null;
        process.Call("ioctl", [process.Descriptor(stream), "TIOCGWINSZ", size ?? process.OnStack(0x1c48)], null, size is null ? "ENOTTY (Not a tty)" : null);
    }

    // The options that a user keeps in a file; the last place to look for one is the home that the users' list says.
    private void ReadOwnFile()
    {
        _program.Missing("/root/.curlrc");
        _program.Missing("/root/.config/curlrc");
        process.Call("geteuid", []);
        var users = _program.Open("/etc/passwd", closesOnExec: true);
        var content = ImageFiles.Find(container, "/etc/passwd") ?? [];
        var first = content[..Math.Min(content.Length, 1024)];
        process.Call("read", [users, CallValue.Bytes(first), 1024], first.Length, bytes: first.Length);
        var line = Array.IndexOf(first, (byte)'\n') + 1;
        process.Call("lseek", [users, line - first.Length, "SEEK_CUR"], line);
        process.Close(users.Number);
        _program.Missing("/root/.curlrc");
    }

    private void ReadByLines(string path)
    {
        if (ImageFiles.Find(container, path) is not { } content)
        {
            _program.Missing(path);
            return;
        }

        var file = _program.Open(path);
        for (var at = 0; ; at += 1024)
        {
            var piece = content[Math.Min(at, content.Length)..Math.Min(at + 1024, content.Length)];
            process.Call("read", [file, CallValue.Bytes(piece), 1024], piece.Length, bytes: piece.Length);
            if (piece.Length == 0)
                break;
        }

        process.Close(file.Number);
    }

    // c-ares asks how long a file is, and reads it at once.
    private void ReadWhole(string path)
    {
        if (ImageFiles.Find(container, path) is not { } content)
        {
            _program.Missing(path);
            return;
        }

        var file = _program.Open(path, closesOnExec: true);
        process.Call("lseek", [file, 0, "SEEK_END"], content.Length);
        process.Call("lseek", [file, 0, "SEEK_CUR"], content.Length);
        process.Call("lseek", [file, 0, "SEEK_SET"]);
        var most = content.Length.ToString(CultureInfo.InvariantCulture);
        process.Call("readv", [file, CallValue.Together("[{iov_base=", CallValue.Bytes(content[..^1]), $", iov_len={content.Length - 1}}}, {{iov_base=", CallValue.Bytes(content[^1..]), ", iov_len=1024}]"), 2], most, bytes: content.Length);
        process.Close(file.Number);
    }

    // musl maps groups of larger pieces and gives them back when the last is free.
    private void Borrow(int groups)
    {
        for (var group = 0; group < groups; group++)
        {
            var pages = 2 + (group % 4);
            process.Unmap(process.Map(pages), pages);
        }
    }
}
