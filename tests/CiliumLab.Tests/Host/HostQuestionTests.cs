namespace CiliumLab.Tests.Host;

/// <summary>The host asks on standard input, and never waits for an answer that cannot come.</summary>
public sealed class HostQuestionTests
{
    private const string Change =
        "function Set-It { [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')] param() "
        + "if ($PSCmdlet.ShouldProcess('k8s-w1', 'Change')) { 'changed' } else { 'left alone' } }; Set-It";

    [Theory]
    [InlineData("y\n", "changed")]
    [InlineData("Yes to All\n", "changed")]
    [InlineData("\n", "changed")]
    [InlineData("n\n", "left alone")]
    [InlineData("what\n?\nN\n", "left alone")]
    public async Task A_change_is_confirmed_from_standard_input(string answer, string result)
    {
        var outcome = await HostProcess.RunAsync(answer, null, ["-NoModule", "-Command", Change]);

        Assert.Contains("Performing the operation \"Change\" on target \"k8s-w1\".", outcome.Output, StringComparison.Ordinal);
        Assert.EndsWith(result + "\n", outcome.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("-NonInteractive")]
    public async Task A_question_that_nobody_can_answer_is_an_error(params string[] options)
    {
        var outcome = await HostProcess.RunAsync([.. options, "-NoModule", "-Command", "$ErrorActionPreference = 'Stop'; " + Change]);

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("asks for a choice (Yes, Yes to All, No, No to All, Suspend)", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("-Confirm:$false", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("changed", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIf_says_what_it_would_do()
    {
        var outcome = await HostProcess.RunAsync("-NoModule", "-Command", Change + " -WhatIf");

        Assert.Equal("What if: Performing the operation \"Change\" on target \"k8s-w1\".\nleft alone\n", outcome.Output);
    }

    [Fact]
    public async Task Mandatory_parameters_are_asked_for()
    {
        const string Command = """
            function It { param([Parameter(Mandatory)] [int] $Count, [Parameter(Mandatory)] [string[]] $Node) "$($Count + 1) $Node" }
            It
            """;

        var outcome = await HostProcess.RunAsync("7\nk8s-w1\nk8s-w2\n\n", null, ["-NoModule", "-Command", Command]);

        Assert.EndsWith("8 k8s-w1 k8s-w2\n", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_and_secrets_are_asked_for()
    {
        const string Command = """
            $login = $Host.UI.PromptForCredential('Log in', '', '', '')
            $secret = $Host.UI.ReadLineAsSecureString()
            "$($login.UserName) $($login.GetNetworkCredential().Password) $($secret.Length)"
            """;

        var outcome = await HostProcess.RunAsync("me\nopen sesame\nhidden\n", null, ["-NoModule", "-Command", Command]);

        Assert.EndsWith("me open sesame 6\n", outcome.Output, StringComparison.Ordinal);
    }
}
