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

    private readonly Dictionary<string, Steps> _steps = [];
    private bool _ended;

    /// <summary>Writes an object to the pipeline.</summary>
    public ValueTask WriteAsync(object item) => pump.PostAsync(cmdlet => cmdlet.WriteObject(item), stopping);

    /// <summary>Reports a failure and lets the others go on; the same words are written once.</summary>
    public ValueTask ErrorAsync(LabException error) => pump.PostErrorAsync(error, stopping);

    /// <summary>Writes a line for <c>-Verbose</c>.</summary>
    public ValueTask VerboseAsync(string text) => pump.PostAsync(cmdlet => cmdlet.WriteVerbose(text), stopping);

    /// <summary>Writes a warning.</summary>
    public ValueTask WarningAsync(string text) => pump.PostAsync(cmdlet => cmdlet.WriteWarning(text), stopping);

    /// <summary>Shows the step that a node is at, once it has lasted a moment; each node has a display of its own, which goes away when the work ends.</summary>
    public ValueTask StepAsync(string node, string step)
    {
        Steps? steps;
        lock (_steps)
        {
            if (!_steps.TryGetValue(node, out steps))
                _steps[node] = steps = new Steps(node);
            steps.Step = step;
            steps.Later ??= new Timer(_ => ShowSteps(steps), null, Patience, Timeout.InfiniteTimeSpan);
            if (steps.Activity is null)
                return ValueTask.CompletedTask;
        }

        return PostStepAsync(steps, ProgressRecordType.Processing);
    }

    /// <summary>Takes the displays of steps away, if there are any.</summary>
    public async ValueTask EndStepsAsync()
    {
        List<Steps> shown;
        lock (_steps)
        {
            _ended = true;
            foreach (var steps in _steps.Values)
                steps.Later?.Dispose();
            shown = [.. _steps.Values.Where(steps => steps.Activity is not null)];
        }

        foreach (var steps in shown)
            await PostStepAsync(steps, ProgressRecordType.Completed).ConfigureAwait(false);
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

    private void ShowSteps(Steps steps)
    {
        lock (_steps)
        {
            if (_ended)
                return;
            steps.Activity = Interlocked.Increment(ref s_activities);
            _ = PostStepAsync(steps, ProgressRecordType.Processing).AsTask();
        }
    }

    private ValueTask PostStepAsync(Steps steps, ProgressRecordType type)
    {
        var record = new ProgressRecord(steps.Activity!.Value, steps.Node, steps.Step) { RecordType = type };
        return pump.PostAsync(cmdlet => cmdlet.WriteProgress(record), stopping);
    }

    private sealed class Steps(string node)
    {
        public string Node => node;

        public string Step { get; set; } = "";

        public Timer? Later { get; set; }

        public int? Activity { get; set; }
    }
}
