using System.Globalization;
using System.Net;
using System.Text;

namespace CiliumLab.Simulator.Datapath;

/// <summary>Frames as tcpdump 4.99 prints them.</summary>
/// <param name="options">How.</param>
internal sealed class PacketText(PacketTextOptions options)
{
    private static readonly Dictionary<int, string> Services = new() { [22] = "ssh", [53] = "domain", [80] = "http", [443] = "https" };

    private readonly TcpText _tcp = new(options);
    private DateTimeOffset? _last;

    /// <summary>A frame's line or lines.</summary>
    public string Line(PacketFrame frame)
    {
        var text = new StringBuilder(TimeOf(frame.Time));
        if (frame.IsCooked)
            text.Append(CultureInfo.InvariantCulture, $"{options.LinkName(frame.InterfaceIndex),-5} {(frame.IsCookedOutgoing ? "Out" : frame.Octet(10) switch { 1 => "B", 2 => "M", 3 => "P", _ => "In" }),-3} ");
        if (options.HasLinkHeader)
            text.Append(LinkHeader(frame));
        Network(text, frame, isBare: options.HasLinkHeader);
        return text.ToString();
    }

    private string LinkHeader(PacketFrame frame)
    {
        var type = options.IsQuiet && !frame.IsCooked ? Name(frame.Type) : string.Create(CultureInfo.InvariantCulture, $"ethertype {Name(frame.Type)} (0x{frame.Type:x4})");
        return frame.IsCooked
            ? string.Create(CultureInfo.InvariantCulture, $"ifindex {frame.InterfaceIndex} {Mac(frame, 12)} {(options.IsQuiet ? "" : string.Create(CultureInfo.InvariantCulture, $"{type}, length {frame.Length}: "))}")
            : string.Create(CultureInfo.InvariantCulture, $"{Mac(frame, 6)} > {Mac(frame, 0)}, {type}, length {frame.Length}: ");

        static string Name(ushort type) => type switch { PacketFrame.Ipv4 => "IPv4", PacketFrame.Ipv6 => "IPv6", PacketFrame.Arp => "ARP", _ => "Unknown" };
    }

    private static string Mac(PacketFrame frame, int at) => string.Join(':', Enumerable.Range(at, 6).Select(index => frame.Octet(index).ToString("x2", CultureInfo.InvariantCulture)));

    private void Network(StringBuilder text, PacketFrame frame, bool isBare)
    {
        var (word, verbose) = frame.Type switch
        {
            PacketFrame.Ipv4 => ("IP ", options.Verbosity > 0 ? Ipv4Details(frame) : ""),
            PacketFrame.Ipv6 => ("IP6 ", options.Verbosity > 0 ? Ipv6Details(frame) : ""),
            PacketFrame.Arp => ("ARP, ", options.Verbosity > 0 ? "Ethernet (len 6), IPv4 (len 4), " : ""),
            _ => ("", ""),
        };
        if (!isBare)
            text.Append(word);
        text.Append(verbose);
        if (frame.Type == PacketFrame.Arp)
            text.Append(Arp(frame));
        else if (frame.Protocol is { } protocol)
            Transport(text, frame, protocol);
    }

    private static string Ipv4Details(PacketFrame frame)
    {
        var flags = frame.Word(frame.Network + 6);
        var protocol = frame.Protocol switch { 1 => "ICMP", 6 => "TCP", 17 => "UDP", _ => "unknown" };
        return string.Create(CultureInfo.InvariantCulture, $"(tos 0x{frame.Octet(frame.Network + 1):x}, ttl {frame.Octet(frame.Network + 8)}, id {frame.Word(frame.Network + 4)}, offset {(flags & 0x1fff) * 8}, flags [{((flags & 0x4000) != 0 ? "DF" : "none")}], proto {protocol} ({frame.Protocol}), length {frame.Word(frame.Network + 2)})\n    ");
    }

    private static string Ipv6Details(PacketFrame frame)
    {
        var next = frame.Protocol switch { 58 => "ICMPv6", 6 => "TCP", 17 => "UDP", _ => "unknown" };
        return string.Create(CultureInfo.InvariantCulture, $"(hlim {frame.Octet(frame.Network + 7)}, next-header {next} ({frame.Protocol}) payload length: {frame.Word(frame.Network + 4)}) ");
    }

    private string Arp(PacketFrame frame)
    {
        var at = frame.Network;
        var (sender, target) = (Host(frame.Source), Host(frame.Destination));
        var length = frame.Bytes.Length - at;
        return frame.Octet(at + 7) == 1 ? $"Request who-has {target} tell {sender}, length {length}" : $"Reply {sender} is-at {Mac(frame, at + 8)}{(options.IsNumeric ? "" : " (oui Unknown)")}, length {length}";
    }

    private void Transport(StringBuilder text, PacketFrame frame, int protocol)
    {
        var at = frame.Transport;
        var end = frame.Type == PacketFrame.Ipv6 ? frame.Network + 40 + frame.Word(frame.Network + 4) : frame.Network + frame.Word(frame.Network + 2);
        if (protocol is not (6 or 17))
        {
            text.Append($"{Host(frame.Source)} > {Host(frame.Destination)}: ").Append(protocol switch
            {
                1 => Echo(frame, at, end),
                58 => Echo6(frame, at, end),
                _ => string.Create(CultureInfo.InvariantCulture, $"ip-proto-{protocol} {end - at}"),
            });
            return;
        }

        if (frame.Ports is not { } ports)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Host(frame.Source)} > {Host(frame.Destination)}: [|{(protocol == 6 ? "tcp" : "udp")}]");
            return;
        }

        text.Append($"{Host(frame.Source)}.{Port(ports.Source)} > {Host(frame.Destination)}.{Port(ports.Destination)}: ");
        if (protocol == 6)
            text.Append(_tcp.Describe(frame, end));
        else
            Datagram(text, frame, ports, end);
    }

    private static string Echo(PacketFrame frame, int at, int end) => frame.Octet(at) switch
    {
        8 or 0 => string.Create(CultureInfo.InvariantCulture, $"ICMP echo {(frame.Octet(at) == 8 ? "request" : "reply")}, id {frame.Word(at + 4)}, seq {frame.Word(at + 6)}, length {end - at}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"ICMP type-#{frame.Octet(at)}, length {end - at}"),
    };

    private string Echo6(PacketFrame frame, int at, int end) => frame.Octet(at) is 128 or 129
        ? string.Create(CultureInfo.InvariantCulture, $"{(options.Verbosity > 0 ? "[icmp6 sum ok] " : "")}ICMP6, echo {(frame.Octet(at) == 128 ? "request" : "reply")}, id {frame.Word(at + 4)}, seq {frame.Word(at + 6)}, length {end - at}")
        : string.Create(CultureInfo.InvariantCulture, $"ICMP6, type-#{frame.Octet(at)}, length {end - at}");

    private void Datagram(StringBuilder text, PacketFrame frame, (int Source, int Destination) ports, int end)
    {
        const int HeaderBytes = 8;
        var payload = frame.Transport + HeaderBytes;
        var checksum = "";
        if (options.Verbosity > 1)
            checksum = frame.Word(frame.Transport + 6) == 0 ? "[no cksum] " : frame.ChecksumIsGood(17, end) ? "[udp sum ok] " : "[bad udp cksum] ";
        if (options.IsQuiet)
            text.Append(CultureInfo.InvariantCulture, $"UDP, length {end - payload}");
        else if (ports.Source == 53 || ports.Destination == 53)
            text.Append(checksum).Append(DnsText.Describe(frame.Bytes.Span[Math.Min(payload, frame.Bytes.Length)..], end - payload, options.Verbosity));
        else if (ports.Source is 8472 or 4789 or 6081 || ports.Destination is 8472 or 4789 or 6081)
            Tunnel(text.Append(checksum), frame, ports.Destination, payload);
        else
            text.Append(checksum).Append(CultureInfo.InvariantCulture, $"UDP, length {end - payload}");
    }

    // Port 8472 is OTV's to tcpdump, whatever it carries.
    private void Tunnel(StringBuilder text, PacketFrame frame, int port, int at)
    {
        var id = frame.Number(at + 4) >> 8;
        text.Append(port switch
        {
            8472 => string.Create(CultureInfo.InvariantCulture, $"OTV, flags [{((frame.Octet(at) & 8) != 0 ? "I" : ".")}] (0x{frame.Octet(at):x2}), overlay {frame.Number(at) & 0xffffff}, instance {id}\n"),
            4789 => string.Create(CultureInfo.InvariantCulture, $"VXLAN, flags [{((frame.Octet(at) & 8) != 0 ? "I" : ".")}] (0x{frame.Octet(at):x2}), vni {id}\n"),
            _ => string.Create(CultureInfo.InvariantCulture, $"Geneve, Flags [none], vni 0x{id:x}{(options.Verbosity > 0 ? ", proto TEB (0x6558)" : "")}: "),
        });
        const int HeaderBytes = 8;
        var inner = new PacketFrame(frame.Time, false, frame.Bytes[Math.Min(at + HeaderBytes, frame.Bytes.Length)..], frame.Length - at - HeaderBytes);

        // The header of Ethernet is shown within VXLAN when it is asked for.
        if (options.HasLinkHeader)
            text.Append(LinkHeader(inner));
        Network(text, inner, isBare: options.HasLinkHeader);
    }

    private string Host(IPAddress? address) => address is null ? "?" : options.IsNumeric ? address.ToString() : options.Names(address) ?? address.ToString();

    private string Port(int port) => options.IsNumeric ? port.ToString(CultureInfo.InvariantCulture) : Services.GetValueOrDefault(port, port.ToString(CultureInfo.InvariantCulture));

    private string TimeOf(DateTimeOffset time)
    {
        var since = time - (_last ?? time);
        if (options.Time == TimeForm.Difference || _last is null)
            _last = time;
        return options.Time switch
        {
            TimeForm.None => "",
            TimeForm.Epoch => string.Create(CultureInfo.InvariantCulture, $"{time.ToUnixTimeSeconds()}.{time.Ticks / TimeSpan.TicksPerMicrosecond % 1_000_000:d6} "),
            TimeForm.Difference or TimeForm.SinceFirst => (since < TimeSpan.Zero ? "-" : " ") + since.ToString(@"hh\:mm\:ss\.ffffff\ ", CultureInfo.InvariantCulture),
            TimeForm.DateAndTime => time.ToString("yyyy-MM-dd HH:mm:ss.ffffff ", CultureInfo.InvariantCulture),
            _ => time.ToString("HH:mm:ss.ffffff ", CultureInfo.InvariantCulture),
        };
    }
}

/// <summary>How a line begins.</summary>
internal enum TimeForm
{
    /// <summary>With the time of the day.</summary>
    TimeOfDay,

    /// <summary>Without a time (<c>-t</c>).</summary>
    None,

    /// <summary>With seconds since 1970 (<c>-tt</c>).</summary>
    Epoch,

    /// <summary>With the time since the last one (<c>-ttt</c>).</summary>
    Difference,

    /// <summary>With the date too (<c>-tttt</c>).</summary>
    DateAndTime,

    /// <summary>With the time since the first one (<c>-ttttt</c>).</summary>
    SinceFirst,
}

/// <summary>What tcpdump's options choose.</summary>
internal sealed record PacketTextOptions
{
    /// <summary><c>-e</c>.</summary>
    public bool HasLinkHeader { get; init; }

    /// <summary><c>-n</c>.</summary>
    public bool IsNumeric { get; init; }

    /// <summary><c>-q</c>.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>How often <c>-v</c> was given.</summary>
    public int Verbosity { get; init; }

    /// <summary><c>-S</c>.</summary>
    public bool AbsoluteSequence { get; init; }

    /// <summary>How a line begins.</summary>
    public TimeForm Time { get; init; }

    /// <summary>The name of an address; null when it has none.</summary>
    public Func<IPAddress, string?> Names { get; init; } = static _ => null;

    /// <summary>The name of an interface by its number.</summary>
    public Func<int, string> LinkName { get; init; } = static _ => "?";
}
