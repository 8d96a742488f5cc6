using System.Globalization;
using System.Net;
using CiliumLab.Simulator.Datapath;

namespace CiliumLab.Simulator.Life;

/// <summary>The system calls of curl 8.14 with c-ares and musl, as netshoot has it.</summary>
/// <param name="log">Where they are noted.</param>
internal sealed class CurlSystemCalls(SystemCallLog log)
{
    // The event descriptor of curl's multi handle is 3.
    private const int Socket = 4;
    private const int SortingSocket = 5;
    private const string InProgress = "-1 EINPROGRESS (Operation in progress)";
    private const string Again = "-1 EAGAIN (Resource temporarily unavailable)";

    private bool _hasResolver;

    /// <summary>The program begins: the loader, the libraries, TLS' start, and the look whether there is IPv6.</summary>
    public void Started()
    {
        foreach (var (name, calls, errors) in (ReadOnlySpan<(string, int, int)>)
        [
            ("execve", 1, 0), ("arch_prctl", 1, 0), ("set_tid_address", 1, 0), ("brk", 4, 0), ("mmap", 85, 0), ("munmap", 33, 0), ("open", 47, 30), ("read", 27, 0), ("fstat", 12, 0), ("lseek", 10, 0),
            ("mprotect", 14, 0), ("fcntl", 24, 0), ("rt_sigaction", 28, 0), ("rt_sigprocmask", 14, 0), ("readv", 3, 0), ("getrandom", 1, 0), ("geteuid", 2, 0), ("getuid", 1, 0), ("getgid", 1, 0),
            ("getegid", 1, 0), ("stat", 1, 0), ("eventfd2", 1, 0), ("close", 18, 0), ("ioctl", 3, 3),
        ])
        {
            log.Count(name, calls, errors);
        }

        log.Add("socket", "AF_INET6, SOCK_DGRAM, IPPROTO_IP", "4");
        log.Count("close", 1);
    }

    /// <summary>A name was asked for, and answered or not.</summary>
    public void Asked(IPEndPoint server, ConnectReply reply, string name, string? answer)
    {
        if (!_hasResolver)
        {
            log.Add("socket", "AF_INET, SOCK_DGRAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_UDP", "4");
            log.Add("connect", $"{Socket}, {Address(server)}, 16");
            if (reply.Local is { } local)
                log.Add("getsockname", $"{Socket}, {Address(local)}, [128 => 16]");
        }

        _hasResolver = true;
        foreach (var type in (ReadOnlySpan<string>)["A", "AAAA"])
        {
            log.Count("poll", 1);
            var question = DnsText.Question($"{type} {name}", Id(type, name));
            log.Add("sendto", Sent(question), question.Length.ToString(CultureInfo.InvariantCulture));
        }

        if (answer is null)
            return;
        log.Count("poll", 1);
        foreach (var type in (ReadOnlySpan<string>)["A", "AAAA"])
        {
            // The lab's services have no IPv6 addresses: the name is there, and the answer empty.
            var message = DnsText.Answer($"{type} {name}", type == "A" || answer == "NXDOMAIN" ? answer : "", Id(type, name));
            log.Add("recvfrom", $"{Socket}, {Quoted(message)}, 65535, 0, {Address(server)}, [128 => 16]", message.Length.ToString(CultureInfo.InvariantCulture));
        }

        log.Add("recvfrom", $"{Socket}, 0x7ffc2f0a6b40, 65535, 0, 0x7ffc2f0b6bc0, [128]", Again);
    }

    /// <summary>The addresses are brought into an order: which of them would be used from where.</summary>
    public void Sorted(IPEndPoint destination, IPEndPoint? source)
    {
        if (!_hasResolver)
            return;
        log.Add("socket", "AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_UDP", "5");
        log.Add("connect", $"{SortingSocket}, {Address(destination)}, 16");
        if (source is not null)
            log.Add("getsockname", $"{SortingSocket}, {Address(new IPEndPoint(source.Address, 32768 + (source.Port * 31 % 28232)))}, [16]");
        log.Count("close", 2);
    }

    /// <summary>The connection was opened, or not.</summary>
    public void Connected(IPEndPoint destination, ConnectReply reply)
    {
        log.Add("socket", "AF_INET, SOCK_STREAM, IPPROTO_TCP", "4");
        log.Add("setsockopt", $"{Socket}, SOL_TCP, TCP_NODELAY, [1], 4");
        foreach (var option in (ReadOnlySpan<string>)["SOL_SOCKET, SO_KEEPALIVE, [1]", "SOL_TCP, TCP_KEEPIDLE, [60]", "SOL_TCP, TCP_KEEPINTVL, [60]", "SOL_TCP, TCP_KEEPCNT, [9]"])
            log.Add("setsockopt", $"{Socket}, {option}, 4");
        log.Add("connect", $"{Socket}, {Address(destination)}, 16", reply.Outcome switch
        {
            // The load balancer at the socket, or the routing table, refuses at once; whatever is on the way answers later.
            ConnectOutcome.HostUnreachable when reply.Local is null => "-1 EHOSTUNREACH (Host is unreachable)",
            ConnectOutcome.NetworkUnreachable when reply.Local is null => "-1 ENETUNREACH (Network unreachable)",
            _ => InProgress,
        });
        if (reply.Local is not { } local)
            return;
        log.Add("getsockname", $"{Socket}, {Address(local)}, [128 => 16]");
        log.Count("poll", 2);
        if (reply.Outcome == ConnectOutcome.TimedOut)
            return;
        log.Add("getsockopt", $"{Socket}, SOL_SOCKET, SO_ERROR, [{reply.Outcome switch { ConnectOutcome.Connected => "0", ConnectOutcome.Refused => "ECONNREFUSED", ConnectOutcome.HostUnreachable => "EHOSTUNREACH", _ => "ENETUNREACH" }}], [4]");
        if (reply.Outcome != ConnectOutcome.Connected)
            return;
        log.Add("getsockname", $"{Socket}, {Address(local)}, [128 => 16]");
        log.Add("getsockname", $"{Socket}, {Address(local)}, [128 => 16]");
    }

    /// <summary>A request was sent, and answered.</summary>
    public void Exchanged(string request, string answer)
    {
        log.Add("sendto", Sent(System.Text.Encoding.UTF8.GetBytes(request)), request.Length.ToString(CultureInfo.InvariantCulture));
        log.Count("poll", 4);
        log.Add("recvfrom", $"{Socket}, 0x7f3c1a0b5020, 102400, 0, NULL, NULL", Again);
        log.Add("recvfrom", $"{Socket}, {Quoted(System.Text.Encoding.UTF8.GetBytes(answer))}, 102400, 0, NULL, NULL", System.Text.Encoding.UTF8.GetByteCount(answer).ToString(CultureInfo.InvariantCulture));
        log.Add("recvfrom", $"{Socket}, 0x7f3c1a0b5020, 102400, 0, NULL, NULL", Again);
        log.Count("writev", 1);
        log.Count("close", 1);
    }

    private static uint Id(string type, string name) => (uint)name.Aggregate(type.Length * 7919, static (sum, letter) => (sum * 31) + letter) & 0xffff;

    private static string Address(IPEndPoint address) => $"{{sa_family=AF_INET, sin_port=htons({address.Port}), sin_addr=inet_addr(\"{address.Address}\")}}";

    private static string Sent(byte[] bytes) => $"{Socket}, {Quoted(bytes)}, {bytes.Length}, MSG_NOSIGNAL, NULL, 0";

    // strace shows the first 32 bytes; octal numbers are as short as what follows allows.
    private static string Quoted(byte[] bytes)
    {
        var text = new System.Text.StringBuilder("\"");
        for (var at = 0; at < Math.Min(bytes.Length, 32); at++)
        {
            var next = at + 1 < bytes.Length ? (char)bytes[at + 1] : ' ';
            text.Append((char)bytes[at] switch
            {
                '\r' => "\\r",
                '\n' => "\\n",
                '\t' => "\\t",
                '"' => "\\\"",
                '\\' => "\\\\",
                >= ' ' and <= '~' and var letter => letter.ToString(),
                var other => "\\" + Convert.ToString(other, 8).PadLeft(next is >= '0' and <= '7' ? 3 : 1, '0'),
            });
        }

        return text.Append(bytes.Length > 32 ? "\"..." : "\"").ToString();
    }
}
