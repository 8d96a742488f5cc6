using System.ComponentModel;
using System.Diagnostics;

namespace CiliumLab.Simulator.Detached;

/// <summary>Starts the process that a detached lab lives in.</summary>
internal static class LabHostLauncher
{
    /// <summary>Starts it unless it answers; where two do that at once, both get the same one.</summary>
    /// <exception cref="Model.LabException"><c>LabHostNotStarted</c>.</exception>
    public static async Task EnsureAsync(string lab, string folder, CancellationToken cancellationToken)
    {
        if (await LabControl.AnswersAsync(folder, cancellationToken).ConfigureAwait(false))
            return;
        using var process = Start(lab, LabHostProgram.For(lab, folder));
        using var said = process.StandardOutput;
        using var complaints = process.StandardError;
        process.StandardInput.Close();
        try
        {
            while (await said.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
            {
                if (line == LabHost.Ready)
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        var reason = await complaints.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        throw DetachedErrors.NotStarted(lab, reason.Trim() is { Length: > 0 } text ? text : "it ended without a word.");
    }

    // No stream is shared: whoever waits for the end of this process's output must not wait for the lab's end.
    private static Process Start(string lab, LabHostProgram program)
    {
        var start = new ProcessStartInfo(program.Path, program.Arguments)
        {
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = System.IO.Path.GetPathRoot(AppContext.BaseDirectory),
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw DetachedErrors.NotStarted(lab, $"'{program.Path}' cannot be run: {error.Message}", error);
        }
    }
}
