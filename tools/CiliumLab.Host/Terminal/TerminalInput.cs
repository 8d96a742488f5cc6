using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace CiliumLab.Host.Terminal;

/// <summary>Reads what the user types, or what standard input holds. Ctrl+C ends the wait, and so does the end of the input.</summary>
internal sealed class TerminalInput(Interrupt interrupt, bool nonInteractive)
{
    private readonly KeyReader _keys = new(interrupt);
    private Task<string?>? _pendingLine;

    /// <summary>A line; null at the end of the input.</summary>
    /// <exception cref="OperationCanceledException">Ctrl+C was pressed.</exception>
    public string? ReadLine() => Console.IsInputRedirected ? ReadRedirected() : _keys.ReadLine(echo: true);

    /// <summary>A line that answers a question.</summary>
    /// <exception cref="HostException">Nobody is there to answer.</exception>
    public string Answer(string wanted) => Asked(wanted, ReadLine);

    /// <summary>A line that is not shown while it is typed.</summary>
    /// <exception cref="HostException">Nobody is there to answer.</exception>
    public SecureString SecretAnswer(string wanted)
    {
        var text = Asked(wanted, () => Console.IsInputRedirected ? ReadRedirected() : _keys.ReadLine(echo: false));
        var secret = new SecureString();
        foreach (var character in text)
            secret.AppendChar(character);
        secret.MakeReadOnly();
        return secret;
    }

    private string Asked(string wanted, Func<string?> read)
    {
        try
        {
            return (nonInteractive ? null : read()) ?? throw NobodyThere(wanted);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    // A read cannot be taken back: one that Ctrl+C left waiting serves the next caller.
    private string? ReadRedirected()
    {
        _pendingLine ??= Task.Run(Console.In.ReadLine);
        _pendingLine.Wait(interrupt.Token);
        var line = _pendingLine.Result;
        _pendingLine = null;
        return line;
    }

    private HostException NobodyThere(string wanted)
    {
        var why = nonInteractive ? "this session is not interactive" : "standard input has ended";
        return new HostException(
            $"The script asks for {wanted}, but {why}. "
            + "Give the answer as a parameter (for a confirmation: -Confirm:$false), or run it on a terminal.",
            null,
            "NobodyToAnswer",
            ErrorCategory.ResourceUnavailable);
    }
}
