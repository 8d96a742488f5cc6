namespace CiliumLab.Tests.Host;

/// <summary>Script files and commands in the host behave as in pwsh.</summary>
public sealed class HostScriptTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public async Task Binds_named_parameters_switches_and_the_rest()
    {
        var script = _folder.Write("bind.ps1", """
            param([string] $Lab, [switch] $Fast, [int] $Count = 3, [switch] $Off, [Parameter(ValueFromRemainingArguments)] $Rest)
            "lab=$Lab fast=$Fast count=$Count off=$Off rest=$($Rest -join '|')"
            "root=$PSScriptRoot"
            """);

        var outcome = await HostProcess.RunAsync(
            "-NoModule", "-File", script, "-Lab", "it's one", "-Fast", "a b", "-Count:-9", "-Off:$false", "$x");

        Assert.Equal($"lab=it's one fast=True count=-9 off=False rest=a b|$x\nroot={_folder.Path}\n", outcome.Output);
        Assert.Equal("", outcome.Error);
        Assert.Equal(0, outcome.ExitCode);
    }

    [Fact]
    public async Task Leaves_arguments_without_parameters_in_args()
    {
        var script = _folder.Write("args.ps1", "\"$($args.Count): $($args -join '|')\"");

        var outcome = await HostProcess.RunAsync("-NoModule", script, "one", "-x", "-5", "");

        Assert.Equal("4: one|-x|-5|\n", outcome.Output);
    }

    [Theory]
    [InlineData("'done'", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("exit", 0)]
    [InlineData("throw 'no'", 1)]
    [InlineData("Get-Nothing; 'went on'", 0)]
    [InlineData("if (", 1)]
    [InlineData("[Environment]::Exit(9)", 9)]
    public async Task A_file_ends_with_the_exit_code_it_asked_for(string text, int exitCode) =>
        Assert.Equal(exitCode, (await HostProcess.RunAsync("-NoModule", _folder.Write("exit.ps1", text))).ExitCode);

    [Theory]
    [InlineData("1", 0)]
    [InlineData("exit 4", 4)]
    [InlineData("throw 'no'", 1)]
    [InlineData("1; Get-Nothing", 1)]
    [InlineData("Get-Nothing; 1", 0)]
    [InlineData("1 # a comment at the end", 0)]
    [InlineData("begin { 1 } end { 2 }", 0)]
    public async Task A_command_ends_with_the_success_of_its_last_statement(string text, int exitCode) =>
        Assert.Equal(exitCode, (await HostProcess.RunAsync("-NoModule", "-Command", text)).ExitCode);

    [Fact]
    public async Task Errors_warnings_and_verbose_lines_go_to_standard_error_without_colours()
    {
        var script = _folder.Write("streams.ps1", """
            function Show { [CmdletBinding()] param() $PSCmdlet.WriteWarning('careful'); $PSCmdlet.WriteVerbose('detail'); 'result' }
            Show -Verbose
            throw 'broken'
            """);

        var outcome = await HostProcess.RunAsync("-NoModule", script);

        Assert.Equal("result\n", outcome.Output);
        Assert.Contains("WARNING: careful\nVERBOSE: detail\n", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("broken", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', outcome.Error);
        Assert.Equal(1, outcome.ExitCode);
    }

    [Fact]
    public async Task Progress_leaves_no_trace_where_nobody_watches()
    {
        var outcome = await HostProcess.RunAsync(
            "-NoModule", "-Command", "$Host.UI.WriteProgress(1, [Management.Automation.ProgressRecord]::new(1, 'a', 'b')); 1");

        Assert.Equal(("1\n", ""), (outcome.Output, outcome.Error));
    }

    [Fact]
    public async Task Speaks_UTF8()
    {
        var outcome = await HostProcess.RunAsync("-NoModule", "-Command", "'Grüße, 日本'; throw 'weiß nicht'");

        Assert.Equal("Grüße, 日本\n", outcome.Output);
        Assert.Contains("weiß nicht", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lays_tables_out_through_the_formatter_of_the_engine()
    {
        var outcome = await HostProcess.RunAsync("-Command", "Get-Command Get-NodeHostEntry");

        Assert.Contains("Name", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Get-NodeHostEntry", outcome.Output, StringComparison.Ordinal);
        Assert.All(outcome.Output.Split('\n'), line => Assert.True(line.Length <= 120, line));
    }

    [Fact]
    public async Task Names_what_it_does_not_find()
    {
        var script = await HostProcess.RunAsync("-NoModule", "absent.ps1");
        var argument = await HostProcess.RunAsync("-Absent");
        var module = await HostProcess.RunAsync(
            "", new Dictionary<string, string> { ["CILIUMLAB_MODULE"] = "/absent/CiliumLab.psd1" }, ["-Command", "1"]);

        Assert.Equal((1, "There is no script absent.ps1.\n"), (script.ExitCode, script.Error));
        Assert.Equal(64, argument.ExitCode);
        Assert.StartsWith("'-Absent' is not an argument of this host.\nusage:", argument.Error, StringComparison.Ordinal);
        Assert.Equal(1, module.ExitCode);
        Assert.Contains("There is no module at /absent/CiliumLab.psd1. Build it with ./build.sh", module.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_it_stops_what_runs_and_says_so_with_its_exit_code()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent with kill");
        var script = _folder.Write("endless.ps1", """
            try { [Console]::Out.WriteLine('started'); while ($true) { } }
            finally { [Console]::Out.WriteLine('cleaned up') }
            """);
        using var host = HostProcess.Start("-NoModule", script);
        Assert.Equal("started", await host.ReadLineAsync());

        host.Signal("INT");
        var outcome = await host.EndAsync();

        Assert.Equal((130, "cleaned up\n"), (outcome.ExitCode, outcome.Output));
    }

    [Fact]
    public async Task Interrupted_it_stops_waiting_for_an_answer()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent with kill");
        using var host = HostProcess.Start("-NoModule", "-Command", "[Console]::Out.WriteLine('asking'); $Host.UI.ReadLine(); 'went on'");
        Assert.Equal("asking", await host.ReadLineAsync());

        host.Signal("INT");
        var outcome = await host.EndAsync();

        Assert.Equal((130, ""), (outcome.ExitCode, outcome.Output));
    }

    public void Dispose() => _folder.Dispose();
}
