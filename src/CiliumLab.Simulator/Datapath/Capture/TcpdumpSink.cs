using System.Buffers;
using CiliumLab.Simulator.Nodes.Programs;

namespace CiliumLab.Simulator.Datapath;

/// <summary>Where tcpdump's packets go: printed, written to standard output as pcap, or into a file.</summary>
internal sealed class TcpdumpSink
{
    private readonly ProgramCall _call;
    private readonly TcpdumpOptions _options;
    private readonly bool _isCooked;
    private readonly PacketText _text;
    private readonly ArrayBufferWriter<byte> _file = new();

    public TcpdumpSink(ProgramCall call, TcpdumpOptions options, bool isCooked)
    {
        (_call, _options, _isCooked) = (call, options, isCooked);
        _text = new PacketText(options.Text with
        {
            Names = address => HostNames.NameOf(call.Node, address),
            LinkName = index => call.Network.Links.FirstOrDefault(link => link.Index == index)?.Name ?? "?",
        });
    }

    private bool IsFile => _options.File is not null and not "-";

    /// <summary>Writes what a file begins with.</summary>
    public ValueTask BeginAsync()
    {
        if (_options.File is null)
            return ValueTask.CompletedTask;
        var header = PcapFile.Header(_isCooked, _options.SnapshotLength);
        if (!IsFile)
            return WriteAsync(header);
        _file.Write(header);
        End();
        return ValueTask.CompletedTask;
    }

    /// <summary>Takes a packet; whoever reads has it at once.</summary>
    public ValueTask TakeAsync(PacketFrame frame)
    {
        Take(frame);
        return _call.Output.FlushAsync(_call.CancellationToken);
    }

    /// <summary>Takes a packet.</summary>
    public void Take(PacketFrame frame)
    {
        if (_options.File is null)
            _call.Line(_text.Line(frame));
        else if (!IsFile)
            _call.Output.Write(PcapFile.Record(frame));
        else
            _file.Write(PcapFile.Record(frame));
        if (IsFile && _options.IsUnbuffered)
            End();
    }

    /// <summary>Brings a file up to date.</summary>
    public void End()
    {
        if (IsFile)
            _call.Files.Write(_options.File!, _file.WrittenSpan.ToArray());
    }

    private ValueTask WriteAsync(byte[] bytes)
    {
        _call.Output.Write(bytes);
        return _call.Output.FlushAsync(_call.CancellationToken);
    }
}
