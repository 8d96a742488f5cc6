using System.Management.Automation;
using System.Management.Automation.Host;

namespace CiliumLab.Host.Terminal;

/// <summary>Asks for a user name, unless it is known, and a password, which is not shown.</summary>
internal sealed class CredentialQuestion(TerminalInput input, PSHostUserInterface screen)
{
    public PSCredential Ask(string? caption, string? message, string? userName)
    {
        if (!string.IsNullOrEmpty(caption))
            screen.WriteLine(caption);
        if (!string.IsNullOrEmpty(message))
            screen.WriteLine(message);
        if (string.IsNullOrEmpty(userName))
        {
            screen.Write("User: ");
            userName = input.Answer("a user name");
        }

        screen.Write($"Password for user {userName}: ");
        return new PSCredential(userName, input.SecretAnswer($"the password of {userName}"));
    }
}
