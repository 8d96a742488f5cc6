using System.Diagnostics;
using System.Globalization;
using System.Text;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Benchmarks;

/// <summary>
/// A conntrack dump of 500,000 entries, text and JSON as <c>cilium-dbg bpf ct list global</c> prints them: reading it into records against
/// <c>jq -c '.[]'</c> on the same JSON, which only splits it.
/// </summary>
internal sealed class ConntrackBenchmark : IBenchmark
{
    private const int Entries = 500_000;
    private const int Rounds = 3;

    public string Name => "conntrack";

    public async Task<IReadOnlyList<Measurement>> RunAsync()
    {
        var (json, text) = (Path.GetTempFileName(), Path.GetTempFileName());
        try
        {
            await using (var writer = Writer(json))
                WriteJson(writer);
            await using (var writer = Writer(text))
                WriteText(writer);
            return await MeasureAsync(json, text);
        }
        finally
        {
            File.Delete(json);
            File.Delete(text);
        }
    }

    private static async Task<List<Measurement>> MeasureAsync(string json, string text)
    {
        var growth = Math.Max(PeakGrowth(json), PeakGrowth(text));
        var rows = new List<Measurement>();
        if (Tool.Exists("jq"))
        {
            var (split, fromJson, fromText) = (new Times(), new Times(), new Times());
            for (var round = 0; round < Rounds; round++)
            {
                fromJson.Add(Time(() => Parse(json)));
                fromText.Add(Time(() => Parse(text)));
                split.Add(await SplitAsync(json));
            }

            rows.Add(new Measurement("jq -c '.[]' / records from the JSON", split.RatioTo(fromJson), "x") { Ours = $"{fromJson}", Other = $"{split}", AtLeast = 3 });
            rows.Add(new Measurement("jq -c '.[]' / records from the text", split.RatioTo(fromText), "x") { Ours = $"{fromText}", Other = $"{split}", AtLeast = 3 });
        }
        else
        {
            rows.Add(Measurement.NotMade("jq -c '.[]' / records", "there is no jq (Debian package jq)"));
        }

        rows.Add(new Measurement("peak growth of the managed heap", growth, "MB") { AtMost = 64 });
        return rows;
    }

    private static double Time(Func<int> action)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var clock = Stopwatch.StartNew();
        if (action() != Entries)
            throw new InvalidOperationException("entries are missing");
        return clock.Elapsed.TotalMilliseconds;
    }

    private static async Task<double> SplitAsync(string json)
    {
        var clock = Stopwatch.StartNew();
        await Tool.RunAsync("sh", "-c", "jq -c '.[]' \"$1\" > /dev/null", "sh", json);
        return clock.Elapsed.TotalMilliseconds;
    }

    private static StreamReader Open(string file) => new(file, new UTF8Encoding(false), false, 64 * 1024);

    private static IEnumerable<ConntrackEntry> Records(StreamReader reader) =>
        ConntrackText.Parse(reader, "k8s-ctr", warning => throw new InvalidOperationException(warning.ToString()));

    private static int Parse(string file)
    {
        using var reader = Open(file);
        return Records(reader).Count();
    }

    private static double PeakGrowth(string file)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var heap = GC.GetTotalMemory(true);
        long growth = 0;
        var entries = 0;
        using var reader = Open(file);
        foreach (var entry in Records(reader))
        {
            if (++entries % 1000 == 0 && entry.ExpiresAt > 0)
                growth = Math.Max(growth, GC.GetTotalMemory(false) - heap);
        }

        return growth / 1e6;
    }

    private static StreamWriter Writer(string file) => new(file, append: false, new UTF8Encoding(false)) { NewLine = "\n" };

    private static ushort Port(int entry) => (ushort)(1024 + (entry % 60000));

    private static void WriteText(StreamWriter writer)
    {
        for (var entry = 0; entry < Entries; entry++)
        {
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"TCP OUT 10.{entry / 65536}.{entry / 256 % 256}.{entry % 256}:{Port(entry)} -> 10.244.2.60:80 expires={1633031 + entry} Packets=0 Bytes=0 RxFlagsSeen=0x1b LastRxReport=1633021 TxFlagsSeen=0x1b LastTxReport=1633021 Flags=0x0013 [ RxClosing TxClosing SeenNonSyn ] RevNAT=0 SourceSecurityID=15175 BackendID=0 "));
        }
    }

    private static void WriteJson(StreamWriter writer)
    {
        writer.WriteLine("[");
        for (var entry = 0; entry < Entries; entry++)
        {
            var port = (ushort)((Port(entry) << 8) | (Port(entry) >> 8));
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $$"""
                  {
                    "Key": {
                      "DestAddr": [
                        10,
                        {{entry / 65536}},
                        {{entry / 256 % 256}},
                        {{entry % 256}}
                      ],
                      "SourceAddr": [
                        10,
                        244,
                        2,
                        60
                      ],
                      "DestPort": 20480,
                      "SourcePort": {{port}},
                      "NextHeader": 6,
                      "Flags": 0
                    },
                    "Value": {
                      "Union0": [
                        0,
                        0
                      ],
                      "Packets": 0,
                      "Bytes": 0,
                      "Lifetime": {{1633031 + entry}},
                      "Flags": 19,
                      "RevNAT": 0,
                      "TxFlagsSeen": 27,
                      "RxFlagsSeen": 27,
                      "SourceSecurityID": 15175,
                      "LastTxReport": 1633021,
                      "LastRxReport": 1633021
                    }
                  }{{(entry == Entries - 1 ? "" : ",")}}
                """));
        }

        writer.WriteLine("]");
        writer.WriteLine();
    }
}
