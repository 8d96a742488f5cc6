using System.Diagnostics;
using System.Text.RegularExpressions;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Tests.Simulator.Api;

/// <summary>The real kubectl, with a kubeconfig and a home of its own.</summary>
internal sealed class Kubectl : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ciliumlab-kubectl-");
    private readonly string _program;

    private Kubectl(string program, string kubeConfig)
    {
        _program = program;
        Config = Path.Combine(_folder.FullName, "config");
        KubeConfig.Write(Config, kubeConfig);
    }

    public string Config { get; }

    /// <summary>kubectl for a server; the test is skipped when there is none on this machine.</summary>
    public static Kubectl For(ApiServer server)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(static f => Path.Combine(f, OperatingSystem.IsWindows() ? "kubectl.exe" : "kubectl")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "kubectl is not installed");
        return new(program!, server.AdminKubeConfig());
    }

    /// <summary>A file for commands to read.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Runs a command, its words separated by blanks; a word in quotes may contain some.</summary>
    /// <returns>Both its outputs, the regular one first.</returns>
    public async Task<string> RunAsync(string command, string? input = null, int code = 0)
    {
        using var process = Start(command);
        if (input is not null)
            await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var said = await output + KubectlNoise.Remove(await error);
        Assert.True(process.ExitCode == code, $"kubectl {command} ended with {process.ExitCode}: {said}");
        return said;
    }

    /// <summary>Runs a command and compares what it says, blanks counted as one; * stands for what differs from run to run.</summary>
    public async Task SaysAsync(string command, string expected, string? input = null, int code = 0)
    {
        var said = await RunAsync(command, input, code);
        var pattern = "^" + string.Join('\n', Lines(expected).Select(static l => Regex.Escape(l).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\ ", " ", StringComparison.Ordinal))) + "$";
        Assert.True(Regex.IsMatch(string.Join('\n', Lines(said)), pattern), $"kubectl {command} says\n{said}\nand not\n{expected}");
    }

    /// <summary>Starts a command that goes on.</summary>
    public Process Start(string command)
    {
        var start = new ProcessStartInfo(_program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (Match word in Regex.Matches(command, "'([^']*)'|[^ ]+"))
            start.ArgumentList.Add(word.Groups[1].Success ? word.Groups[1].Value : word.Value);
        start.Environment["KUBECONFIG"] = Config;
        start.Environment["HOME"] = _folder.FullName;
        return Process.Start(start)!;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static IEnumerable<string> Lines(string text) => text.ReplaceLineEndings("\n").Split('\n').Select(static l => Regex.Replace(l.Trim(), @"\s+", " ")).Where(static l => l.Length > 0);
}
