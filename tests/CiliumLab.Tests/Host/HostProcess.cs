using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace CiliumLab.Tests.Host;

/// <summary>The small host as a user starts it: a process of its own with redirected streams.</summary>
internal sealed class HostProcess : IDisposable
{
    // Long enough for the slowest machine; only a host that hangs reaches it.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string Program = typeof(HostProcess).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "HostProgram").Value!;

    private readonly Process _process;

    private HostProcess(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var running = Environment.ProcessPath;
        var start = new ProcessStartInfo(Path.GetFileNameWithoutExtension(running) == "dotnet" ? running! : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Program);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["CILIUMLAB_MODULE"] = Repository.Module;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        _process = Process.Start(start)!;
    }

    public int Id => _process.Id;

    public static HostProcess Start(params string[] arguments) => new(arguments, null);

    /// <summary>Runs the host to its end.</summary>
    public static Task<HostOutcome> RunAsync(params string[] arguments) => RunAsync("", null, arguments);

    public static async Task<HostOutcome> RunAsync(
        string input, IReadOnlyDictionary<string, string>? environment, IEnumerable<string> arguments)
    {
        using var host = new HostProcess(arguments, environment);
        return await host.EndAsync(input);
    }

    /// <summary>The next line of standard output.</summary>
    public async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);

    public void Signal(string name)
    {
        // The shell's own kill: not every system has it as a program.
        var id = _process.Id.ToString(CultureInfo.InvariantCulture);
        using var kill = Process.Start("sh", ["-c", "kill -s \"$0\" \"$1\"", name, id]);
        kill.WaitForExit();
    }

    /// <summary>Gives the input, closes it, and waits for the end.</summary>
    public async Task<HostOutcome> EndAsync(string input = "")
    {
        var output = _process.StandardOutput.ReadToEndAsync();
        var error = _process.StandardError.ReadToEndAsync();
        await _process.StandardInput.WriteAsync(input);
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return new HostOutcome(_process.ExitCode, Lines(await output), Lines(await error));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private static string Lines(string text) => text.ReplaceLineEndings("\n");
}

/// <summary>What a host left behind.</summary>
internal sealed record HostOutcome(int ExitCode, string Output, string Error);
