using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary><c>ss</c> for TCP and UDP.</summary>
internal sealed class SsProgram() : ImmediateProgram("/usr/bin/ss")
{
    // Heading, whether it stands right, and what separates it from the column before (misc/ss.c).
    private static readonly (string Heading, bool Right, string Before)[] Columns =
    [
        ("Netid", false, ""), ("State", false, " "), ("Recv-Q", false, " "), ("Send-Q", false, " "), ("Local Address:", true, " "), ("Port", false, ""),
        ("Peer Address:", true, " "), ("Port", false, ""), ("Process", false, ""),
    ];

    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "t|tcp u|udp l|listening a|all n|numeric p|processes H|no-header 4|ipv4 6|ipv6 e|extended o|options i|info m|memory r|resolve x|unix w|raw O|oneline", exitCode: 255);
        var both = !options.Has("t") && !options.Has("u");
        var filter = new Filter(options.Operands);
        var sockets = call.Node.Sockets.All
            .Where(socket => both || options.Has(socket.Protocol[..1]))
            .Where(socket => options.Has("a") || (options.Has("l") ? IsListening(socket) : !IsListening(socket)))
            .Where(socket => !options.Has("4") || (socket.Local.AddressFamily == AddressFamily.InterNetwork && !socket.IsDual))
            .Where(socket => !options.Has("6") || socket.Local.AddressFamily == AddressFamily.InterNetworkV6)
            .Where(filter.Fits)
            .ToArray();
        var shown = Enumerable.Range(0, Columns.Length).Where(column => column switch
        {
            0 => both || (options.Has("t") && options.Has("u")),
            _ => true,
        }).ToArray();
        var rows = sockets.Select(socket => Row(call, options, socket)).ToList();
        if (!options.Has("H"))
            rows.Insert(0, [.. Columns.Select(column => column.Heading)]);
        if (rows.Count == 0)
            return 0;
        Print(call, shown, rows);
        return 0;
    }

    private static bool IsListening(NodeSocket socket) => socket.State is "LISTEN" or "UNCONN";

    private static void Print(ProgramCall call, int[] shown, List<string[]> rows)
    {
        int[] widths = [.. shown.Select((column, index) => rows.Max(row => row[column].Length) + (index == 0 ? 0 : Columns[column].Before.Length))];
        foreach (var row in rows)
        {
            call.Line(string.Concat(shown.Select((column, index) =>
            {
                var before = index == 0 ? "" : Columns[column].Before;
                var room = widths[index] - before.Length;
                return before + (Columns[column].Right ? row[column].PadLeft(room) : row[column].PadRight(room));
            })));
        }
    }

    private static string[] Row(ProgramCall call, Options options, NodeSocket socket)
    {
        var numeric = options.Has("n");
        var owners = options.Has("p") && call.User.IsRoot && socket.Owners.Count > 0
            ? $" users:({string.Join(',', socket.Owners.Select(owner => $"(\"{owner.Program}\",pid={owner.ProcessId},fd={owner.Descriptor})"))})"
            : "";
        return
        [
            socket.Protocol, socket.State, socket.ReceiveQueue.ToString(CultureInfo.InvariantCulture), socket.SendQueue.ToString(CultureInfo.InvariantCulture),
            Address(socket.Local, socket) + (socket.Interface is { } device ? "%" + device : "") + ":", Port(socket.Local.Port, numeric),
            (socket.Peer is { } peer ? Address(peer, socket) : socket.IsDual ? "*" : socket.Local.AddressFamily == AddressFamily.InterNetworkV6 ? "[::]" : "0.0.0.0") + ":",
            socket.Peer is { } end ? Port(end.Port, numeric) : "*", owners,
        ];
    }

    private static string Address(IPEndPoint point, NodeSocket socket)
    {
        if (socket.IsDual && point.Address.Equals(IPAddress.IPv6Any))
            return "*";
        return point.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{point.Address}]" : point.Address.ToString();
    }

    private static string Port(int port, bool numeric) =>
        port == 0 ? "*" : numeric ? port.ToString(CultureInfo.InvariantCulture) : Iptables.ValueForms.ServiceName(port.ToString(CultureInfo.InvariantCulture)) ?? port.ToString(CultureInfo.InvariantCulture);

    /// <summary>The end of the command line: <c>state established</c>, <c>sport = :22</c>.</summary>
    private sealed class Filter
    {
        private readonly List<Func<NodeSocket, bool>> _tests = [];

        public Filter(IReadOnlyList<string> words)
        {
            var rest = new Queue<string>(words.SelectMany(word => word.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(word => word is not ("(" or ")" or "and")));
            while (rest.TryDequeue(out var word))
            {
                switch (word)
                {
                    case "state" when rest.TryDequeue(out var state):
                        _tests.Add(socket => state switch
                        {
                            "established" => socket.State == "ESTAB",
                            "listening" => socket.State == "LISTEN",
                            "connected" => socket.State != "LISTEN",
                            "all" => true,
                            _ => socket.State.Equals(state, StringComparison.OrdinalIgnoreCase),
                        });
                        break;
                    case "sport" or "dport" when rest.TryDequeue(out _) && rest.TryDequeue(out var port)
                        && int.TryParse(port.TrimStart(':'), out var number):
                        _tests.Add(socket => (word == "sport" ? socket.Local.Port : socket.Peer?.Port) == number);
                        break;
                    default:
                        throw new ProgramException(255, $"Error: an inet prefix is expected rather than \"{word}\".\nCannot parse dst/src address.\n");
                }
            }
        }

        public bool Fits(NodeSocket socket) => _tests.All(test => test(socket));
    }
}
