using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace CiliumLab.PowerShell.Completion;

/// <summary>Completes with strace's classes of system calls and those of sockets; no pod is asked.</summary>
public sealed class SystemCallCompleter : IArgumentCompleter
{
    private static readonly string[] Names =
    [
        "accept4", "bind", "close", "connect", "desc", "execve", "file", "getpeername", "getsockname", "getsockopt", "ipc", "listen", "memory", "network", "openat", "poll",
        "process", "read", "recvfrom", "recvmsg", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "signal", "socket", "write",
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(Names, wordToComplete);
}
