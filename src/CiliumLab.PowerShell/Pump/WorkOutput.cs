using System.Management.Automation;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Pump;

/// <summary>
/// What work on the thread pool may say. Everything goes through a bounded queue to the pipeline thread: when the consumer is
/// slow, these calls wait, and so does the work.
/// </summary>
internal sealed class WorkOutput(CmdletPump pump, CancellationToken stopping)
{
    // Work that is over sooner shows nothing: it would only flicker, and cost more than a short command.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    private static int s_activities;

    private readonly Steps _steps = new();

    /// <summary>Writes an object to the pipeline.</summary>
    public ValueTask WriteAsync(object item) => pump.PostAsync(cmdlet => cmdlet.WriteObject(item), stopping);

    /// <summary>Reports a failure and lets the others go on.</summary>
    public ValueTask ErrorAsync(LabException error) => pump.PostAsync(cmdlet => cmdlet.WriteError(LabErrors.ToRecord(error)), stopping);

    /// <summary>Writes a line for <c>-Verbose</c>.</summary>
    public ValueTask VerboseAsync(string text) => pump.PostAsync(cmdlet => cmdlet.WriteVerbose(text), stopping);

    /// <summary>Writes a warning.</summary>
    public ValueTask WarningAsync(string text) => pump.PostAsync(cmdlet => cmdlet.WriteWarning(text), stopping);

    /// <summary>Shows the step that a node is at, once the work has lasted a moment; the display goes away when the work ends.</summary>
    public ValueTask StepAsync(string node, string step)
    {
        lock (_steps)
        {
            _steps.Node = node;
            _steps.Step = step;
            _steps.Later ??= new Timer(_ => ShowSteps(), null, Patience, Timeout.InfiniteTimeSpan);
            if (_steps.Activity is null)
                return ValueTask.CompletedTask;
        }

        return PostStepAsync(ProgressRecordType.Processing);
    }

    /// <summary>Takes the display of steps away, if there is one.</summary>
    public ValueTask EndStepsAsync()
    {
        lock (_steps)
        {
            _steps.Ended = true;
            _steps.Later?.Dispose();
            if (_steps.Activity is null)
                return ValueTask.CompletedTask;
        }

        return PostStepAsync(ProgressRecordType.Completed);
    }

    /// <summary>Asks, on the pipeline thread, whether a change may be made (<c>-WhatIf</c>, <c>-Confirm</c>).</summary>
    public async Task<bool> ShouldProcessAsync(string target, string action)
    {
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await pump.PostAsync(
            cmdlet =>
            {
                try
                {
                    answer.SetResult(cmdlet.ShouldProcess(target, action));
                }
                catch (Exception error)
                {
                    answer.TrySetException(error);
                    throw;
                }
            },
            stopping).ConfigureAwait(false);
        return await answer.Task.WaitAsync(stopping).ConfigureAwait(false);
    }

    private void ShowSteps()
    {
        lock (_steps)
        {
            if (_steps.Ended)
                return;
            _steps.Activity = Interlocked.Increment(ref s_activities);
            _ = PostStepAsync(ProgressRecordType.Processing).AsTask();
        }
    }

    private ValueTask PostStepAsync(ProgressRecordType type)
    {
        var record = new ProgressRecord(_steps.Activity!.Value, _steps.Node, _steps.Step) { RecordType = type };
        return pump.PostAsync(cmdlet => cmdlet.WriteProgress(record), stopping);
    }

    private sealed class Steps
    {
        public Timer? Later { get; set; }

        public int? Activity { get; set; }

        public string Node { get; set; } = "";

        public string Step { get; set; } = "";

        public bool Ended { get; set; }
    }
}
