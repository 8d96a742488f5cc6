using CiliumLab.Engine.Nodes;

namespace CiliumLab.Engine.Tracing.SystemCalls;

/// <summary>A command whose system calls are watched.</summary>
/// <param name="Command">The command's words.</param>
/// <param name="Names">The calls, or strace's classes of calls such as <c>network</c>; none for all.</param>
public sealed record TraceRequest(IReadOnlyList<string> Command, IReadOnlyList<string> Names)
{
    // Longer texts than strace keeps by itself: a request of HTTP fits.
    private const string LongestText = "1024";

    /// <summary>The command that writes each call.</summary>
    internal NodeCommand Traced() => Run("-f", "-ttt", "-T", "-s", LongestText);

    /// <summary>The command that counts them.</summary>
    internal NodeCommand Counted() => Run("-f", "-c");

    private NodeCommand Run(params string[] options) =>
        new(["strace", .. options, .. Names.Count == 0 ? Array.Empty<string>() : ["-e", $"trace={string.Join(',', Names)}"], .. Command]) { Lasting = true, ReadsError = true };
}
