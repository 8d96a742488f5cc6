using System.Management.Automation;
using System.Text;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Invoke-NodeCommand: runs any command on nodes.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "NodeCommand")]
[OutputType(typeof(NodeCommandResult))]
public sealed class InvokeNodeCommandCommand : NodeCmdlet
{
    /// <summary>The program and its arguments, each a word of its own; no shell reads them.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromRemainingArguments = true)]
    [AllowEmptyString]
    public string[] Command { get; set; } = [];

    /// <inheritdoc/>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [NodeName]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    public override string[]? Node { get; set; }

    /// <summary>Runs the command as root.</summary>
    [Parameter]
    public SwitchParameter Sudo { get; set; }

    /// <summary>What the command reads on standard input, sent as UTF-8.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? InputText { get; set; }

    /// <summary>How long the command may take; a number means seconds.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan? Timeout { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        foreach (var (typed, parameter) in AbbreviatedParameters.AmongWords(MyInvocation))
        {
            WriteWarning(
                $"-{typed} was read as -{parameter}, not as a word of the command. Put -- before the command: {MyInvocation.InvocationName} -- COMMAND -{typed}");
        }

        if (Command is [var only] && only.Contains(' ', StringComparison.Ordinal))
        {
            WriteWarning(
                $"'{only}' is run as one program's name. Give words of their own: -Command {ShellQuoting.JoinForPowerShell(only.Split(' ', StringSplitOptions.RemoveEmptyEntries))}");
        }
    }

    private protected override async Task RunAsync(INodeShell shell, WorkOutput output, CancellationToken cancellationToken)
    {
        var command = new NodeCommand(Command)
        {
            Sudo = Sudo,
            Input = Encoding.UTF8.GetBytes(InputText ?? ""),
            Timeout = Timeout,
        };
        await output.StepAsync(shell.Node, $"running {Command[0]}").ConfigureAwait(false);
        await output.WriteAsync(await shell.RunAsync(command, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
    }
}
