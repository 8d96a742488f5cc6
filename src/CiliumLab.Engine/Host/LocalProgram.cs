using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Host;

/// <summary>Runs programs on this computer.</summary>
internal static class LocalProgram
{
    // A terminal's Ctrl+C reaches the program as well; it is given this long to say so before it is told once more.
    private static readonly TimeSpan TerminalsTurn = TimeSpan.FromSeconds(1);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="line">Is given each line of output as it comes; null to collect them.</param>
    /// <param name="cancellationToken">Interrupts the program, and kills it when it does not end in its time.</param>
    /// <exception cref="LabException"><c>ProgramNotStarted</c>.</exception>
    public static async Task<LocalResult> RunAsync(LocalCommand command, Func<string, Task>? line, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var process = Start(command);
        var stopping = false;
        using var ended = new CancellationTokenSource();
        var stop = StopAsync(process, command, () => Volatile.Read(ref stopping), ended.Token, cancellationToken);
        try
        {
            var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            var write = WriteAsync(process, command.Input);
            var output = new StringBuilder();
            while (await process.StandardOutput.ReadLineAsync(CancellationToken.None).ConfigureAwait(false) is { } text)
            {
                if (command.IsStopping(text))
                    Volatile.Write(ref stopping, true);
                if (line is null)
                    output.Append(text).Append('\n');
                else if (!cancellationToken.IsCancellationRequested)
                    await line(text).ConfigureAwait(false);
            }

            await write.ConfigureAwait(false);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return new LocalResult(process.ExitCode, output.ToString(), await error.ConfigureAwait(false));
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await stop.ConfigureAwait(false);
        }
    }

    /// <summary>The first line of what a program said that says anything.</summary>
    public static string FirstLine(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [var first, ..] ? first : "says nothing";

    private static Process Start(LocalCommand command)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = command.Folder ?? "",
        };
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            throw new LabException(
                "ProgramNotStarted", LabErrorKind.NotInstalled, $"'{command.Program}' cannot be run: {error.Message}", command.Program, "Check the file and its permissions.", error);
        }
    }

    private static async Task WriteAsync(Process process, string input)
    {
        try
        {
            using (process.StandardInput)
                await process.StandardInput.WriteAsync(input).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The program does not read to the end; its exit code says whether that matters.
        }
    }

    private static async Task StopAsync(
        Process process, LocalCommand command, Func<bool> stopping, CancellationToken ended, CancellationToken cancellationToken)
    {
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ended, cancellationToken);
            await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested)
                return;
            if (!OperatingSystem.IsWindows())
            {
                await Task.Delay(TerminalsTurn, ended).ConfigureAwait(false);
                if (!stopping() && !process.HasExited)
                    Interrupt(process);
                await Task.Delay(command.CleanUpTime, ended).ConfigureAwait(false);
            }

            process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is OperationCanceledException or InvalidOperationException or Win32Exception)
        {
            // It has ended meanwhile.
        }
    }

    private static void Interrupt(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
