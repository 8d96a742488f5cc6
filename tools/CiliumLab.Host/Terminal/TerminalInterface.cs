using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace CiliumLab.Host.Terminal;

/// <summary>Puts the engine's streams on the terminal: results on standard output, everything else on standard error.</summary>
internal sealed class TerminalInterface(TerminalInput input) : PSHostUserInterface
{
    public ProgressLine Progress { get; } = new(TerminalStream.Error);

    public override PSHostRawUserInterface RawUI { get; } = new TerminalScreen();

    public override bool SupportsVirtualTerminal { get; } =
        !TerminalStream.Output.IsPlain && (!OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("WT_SESSION") is not null);

    public override void Write(string value) => On(TerminalStream.Output).Write(value);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        On(TerminalStream.Output).Write(PSStyle.MapForegroundColorToEscapeSequence(foregroundColor) + value + PSStyle.Instance.Reset);

    public override void WriteLine(string value) => On(TerminalStream.Output).WriteLine(value);

    public override void WriteErrorLine(string value) => On(TerminalStream.Error).WriteLine(value);

    public override void WriteWarningLine(string message) =>
        On(TerminalStream.Error).WriteLine(PSStyle.Instance.Formatting.Warning, "WARNING: " + message);

    public override void WriteVerboseLine(string message) =>
        On(TerminalStream.Error).WriteLine(PSStyle.Instance.Formatting.Verbose, "VERBOSE: " + message);

    public override void WriteDebugLine(string message) =>
        On(TerminalStream.Error).WriteLine(PSStyle.Instance.Formatting.Debug, "DEBUG: " + message);

    public override void WriteProgress(long sourceId, ProgressRecord record) => Progress.Show(record);

    public override string ReadLine()
    {
        Progress.Clear();
        return input.Answer("a line of text");
    }

    public override SecureString ReadLineAsSecureString()
    {
        Progress.Clear();
        return input.SecretAnswer("a secret");
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        Progress.Clear();
        return new ChoiceQuestion(input, this).Ask(caption, message, choices, defaultChoice);
    }

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        Progress.Clear();
        return new FieldQuestion(input, this).Ask(caption, message, descriptions);
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options)
    {
        Progress.Clear();
        return new CredentialQuestion(input, this).Ask(caption, message, userName);
    }

    // What is written next must not land behind the progress line.
    private TerminalStream On(TerminalStream stream)
    {
        Progress.Clear();
        return stream;
    }
}
