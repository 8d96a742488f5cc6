using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary><c>ping</c> of iputils. What becomes of each packet is the datapath's to say.</summary>
internal sealed class PingProgram : INodeProgram
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["/usr/bin/ping", "/bin/ping"];

    /// <inheritdoc/>
    public async Task<int> RunAsync(ProgramCall call)
    {
        var options = Options.Read(call, "c= i= W= w= s= t= I= q n 4 6 D O v A", exitCode: 2);
        if (options.Operands.Count == 0)
            return call.Complain("ping: usage error: Destination address required");
        var name = options.Operands[^1];
        if (Resolve(call, options, name) is not { } address)
            return call.Complain($"ping: {name}: Name or service not known", 2);
        var count = options.Value("c") is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : int.MaxValue;
        var interval = Seconds(options.Value("i"), 1);
        var size = options.Value("s") is { } bytes ? int.Parse(bytes, CultureInfo.InvariantCulture) : 56;
        var deadline = options.Value("w") is { } limit ? call.Now + Seconds(limit, 0) : DateTimeOffset.MaxValue;
        var source = options.Value("I") is { } from && IpPrefix.TryParseAddress(from, out var own) ? own : null;
        if (source is null && options.Value("I") is { } device && call.Network.FindLink(device) is null)
            return call.Complain($"ping: SO_BINDTODEVICE {device}: No such device", 2);
        var request = new EchoRequest(call.Network, address)
        {
            Source = source,
            Interface = source is null ? options.Value("I") : null,
            Id = 1 + call.Network.Kernel.Jitter(ushort.MaxValue - 1),
            Size = size,
            TimeToLive = options.Value("t") is { } hops ? int.Parse(hops, CultureInfo.InvariantCulture) : 64,
        };
        var v6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        var shown = IPAddress.TryParse(name, out _) || options.Has("n") ? address.ToString() : $"{name} ({address})";
        var run = new PingRun(call, options.Has("q"), shown, name, address);
        for (var sequence = 1; sequence <= count; sequence++)
        {
            EchoReply reply;
            try
            {
                reply = call.Node.Datapath.Echo(request with { Sequence = sequence });
            }
            catch (KernelException error)
            {
                return call.Complain($"ping: connect: {error.Errno.Text()}", 2);
            }

            if (sequence == 1)
                call.Line(v6 ? $"PING {name}({address}) {size} data bytes" : $"PING {name} ({address}) {size}({size + 28}) bytes of data.");
            run.Take(sequence, reply, size + 8);
            await call.Output.FlushAsync(call.CancellationToken).ConfigureAwait(false);
            if (call.Now >= deadline)
                break;
            if (sequence < count)
                await Task.Delay(interval, call.Node.Clock, call.CancellationToken).ConfigureAwait(false);
            else if (reply.Outcome == EchoOutcome.Lost)
                await Task.Delay(Seconds(options.Value("W"), 10), call.Node.Clock, call.CancellationToken).ConfigureAwait(false);
        }

        return run.Finish(interval);
    }

    private static TimeSpan Seconds(string? text, double otherwise) =>
        TimeSpan.FromSeconds(text is null ? otherwise : double.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture));

    private static IPAddress? Resolve(ProgramCall call, Options options, string name)
    {
        if (IpPrefix.TryParseAddress(name, out var address))
            return address;
        var wanted = options.Has("6") ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        var known = HostNames.Find(call.Node, name).Where(found => found.AddressFamily == wanted).ToArray();
        return known.FirstOrDefault(found => !IPAddress.IsLoopback(found)) ?? known.FirstOrDefault();
    }

    private sealed class PingRun(ProgramCall call, bool quiet, string shown, string name, IPAddress address)
    {
        private readonly List<double> _times = [];
        private int _sent;
        private int _errors;

        public void Take(int sequence, EchoReply reply, int size)
        {
            _sent++;
            if (reply.Outcome == EchoOutcome.Answered)
            {
                var milliseconds = Math.Round(reply.RoundTrip.TotalMilliseconds, 3);
                _times.Add(milliseconds);
                if (!quiet)
                    call.Line($"{size} bytes from {shown}: icmp_seq={sequence} ttl={reply.TimeToLive} time={Time(milliseconds)} ms");
                return;
            }

            var complaint = reply.Outcome switch
            {
                EchoOutcome.HostUnreachable => "Destination Host Unreachable",
                EchoOutcome.NetworkUnreachable => "Destination Net Unreachable",
                EchoOutcome.Prohibited => "Packet filtered",
                EchoOutcome.TimeExceeded => "Time to live exceeded",
                _ => null,
            };
            if (complaint is null)
                return;
            _errors++;
            if (!quiet)
                call.Line($"From {reply.From} icmp_seq={sequence} {complaint}");
        }

        public int Finish(TimeSpan interval)
        {
            var loss = (_sent - _times.Count) * 100 / Math.Max(1, _sent);
            var time = (long)(interval.TotalMilliseconds * (_sent - 1)) + (_sent > 1 ? call.Network.Kernel.Jitter(30) : 0);
            var errors = _errors > 0 ? $"+{_errors} errors, " : "";
            call.Print($"\n--- {(address.ToString() == name ? address.ToString() : name)} ping statistics ---\n");
            call.Line($"{_sent} packets transmitted, {_times.Count} received, {errors}{loss}% packet loss, time {time}ms");
            if (_times.Count == 0)
            {
                call.Print("\n");
                return 1;
            }

            var average = _times.Average();
            var deviation = Math.Sqrt(Math.Max(0, _times.Select(one => one * one).Average() - (average * average)));
            call.Line(string.Create(CultureInfo.InvariantCulture, $"rtt min/avg/max/mdev = {_times.Min():0.000}/{average:0.000}/{_times.Max():0.000}/{deviation:0.000} ms"));
            return 0;
        }

        private static string Time(double milliseconds) => milliseconds.ToString(milliseconds < 1 ? "0.000" : milliseconds < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);
    }
}
