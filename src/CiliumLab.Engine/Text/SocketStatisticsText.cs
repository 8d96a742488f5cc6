using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>ss</c> for TCP and UDP (<c>-t</c>, <c>-u</c>), with and without header, processes (<c>-p</c>) and timers (<c>-o</c>). What
/// <c>-e</c>, <c>-i</c> and <c>-m</c> add is passed over. Addresses must be numbers (<c>-n</c>). See misc/ss.c of iproute2.
/// </summary>
public static partial class SocketStatisticsText
{
    private const string Kind = "SocketStatistics";

    private static readonly Dictionary<string, SocketState> States = new(StringComparer.Ordinal)
    {
        ["UNCONN"] = SocketState.Unconnected,
        ["LISTEN"] = SocketState.Listen,
        ["SYN-SENT"] = SocketState.SynSent,
        ["SYN-RECV"] = SocketState.SynReceived,
        ["ESTAB"] = SocketState.Established,
        ["FIN-WAIT-1"] = SocketState.FinWait1,
        ["FIN-WAIT-2"] = SocketState.FinWait2,
        ["CLOSE-WAIT"] = SocketState.CloseWait,
        ["CLOSING"] = SocketState.Closing,
        ["LAST-ACK"] = SocketState.LastAck,
        ["TIME-WAIT"] = SocketState.TimeWait,
        ["CLOSED"] = SocketState.Closed,
    };

    /// <summary>Reads the sockets in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that is not a socket, and of each cut-off list of processes.</param>
    public static IEnumerable<NodeConnection> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = new LineReader(text);
        var understood = false;
        while (lines.Next() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            // -e, -i and -m continue a socket on an indented line.
            if (understood && char.IsWhiteSpace(line[0]))
                continue;
            if (Header().IsMatch(line))
            {
                understood = true;
                continue;
            }

            if (Socket(line, node, out var complaint) is not { } connection)
            {
                if (!understood)
                    throw OutputErrors.NotThisOutput(Kind, lines.Number, line, complaint);
                warn(new TextWarning(lines.Number, line, complaint));
                continue;
            }

            understood = true;
            if (complaint.Length > 0)
                warn(new TextWarning(lines.Number, line, complaint));
            yield return connection;
        }
    }

    private static NodeConnection? Socket(string line, string? node, out string complaint)
    {
        complaint = "expected a state, two queues and two numeric addresses (ss -n)";
        if (Columns().Match(line) is not { Success: true } columns)
            return null;
        SocketState? state = null;
        if (columns.Groups["state"] is { Success: true } name)
        {
            if (!States.TryGetValue(name.Value, out var known))
                return null;
            state = known;
        }

        if (columns.Groups["netid"].Value is not ("" or "tcp" or "udp"))
        {
            complaint = $"sockets of the kind {columns.Groups["netid"].Value} are neither TCP nor UDP";
            return null;
        }

        if (Endpoint(columns.Groups["local"].Value) is not { } local || Endpoint(columns.Groups["remote"].Value) is not { } remote
            || !ulong.TryParse(columns.Groups["receive"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var receive)
            || !ulong.TryParse(columns.Groups["send"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var send))
        {
            return null;
        }

        complaint = "";
        var details = columns.Groups["details"].Value;
        var processes = new List<SocketProcess>();
        var users = details.IndexOf("users:((", StringComparison.Ordinal);
        if (users >= 0)
        {
            // A program's name may hold anything, blanks and parentheses too, so the whole list is one token.
            var list = Users().Match(details, users);
            if (!list.Success)
                complaint = "the list of processes is cut off";
            foreach (Match user in Process().Matches(list.Success ? list.Value : details[users..]))
            {
                if (int.TryParse(user.Groups[2].Value, out var pid) && int.TryParse(user.Groups[3].Value, out var fd))
                    processes.Add(new SocketProcess(user.Groups[1].Value, pid, fd));
            }

            details = list.Success ? details.Remove(users, list.Length) : details[..users];
        }

        return new NodeConnection
        {
            Node = node,
            Protocol = columns.Groups["netid"].Value == "udp" ? SocketProtocol.Udp : SocketProtocol.Tcp,
            State = state,
            ReceiveQueue = receive,
            SendQueue = send,
            LocalAddress = local.Address,
            LocalPort = local.Port,
            Interface = local.Interface,
            RemoteAddress = remote.Address,
            RemotePort = remote.Port,
            IPv4Mapped = local.Mapped || remote.Mapped,
            Processes = processes,
            Timer = TimerOf(details),
        };
    }

    // 10.0.2.15:22  [::ffff:10.0.2.15]:22  [fe80::1]%eth0:546  *:2222  0.0.0.0%lo:*  and, from old versions, :::22
    private static (IPAddress? Address, int? Port, string? Interface, bool Mapped)? Endpoint(string word)
    {
        var colon = word.LastIndexOf(':');
        if (colon <= 0)
            return null;
        int? port = null;
        if (word[(colon + 1)..] is not "*" and var digits)
        {
            if (!ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return null;
            port = number;
        }

        var host = word[..colon];
        string? link = null;
        if (host.IndexOf('%', StringComparison.Ordinal) is > 0 and var percent)
            (host, link) = (host[..percent], host[(percent + 1)..].TrimEnd(']'));
        host = host.Trim('[', ']');
        if (host == "*")
            return (null, port, link, false);
        if (!IPAddress.TryParse(host, out var address))
            return null;
        return address.IsIPv4MappedToIPv6 ? (address.MapToIPv4(), port, link, true) : (address, port, link, false);
    }

    private static SocketTimer? TimerOf(string details)
    {
        if (Timer().Match(details) is not { Success: true } timer || !int.TryParse(timer.Groups["count"].Value, out var count))
            return null;
        // 119min  1min58sec  58sec  1.520ms (which is 1520 ms)  204ms
        long Part(string group) => long.TryParse(timer.Groups[group].Value, out var number) ? Math.Min(number, int.MaxValue) : 0;
        var left = TimeSpan.FromMilliseconds(Part("min") * 60_000.0 + Part("sec") * 1000.0 + Part("ms"));
        return new SocketTimer(timer.Groups["kind"].Value, left, count);
    }

    [GeneratedRegex(@"^(?:Netid\s+)?(?:State\s+)?Recv-Q\s+Send-Q\s")]
    private static partial Regex Header();

    [GeneratedRegex(@"^(?:(?<netid>[a-z]\w*)\s+)?(?:(?<state>[A-Z][A-Z0-9-]+)\s+)?(?<receive>\d+)\s+(?<send>\d+)\s+(?<local>\S+)\s+(?<remote>\S+)(?:\s+(?<details>.*))?$")]
    private static partial Regex Columns();

    [GeneratedRegex(@"users:\(\((?:""[^""]*"",pid=\d+,[^()]*\),\()*""[^""]*"",pid=\d+,[^()]*\)\)")]
    private static partial Regex Users();

    [GeneratedRegex(@"\(""([^""]*)"",pid=(\d+),(?:[^()]*,)?fd=(\d+)\)")]
    private static partial Regex Process();

    [GeneratedRegex(@"timer:\((?<kind>\w+),(?:(?<min>\d+)min)?(?:(?<sec>\d+)(?:sec|\.))?(?:(?<ms>\d+)ms)?,(?<count>\d+)\)")]
    private static partial Regex Timer();
}
