using System.Management.Automation;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Runbooks;

public sealed class InvokeLabStepTests : IDisposable
{
    private readonly Prompt _prompt = new();

    public void Dispose() => _prompt.Dispose();

    [Fact]
    public void Runs_a_step_until_its_goal_is_reached_and_then_never_again()
    {
        _prompt.Get("$global:runs = 0; $global:asked = 0");
        const string Step = "Invoke-LabStep Count { $global:runs++ } -Until { $global:asked++; $global:runs -gt 0 -and $global:asked -gt 3 }";

        Assert.Equal((1, "Count", LabStepStatus.Done, null), Parts(Result(Step)));
        Assert.Equal(4, Number("$global:asked"));
        Assert.Equal(LabStepStatus.AlreadyDone, Result(Step).Status);
        Assert.Equal(1, Number("$global:runs"));
    }

    [Fact]
    public void Shows_heading_objects_and_outcome_in_their_order()
    {
        var screen = _prompt.Show("$null = Invoke-LabStep 'Look around' { [version]'1.2.3.4' }");

        Assert.Matches(@"^\n── 1\. Look around ─+\r?\n[\s\S]*Revision[\s\S]*1      2      3      4[\s\S]*   done in \d+\.\d s\r?\n$", screen);
    }

    [Fact]
    public void An_error_is_shown_and_makes_the_step_fail_but_the_rest_of_it_runs()
    {
        var outcome = _prompt.Run("Invoke-LabStep Break { Get-Command no-such; $global:after = 1; throw 'stop here' }");

        Assert.Equal((1, "Break", LabStepStatus.Failed, outcome.Errors[0].ToString()), Parts(Assert.IsType<LabStepResult>(outcome.Output.Single().BaseObject)));
        Assert.Equal(["CommandNotFoundException", "stop here"], outcome.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.Equal(1, Number("$global:after"));
    }

    [Fact]
    public void The_goal_decides_when_an_error_was_written_too()
    {
        var outcome = _prompt.Run("Invoke-LabStep Try { $global:there = 1; Get-Command no-such } -Until { $global:there }");

        Assert.Equal(LabStepStatus.Done, Assert.IsType<LabStepResult>(outcome.Output.Single().BaseObject).Status);
        Assert.Single(outcome.Errors);
    }

    [Fact]
    public void A_goal_that_is_not_reached_is_an_error_that_quotes_it()
    {
        var outcome = _prompt.Run("Invoke-LabStep Wait { } -Until { $global:never } -Timeout 0.3");

        var error = Assert.Single(outcome.Errors);
        Assert.Equal("LabStepGoalNotReached,CiliumLab.PowerShell.Runbooks.InvokeLabStepCommand", error.FullyQualifiedErrorId);
        Assert.Equal("Step 'Wait' ran without an error, but its condition does not hold 0.3 s later: $global:never", error.ToString());
        Assert.Equal(ErrorCategory.OperationTimeout, error.CategoryInfo.Category);
        Assert.Contains("run the runbook again", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(LabStepStatus.Failed, Assert.IsType<LabStepResult>(outcome.Output.Single().BaseObject).Status);
    }

    [Fact]
    public void Steps_after_a_failed_one_are_numbered_and_not_run()
    {
        var results = _prompt.Run(
            """
            $steps = [Collections.Generic.List[object]]::new()
            function Step($Title, $ScriptBlock, $Until) { $steps.Add((Invoke-LabStep $Title $ScriptBlock -Until $Until -After $steps)) }
            Step First { 1 }
            Step Second { throw 'no' }
            Step Third { $global:third = 1 } { $true }
            $steps
            """).Output.Select(result => Parts((LabStepResult)result.BaseObject));

        Assert.Equal(
            [(1, "First", LabStepStatus.Done, null), (2, "Second", LabStepStatus.Failed, "no"), (3, "Third", LabStepStatus.NotRun, "step 2, Second, failed")],
            results);
        Assert.Null(_prompt.Get("$global:third").Single());
    }

    [Fact]
    public void A_condition_that_fails_does_not_hold_and_its_error_is_only_verbose()
    {
        var outcome = _prompt.Run("Invoke-LabStep Make { $global:made = 1 } -Until { if (-not $global:made) { Get-Command no-such }; $true } -Verbose");

        Assert.Empty(outcome.Errors);
        Assert.Contains(outcome.Verbose, line => line.StartsWith("A condition of 'Make' cannot be told: The term 'no-such'", StringComparison.Ordinal));
        Assert.Equal(LabStepStatus.Done, Assert.IsType<LabStepResult>(outcome.Output.Single().BaseObject).Status);
    }

    [Fact]
    public void A_step_that_makes_no_sense_any_more_is_skipped_and_asked_only_before()
    {
        _prompt.Get("$global:looks = 0");
        const string Step = "Invoke-LabStep Look { $global:looks++ } -Unless { $global:looks -ge 2 }";

        Assert.Equal([LabStepStatus.Done, LabStepStatus.Done, LabStepStatus.AlreadyDone], [Result(Step).Status, Result(Step).Status, Result(Step).Status]);
        Assert.Equal(2, Number("$global:looks"));
    }

    [Fact]
    public void WhatIf_asks_the_condition_and_runs_nothing()
    {
        Assert.Equal((1, "Run", LabStepStatus.NotRun, "it was not confirmed"), Parts(Result("Invoke-LabStep Run { $global:ran = 1 } -Until { $false } -WhatIf")));
        Assert.Equal(LabStepStatus.AlreadyDone, Result("Invoke-LabStep Run { $global:ran = 1 } -Until { $true } -WhatIf").Status);
        Assert.Null(_prompt.Get("$global:ran").Single());
    }

    private LabStepResult Result(string script) => Assert.IsType<LabStepResult>(_prompt.Get(script).Single().BaseObject);

    private int Number(string script) => (int)_prompt.Get(script).Single().BaseObject;

    private static (int Number, string Title, LabStepStatus Status, string? Failure) Parts(LabStepResult result) =>
        (result.Number, result.Title, result.Status, result.Failure);
}
