using System.Diagnostics;

namespace CiliumLab.Tests.Integration;

/// <summary>What a program of this machine said before it ended.</summary>
public sealed record HostProgramResult(int ExitCode, string Output, string Error)
{
    /// <summary>Fails the test when the program did.</summary>
    public string Succeeded(string what)
    {
        Assert.True(ExitCode == 0, $"{what} ended with {ExitCode}\n{Output}\n{Error}");
        return Output;
    }
}

/// <summary>Runs programs of this machine, to arrange a scene and to look at it with other eyes than our own.</summary>
internal static class HostProgram
{
    public static async Task<HostProgramResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string? input = null,
        IReadOnlyDictionary<string, string>? environment = null,
        CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            try
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // the program ended before it read everything; its exit code says whether that was right
            }

            await process.WaitForExitAsync(cancellationToken);
            return new HostProgramResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Whether a program is on the PATH, or where the system's own programs are.</summary>
    public static bool Exists(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}
