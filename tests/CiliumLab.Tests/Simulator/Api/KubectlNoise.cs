using System.Text.RegularExpressions;

namespace CiliumLab.Tests.Simulator.Api;

/// <summary>
/// What kubectl says on standard error when a server opens the streams of exec before kubectl has made its own. Which of them is first is
/// chance, with a real server too: the recorded lab has it once.
/// </summary>
internal static partial class KubectlNoise
{
    /// <summary>The text without those lines.</summary>
    public static string Remove(string text) => UnknownStream().Replace(text, "");

    [GeneratedRegex(@"^E\d{4} [\d:.]+ +\d+ websocket\.go:\d+\] Unknown stream id \d, discarding message\r?\n", RegexOptions.Multiline)]
    private static partial Regex UnknownStream();
}
