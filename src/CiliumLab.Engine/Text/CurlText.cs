using System.Globalization;
using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>One answer that curl got, or why it got none.</summary>
/// <param name="FailureKind">In what way it failed.</param>
/// <param name="Failure">Why, in curl's words; null when it did not fail.</param>
internal sealed record CurlAnswer(PodConnectivityFailure FailureKind, string? Failure)
{
    /// <summary>The HTTP status; null without an answer.</summary>
    public int? Status { get; init; }

    /// <summary>The address that was connected to.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>Who says that he answered, as a whoami server does; null when the answer does not say.</summary>
    public string? Hostname { get; init; }
}

/// <summary>
/// What <c>curl -sSv -w</c> prints for one request. The exit codes are in curl's manual; for "could not connect" (7) only the verbose lines
/// tell a refusal from a missing route.
/// </summary>
internal static class CurlText
{
    /// <summary>What curl writes after the answer's body.</summary>
    public const string WriteOut = @"\n%{http_code} %{remote_ip} %{time_total}\n";

    private const int CouldNotResolve = 6;
    private const int CouldNotConnect = 7;
    private const int TimedOut = 28;

    private static readonly string[] NoRoute = ["No route to host", "Host is unreachable", "Network is unreachable", "Network unreachable"];

    /// <summary>Reads one run.</summary>
    /// <param name="exitCode">How curl ended.</param>
    /// <param name="output">The answer's body and the last line.</param>
    /// <param name="error">The verbose lines, and curl's complaint.</param>
    public static CurlAnswer Parse(int exitCode, string output, string error)
    {
        if (exitCode != 0)
            return Failure(exitCode, error);
        var body = output.TrimEnd('\n');
        var words = body[(body.LastIndexOf('\n') + 1)..].Split(' ');
        var status = Number(words[0]);
        var answer = status >= 400
            ? new CurlAnswer(PodConnectivityFailure.HttpStatus, $"HTTP status {status}")
            : new CurlAnswer(PodConnectivityFailure.None, null);
        return answer with
        {
            Status = status,
            Address = IPAddress.TryParse(words.ElementAtOrDefault(1), out var address) ? address : null,
            Latency = double.TryParse(words.ElementAtOrDefault(2), CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null,
            Hostname = body.Split('\n').FirstOrDefault(line => line.StartsWith("Hostname: ", StringComparison.Ordinal))?["Hostname: ".Length..].Trim(),
        };
    }

    private static CurlAnswer Failure(int exitCode, string error)
    {
        var said = error.Split('\n', StringSplitOptions.TrimEntries).LastOrDefault(line => line.StartsWith("curl: (", StringComparison.Ordinal))
            ?? $"curl ended with exit code {exitCode}";
        var kind = exitCode switch
        {
            CouldNotResolve => PodConnectivityFailure.NameNotResolved,
            TimedOut when said.Contains("Resolving timed out", StringComparison.Ordinal) => PodConnectivityFailure.NameNotResolved,
            TimedOut => PodConnectivityFailure.TimedOut,
            CouldNotConnect when NoRoute.Any(words => error.Contains(words, StringComparison.OrdinalIgnoreCase)) => PodConnectivityFailure.NoRoute,
            CouldNotConnect => PodConnectivityFailure.Refused,
            _ => PodConnectivityFailure.Other,
        };
        return new CurlAnswer(kind, said[(said.IndexOf(')', StringComparison.Ordinal) + 1)..].Trim());
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
