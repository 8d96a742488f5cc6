using System.Globalization;
using System.Text.Json;
using CiliumLab.Engine.Text;

namespace CiliumLab.Engine.Cluster.Exec;

/// <summary>How a command in a container ended, from the Status object that exec sends last.</summary>
/// <param name="ExitCode">The exit code; null when the command did not run to an end.</param>
/// <param name="Message">Why it did not, in the container runtime's words; empty when it ran.</param>
internal sealed record ExecStatus(int? ExitCode, string Message)
{
    // What a shell answers for a program that is not there.
    private const int NoSuchProgram = 127;

    // runc and crun word it differently.
    private static readonly string[] NoProgram = ["executable file not found", "no such file or directory", "executable file `"];

    /// <summary>Reads a status; null when it is not one.</summary>
    public static ExecStatus? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var status = document.RootElement;
            if (status.Text("status") == "Success")
                return new ExecStatus(0, "");
            var message = status.Text("message") ?? "no reason given";
            var code = status.Object("details")?.Items("causes")
                .Where(cause => cause.Text("reason") == "ExitCode")
                .Select(cause => int.TryParse(cause.Text("message"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : (int?)null)
                .FirstOrDefault();
            if (code is not null)
                return new ExecStatus(code, "");
            return new ExecStatus(NoProgram.Any(words => message.Contains(words, StringComparison.Ordinal)) ? NoSuchProgram : null, message);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
