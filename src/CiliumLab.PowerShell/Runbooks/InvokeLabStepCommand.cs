using System.Diagnostics;
using System.Management.Automation;
using CiliumLab.Model;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Runbooks;

/// <summary>Invoke-LabStep: a named step of a runbook that is skipped when its condition holds already.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "LabStep", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(LabStepResult))]
public sealed class InvokeLabStepCommand : LabCmdlet
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>What the step is for, in a few words.</summary>
    [Parameter(Position = 0, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string Title { get; set; } = "";

    /// <summary>What is done. Its objects are shown as at a prompt.</summary>
    [Parameter(Position = 1, Mandatory = true)]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    /// <summary>Whether the step's goal is reached; asked before and after the script block.</summary>
    [Parameter]
    public ScriptBlock? Until { get; set; }

    /// <summary>When the step makes no sense any more; asked before the script block only.</summary>
    [Parameter]
    public ScriptBlock? Unless { get; set; }

    /// <summary>How long the goal may take to be reached once the script block has ended.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The results of the steps before; when one of them failed, this one is not run.</summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyCollection]
    public LabStepResult[]? After { get; set; }

    /// <summary>Waits for Enter before the step begins.</summary>
    [Parameter]
    public SwitchParameter Pause { get; set; }

    private int Number => (After ?? []).Select(step => step.Number).DefaultIfEmpty(0).Max() + 1;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        StepScreen.Heading(this, Number, Title);
        var result = Run();
        StepScreen.Outcome(this, result);
        WriteObject(result);
    }

    private LabStepResult Run()
    {
        if (After?.FirstOrDefault(step => step.Status == LabStepStatus.Failed) is { } broken)
            return Result(LabStepStatus.NotRun, $"step {broken.Number}, {broken.Title}, failed");
        WriteProgress(new ProgressRecord(Number, Title, "looking whether it is done"));
        try
        {
            if (Holds(Until) || Holds(Unless))
                return Result(LabStepStatus.AlreadyDone);
            if (!ShouldProcess(Title, "Run step"))
                return Result(LabStepStatus.NotRun, "it was not confirmed");
            if (Pause)
                StepScreen.WaitForEnter(this);
            WriteProgress(new ProgressRecord(Number, Title, "running"));
            var failure = RunBlock();
            if (Until is null ? failure is null : IsReached())
                return Result(LabStepStatus.Done);
            return Result(LabStepStatus.Failed, failure ?? NotReached());
        }
        finally
        {
            WriteProgress(new ProgressRecord(Number, Title, "ended") { RecordType = ProgressRecordType.Completed });
        }
    }

    /// <summary>Runs the script block, shows its objects and errors, and returns the first error's text.</summary>
    private string? RunBlock()
    {
        var errors = new List<ErrorRecord>();
        try
        {
            // Objects go to the screen while they come; of a merged stream the second block takes the errors out.
            InvokeCommand.InvokeScript(
                useLocalScope: true,
                ScriptBlock.Create(
                    "$__block, $__errors = $args; & $__block 2>&1 | & { process { if ($_ -is [Management.Automation.ErrorRecord]) { $__errors.Add($_) } else { $_ } } } | Out-Default"),
                null,
                ScriptBlock,
                errors);
        }
        catch (RuntimeException error) when (error is not PipelineStoppedException)
        {
            errors.Add(error.ErrorRecord);
        }

        foreach (var error in errors)
            WriteError(error);
        return errors.FirstOrDefault()?.ToString();
    }

    private bool IsReached()
    {
        WriteProgress(new ProgressRecord(Number, Title, "waiting for its goal"));
        var waited = Stopwatch.StartNew();
        while (!Holds(Until))
        {
            if (waited.Elapsed >= Timeout)
                return false;
            Require(async stopping =>
            {
                await Task.Delay(Poll, stopping).ConfigureAwait(false);
                return true;
            });
        }

        return true;
    }

    private bool Holds(ScriptBlock? condition)
    {
        try
        {
            return condition is not null && LanguagePrimitives.IsTrue(InvokeCommand.InvokeScript(useLocalScope: true, Quiet, null, condition));
        }
        catch (RuntimeException error) when (error is not PipelineStoppedException)
        {
            WriteVerbose($"A condition of '{Title}' cannot be told: {error.ErrorRecord}");
            return false;
        }
    }

    // Before the step there may be nothing to ask yet; that is no error of the runbook.
    private static readonly ScriptBlock Quiet = ScriptBlock.Create("$ErrorActionPreference = 'Stop'; & $args[0]");

    private string NotReached()
    {
        var error = new LabException(
            "LabStepGoalNotReached",
            LabErrorKind.OperationTimeout,
            $"Step '{Title}' ran without an error, but its condition does not hold {Timeout.TotalSeconds:0.#} s later: {Until!.ToString().Trim()}",
            Title,
            "Look at what the condition asks for, mend it and run the runbook again: steps that are done are skipped. -Timeout gives a step more time.");
        WriteError(LabErrors.ToRecord(error));
        return error.Message;
    }

    private LabStepResult Result(LabStepStatus status, string? failure = null) =>
        new() { Number = Number, Title = Title, Status = status, Duration = _clock.Elapsed, Failure = failure };
}
