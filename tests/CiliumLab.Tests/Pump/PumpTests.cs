using System.Management.Automation;
using CiliumLab.PowerShell.Pump;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Pump;

/// <summary>The way from asynchronous work to the pipeline, in a real engine.</summary>
public sealed class PumpTests
{
    // The pump's queue, and what a producer holds in its hands.
    private const int MostAhead = 256 + 2;

    [Fact]
    public void A_slow_consumer_slows_the_producer()
    {
        using var prompt = WithProducer();

        var ahead = prompt.Get("$seen = 0; Write-TestNumber -Count 5000 | ForEach-Object { $seen++; [CiliumLab.Tests.Pump.WriteTestNumberCommand]::Produced - $seen }");

        Assert.Equal(5000, ahead.Count);
        Assert.All(ahead, value => Assert.InRange((long)value.BaseObject, 0, MostAhead));
    }

    [Fact]
    public async Task A_consumer_that_fails_ends_the_producer()
    {
        using var prompt = WithProducer();

        var outcome = prompt.Run("Write-TestNumber -Count 2000000000 | ForEach-Object { if ($_ -eq 3) { throw 'enough' }; $_ }");

        Assert.Equal("enough", Assert.Single(outcome.Errors).Exception.Message);
        var produced = WriteTestNumberCommand.Produced;
        Assert.InRange(produced, 3, MostAhead + 3);
        await WriteTestNumberCommand.LastEnded.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_stop_ends_a_producer_whose_queue_is_full()
    {
        using var prompt = WithProducer();
        using var shell = System.Management.Automation.PowerShell.Create(prompt.Runspace);
        shell.AddScript("Write-TestNumber -Count 2000000000 | ForEach-Object { while ($true) { } }");
        var running = shell.BeginInvoke();
        Assert.True(SpinWait.SpinUntil(() => WriteTestNumberCommand.Produced >= 256, TimeSpan.FromSeconds(30)));

        shell.Stop();

        Assert.Throws<PipelineStoppedException>(() => { shell.EndInvoke(running); });
        await WriteTestNumberCommand.LastEnded.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_stop_that_comes_after_the_end_is_harmless()
    {
        var cmdlet = new WriteTestNumberCommand();
        cmdlet.Dispose();

        Assert.Null(Record.Exception(cmdlet.Stop));
    }

    [Fact]
    public async Task Text_that_no_parser_understands_does_not_hold_up_what_pipes_it()
    {
        using var prompt = new Prompt();

        var outcome = await Task.Run(() => prompt.Run("1..20000 | ForEach-Object { \"garbage $_\" } | ConvertFrom-LabOutput IptablesSave"))
            .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.NotEmpty(outcome.Errors);
    }

    private static Prompt WithProducer()
    {
        WriteTestNumberCommand.StartOver();
        var prompt = new Prompt();
        prompt.Get("Import-Module -Assembly $args[0]", typeof(PumpTests).Assembly);
        return prompt;
    }
}

/// <summary>A cmdlet whose work says numbers as fast as it is let.</summary>
[Cmdlet(VerbsCommunications.Write, "TestNumber")]
public sealed class WriteTestNumberCommand : LabCmdlet
{
    private static long s_produced;

    [Parameter(Mandatory = true)]
    public long Count { get; set; }

    public static long Produced => Interlocked.Read(ref s_produced);

    public static Task LastEnded { get; private set; } = Task.CompletedTask;

    public void Stop() => StopProcessing();

    /// <summary>Forgets what earlier tests produced, so that a wait for the first number waits for this test's.</summary>
    public static void StartOver() => Interlocked.Exchange(ref s_produced, 0);

    protected override void ProcessRecord()
    {
        var ended = new TaskCompletionSource();
        LastEnded = ended.Task;
        Start(async (output, cancellationToken) =>
        {
            try
            {
                for (var number = 0L; number < Count; number++)
                {
                    Interlocked.Increment(ref s_produced);
                    await output.WriteAsync(number);
                }
            }
            finally
            {
                ended.SetResult();
            }
        });
    }
}
