using System.Globalization;
using System.Management.Automation.Host;

namespace CiliumLab.Host.Terminal;

/// <summary>What the engine knows of the program that hosts it.</summary>
internal sealed class TerminalHost : PSHost
{
    public TerminalHost(Interrupt interrupt, bool nonInteractive)
    {
        Input = new TerminalInput(interrupt, nonInteractive);
        Interface = new TerminalInterface(Input);
    }

    public TerminalInput Input { get; }

    public TerminalInterface Interface { get; }

    /// <summary>The code that <c>exit</c> asked for; null while nobody did.</summary>
    public int? RequestedExit { get; private set; }

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "CiliumLab.Host";

    public override PSHostUserInterface UI => Interface;

    public override Version Version { get; } = typeof(TerminalHost).Assembly.GetName().Version!;

    public override void EnterNestedPrompt() => throw NoNestedPrompt();

    public override void ExitNestedPrompt() => throw NoNestedPrompt();

    public override void NotifyBeginApplication()
    {
        // A program of its own takes the terminal: nothing of ours may stand on its line.
        Interface.Progress.Clear();
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode) => RequestedExit = exitCode;

    private static NotSupportedException NoNestedPrompt() => new("This host has no nested prompt; run the script in pwsh to suspend it.");
}
