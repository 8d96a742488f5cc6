using System.Buffers.Binary;
using System.Diagnostics;
using CiliumLab.Engine.Tracing.Packets;
using CiliumLab.Model;

namespace CiliumLab.Benchmarks;

/// <summary>A capture of 1,000,000 small TCP packets: reading it into records against <c>tcpdump -nr</c>, which prints it to nowhere.</summary>
internal sealed class PacketBenchmark : IBenchmark
{
    private const int Packets = 1_000_000;
    private const int FrameLength = 66;
    private const int Rounds = 5;

    public string Name => "packets";

    public async Task<IReadOnlyList<Measurement>> RunAsync()
    {
        var file = Path.GetTempFileName();
        try
        {
            await using (var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
                Write(stream);
            return await MeasureAsync(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<List<Measurement>> MeasureAsync(string file)
    {
        var growth = PeakGrowth(file);
        var rows = new List<Measurement>();
        if (Tool.Exists("tcpdump"))
        {
            var (ours, theirs) = (new Times(), new Times());
            for (var round = 0; round < Rounds; round++)
            {
                ours.Add(Time(file));
                theirs.Add(await PrintAsync(file));
            }

            rows.Add(new Measurement("records of 1,000,000 packets / tcpdump -nr", ours.RatioTo(theirs), "x") { Ours = $"{ours}", Other = $"{theirs}", AtMost = 1 });
        }
        else
        {
            rows.Add(Measurement.NotMade("records of 1,000,000 packets / tcpdump -nr", "there is no tcpdump (Debian package tcpdump)"));
        }

        rows.Add(new Measurement("peak growth, managed heap or working set", growth, "MB") { AtMost = 64 });
        return rows;
    }

    private static double Time(string file)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var clock = Stopwatch.StartNew();
        using var stream = Open(file);
        var packets = 0;
        foreach (var packet in Read(stream))
            packets += packet is { Tcp: not null, SourcePort: not null, Time: not null } ? 1 : 0;
        return packets == Packets ? clock.Elapsed.TotalMilliseconds : throw new InvalidOperationException($"{packets} packets were read");
    }

    private static async Task<double> PrintAsync(string file)
    {
        var clock = Stopwatch.StartNew();
        await Tool.RunAsync("sh", "-c", "tcpdump -nr \"$1\" > /dev/null 2>&1", "sh", file);
        return clock.Elapsed.TotalMilliseconds;
    }

    private static double PeakGrowth(string file)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        process.Refresh();
        var (heap, resident) = (GC.GetTotalMemory(true), process.WorkingSet64);
        long growth = 0;
        using var stream = Open(file);
        foreach (var packet in Read(stream))
        {
            if (packet.Number % 10_000 != 0)
                continue;
            growth = Math.Max(growth, GC.GetTotalMemory(false) - heap);
            process.Refresh();
            growth = Math.Max(growth, process.WorkingSet64 - resident);
        }

        return growth / 1e6;
    }

    private static FileStream Open(string file) => new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

    private static IEnumerable<CapturedPacket> Read(Stream stream) => new PcapReader(stream, new CaptureOrigin("k8s-ctr")).Read();

    // Acknowledgments with timestamps between a hundred pods and ten servers, which is what a busy link mostly carries.
    private static void Write(Stream stream)
    {
        var header = new byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0xa1b2c3d4);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(6), 4);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), 262144);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), 1);
        stream.Write(header);
        var record = new byte[16 + FrameLength];
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(8), FrameLength);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(12), FrameLength);
        byte[] fixedPart = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 52, 0, 0, 0x40, 0, 64, 6, 0, 0];
        fixedPart.CopyTo(record, 16);
        var frame = record.AsSpan(16);
        for (var number = 0; number < Packets; number++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(record, 1_700_000_000 + (number / 1000));
            BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), number % 1000 * 1000);
            BinaryPrimitives.WriteUInt32BigEndian(frame[26..], 0x0af40000u | (uint)(number % 100));
            BinaryPrimitives.WriteUInt32BigEndian(frame[30..], 0x0af40100u | (uint)(number % 10));
            BinaryPrimitives.WriteUInt16BigEndian(frame[34..], (ushort)(32768 + (number % 20000)));
            BinaryPrimitives.WriteUInt16BigEndian(frame[36..], 80);
            BinaryPrimitives.WriteInt32BigEndian(frame[38..], number);
            BinaryPrimitives.WriteInt32BigEndian(frame[42..], number);
            byte[] rest = [0x80, 0x10, 1, 0xf6, 0, 0, 0, 0, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2];
            rest.CopyTo(frame[46..]);
            stream.Write(record);
        }
    }
}
