using System.Management.Automation.Language;
using System.Text;

namespace CiliumLab.Host;

/// <summary>Reads lines and runs them until <c>exit</c> or the end of the input.</summary>
internal sealed class InteractivePrompt(HostSession session)
{
    public int Run()
    {
        while (session.RequestedExit is null)
        {
            session.Interrupt.Reset();
            try
            {
                var text = ReadStatement();
                if (text is null)
                    break;
                session.RunLine(text);
            }
            catch (OperationCanceledException)
            {
                // Ctrl+C gave the line up; the next one begins afresh.
            }
        }

        return session.RequestedExit ?? 0;
    }

    // More lines are read until the statement is complete; an empty line gives up on it and lets the parser say what is missing.
    private string? ReadStatement()
    {
        session.Interface.Write(string.Concat(session.Get("prompt")));
        var text = new StringBuilder();
        while (session.Input.ReadLine() is { } line)
        {
            text.AppendLine(line);
            Parser.ParseInput(text.ToString(), out _, out var errors);
            if (line.Length == 0 || !errors.Any(error => error.IncompleteInput))
                return text.ToString();
            session.Interface.Write(">> ");
        }

        return null;
    }
}
