using System.Globalization;
using System.Threading.Channels;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Network;
using CiliumLab.Simulator.Nodes.Programs;

namespace CiliumLab.Simulator.Datapath;

/// <summary><c>tcpdump</c> 4.99: shows the packets that the datapath carries past an interface, writes them as pcap, or reads such a file.</summary>
/// <param name="taps">Where packets are seen.</param>
internal sealed class TcpdumpProgram(PacketTaps taps) : INodeProgram
{
    private const string Version = "tcpdump version 4.99.4\nlibpcap version 1.10.4 (with TPACKET_V3)\n";
    private const string Usage = Version + "Usage: tcpdump [-DehlnpqStUv] [-c count] [-i interface] [-Q in|out|inout]\n\t\t[-r file] [-s snaplen] [-w file] [expression]";

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["/usr/bin/tcpdump"];

    /// <inheritdoc/>
    public async Task<int> RunAsync(ProgramCall call)
    {
        if (TcpdumpOptions.Read(call.Arguments, out var wrong) is not { } options)
            return call.Complain($"{wrong}\n{Usage}");
        if (options.IsVersion || options.IsHelp || options.ListsInterfaces)
        {
            call.Print(options.ListsInterfaces ? Interfaces(call.Network) : options.IsVersion ? Version : Usage + "\n");
            await call.Output.FlushAsync(call.CancellationToken).ConfigureAwait(false);
            return 0;
        }

        try
        {
            return options.Source is { } source ? await ReadAsync(call, options, source).ConfigureAwait(false) : await ListenAsync(call, options).ConfigureAwait(false);
        }
        catch (PacketFilterException error)
        {
            return call.Complain($"tcpdump: {error.Message}");
        }
        catch (KernelException error)
        {
            return call.Complain($"tcpdump: {options.Source ?? options.File}: {error.Errno.Text()}");
        }
    }

    private async Task<int> ListenAsync(ProgramCall call, TcpdumpOptions options)
    {
        var isAny = options.Interface == "any";
        var link = isAny ? null : options.Interface is { } name ? Find(call.Network, name) : call.Network.Links.FirstOrDefault(static one => one.IsUp && one.Kind != LinkKind.Loopback);
        if (!isAny && link is null)
            return call.Complain(options.Interface is null ? "tcpdump: no suitable device found" : $"tcpdump: {options.Interface}: No such device exists\n(No such device exists)");
        if (!call.User.IsRoot)
            return call.Complain($"tcpdump: {options.Interface ?? link?.Name}: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)");
        if (link is { IsUp: false })
            return call.Complain($"tcpdump: {link.Name}: That device is not up");
        var filter = PacketFilter.Read(options.Filter, word => HostNames.Find(call.Node, word) is [var address, ..] ? address : null);
        if (isAny)
            call.Error.Append("tcpdump: data link type LINUX_SLL2\n");
        var isPlain = options.File is null && options.Text.Verbosity == 0;
        if (isPlain)
            call.Error.Append("tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n");
        call.Error.Append(CultureInfo.InvariantCulture, $"{(isPlain ? "" : "tcpdump: ")}listening on {link?.Name ?? "any"}, link-type {LinkType(isAny)}, snapshot length {options.SnapshotLength} bytes\n");

        var packets = Channel.CreateUnbounded<PacketFrame>();
        using var tap = taps.Listen(call.Network, link, packet =>
        {
            if (options.Takes(packet) && PacketFrame.Of(packet, isAny, options.SnapshotLength) is var frame && filter(frame))
                packets.Writer.TryWrite(frame);
        });
        return await CaptureAsync(call, options, isAny, packets.Reader).ConfigureAwait(false);
    }

    private static async Task<int> CaptureAsync(ProgramCall call, TcpdumpOptions options, bool isCooked, ChannelReader<PacketFrame> packets)
    {
        var captured = 0;
        var sink = new TcpdumpSink(call, options, isCooked);
        try
        {
            await sink.BeginAsync().ConfigureAwait(false);
            await call.FlushErrorAsync(call.CancellationToken).ConfigureAwait(false);
            while (captured < options.Count)
            {
                var frame = await packets.ReadAsync(call.CancellationToken).ConfigureAwait(false);
                captured++;
                await sink.TakeAsync(frame).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // A signal, Ctrl+C, or whoever started it went away: it says what it has seen, to the last packet.
            while (captured < options.Count && packets.TryRead(out var frame))
            {
                captured++;
                sink.Take(frame);
            }

            if (options.File is null)
                call.Print("\n");
        }

        var received = captured + packets.Count;
        sink.End();
        await LastWordsAsync(call).ConfigureAwait(false);
        call.Error.Append(CultureInfo.InvariantCulture, $"{captured} packet{(captured == 1 ? "" : "s")} captured\n{received} packet{(received == 1 ? "" : "s")} received by filter\n0 packets dropped by kernel\n");
        return 0;
    }

    // Nobody may read any more; it does not wait for him long.
    private static async Task LastWordsAsync(ProgramCall call)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await call.Output.FlushAsync(patience.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            return;
        }
    }

    private static async Task<int> ReadAsync(ProgramCall call, TcpdumpOptions options, string source)
    {
        var content = source == "-" ? call.Input : call.Files.Read(source);
        if (PcapFile.Read(content) is not { } file)
            return call.Complain(content.Length == 0 ? $"tcpdump: truncated dump file; tried to read 4 file header bytes, only got {content.Length}" : "tcpdump: unknown file format");
        var filter = PacketFilter.Read(options.Filter, word => HostNames.Find(call.Node, word) is [var address, ..] ? address : null);
        call.Error.Append(CultureInfo.InvariantCulture, $"reading from file {source}, link-type {LinkType(file.IsCooked)}, snapshot length {file.SnapshotLength}\n{(file.IsCooked ? "Warning: interface names might be incorrect\n" : "")}");
        var sink = new TcpdumpSink(call, options, file.IsCooked);
        await sink.BeginAsync().ConfigureAwait(false);
        foreach (var frame in file.Frames.Where(filter).Take(options.Count))
            await sink.TakeAsync(frame).ConfigureAwait(false);
        sink.End();
        await call.Output.FlushAsync(call.CancellationToken).ConfigureAwait(false);
        return 0;
    }

    private static Link? Find(NetworkNamespace network, string name)
    {
        var devices = Devices(network);
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= devices.Count ? devices[number - 1] : network.FindLink(name);
    }

    // Those that are up go before those that are not, and the loopback comes behind them; "any" has no link.
    private static List<Link?> Devices(NetworkNamespace network)
    {
        var links = network.Links.OrderBy(static link => link.Index).ToList();
        return
        [
            .. links.Where(static link => link is { IsUp: true, Kind: not LinkKind.Loopback }), null,
            .. links.Where(static link => link.Kind == LinkKind.Loopback), .. links.Where(static link => link is { IsUp: false, Kind: not LinkKind.Loopback }),
        ];
    }

    private static string Interfaces(NetworkNamespace network)
    {
        var number = 0;
        return string.Concat(Devices(network).Select(link => string.Create(CultureInfo.InvariantCulture, $"{++number}.{(link is null ? "any (Pseudo-device that captures on all interfaces) [Up, Running]" : $"{link.Name} {State(link)}")}\n")));

        static string State(Link link) => link switch
        {
            { IsUp: false } => "[none]",
            { Kind: LinkKind.Loopback } => "[Up, Running, Loopback]",
            { HasCarrier: true } => "[Up, Running, Connected]",
            _ => "[Up, Disconnected]",
        };
    }

    private static string LinkType(bool isCooked) => isCooked ? "LINUX_SLL2 (Linux cooked v2)" : "EN10MB (Ethernet)";
}
