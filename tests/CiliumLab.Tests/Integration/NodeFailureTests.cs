using System.Management.Automation;
using CiliumLab.Model;

namespace CiliumLab.Tests.Integration;

/// <summary>What a user sees when a node breaks: a clear error about that node, and the answers of the others.</summary>
public sealed class NodeFailureTests(NodeLab lab) : NodeLabTests(lab)
{
    private const string Broken = "k8s-w1";

    [Fact]
    public void Connecting_pins_every_node_and_makes_the_lab_the_current_one()
    {
        using var lab = new LabPrompt(Lab);

        var cluster = Assert.IsType<LabCluster>(Assert.Single(lab.Connected.Output).BaseObject);
        Assert.Empty(lab.Connected.Errors);
        Assert.Equal(["k8s-ctr", "k8s-w1", "k8s-w2"], cluster.Nodes);
        Assert.True(cluster.Current);
        Assert.Equal(LabState.Connected, cluster.State);
        Assert.Equal(3, File.ReadAllLines(Path.Combine(cluster.Path, "known_hosts")).Length);
        Assert.Equal(3, lab.Prompt.Get("Get-LabNode").Count(node => node.Properties["State"].Value is NodeState.Reachable));
    }

    [Fact]
    public async Task A_node_whose_sshd_is_gone_is_one_error_and_the_others_answer()
    {
        using var lab = new LabPrompt(Lab);
        await using var fault = await Lab.KillSshd(Broken);

        var outcome = lab.Prompt.Run("Invoke-NodeCommand hostname");

        AssertOneFailure(outcome, "NodeUnreachable", ErrorCategory.ConnectionError);
        var node = lab.Prompt.Get("Get-LabNode k8s-w1").Single().BaseObject;
        Assert.Equal(NodeState.Unreachable, Assert.IsType<LabNode>(node).State);
        Assert.Contains("cannot be reached", ((LabNode)node).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_where_nothing_listens_is_refused_in_words()
    {
        await using var port = Lab.OpenPort(Broken);
        using var lab = new LabPrompt(Lab, port);
        port.Refuse();

        var outcome = lab.Prompt.Run("Invoke-NodeCommand hostname");

        AssertOneFailure(outcome, "NodeUnreachable", ErrorCategory.ConnectionError);
        Assert.Contains("connection refused; nothing listens there", outcome.Errors[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killing_sshd_in_the_middle_of_a_command_says_that_its_end_is_not_known()
    {
        using var lab = new LabPrompt(Lab);
        var seconds = Random.Shared.Next(10_000, 99_999);
        var running = Task.Run(() => lab.Prompt.Run($"Invoke-NodeCommand -Node k8s-w1 sleep {seconds}"), Cancellation);
        while (!(await Lab.RunOnNode(Broken, "ps", "-eo", "args")).Contains($"sleep {seconds}", StringComparison.Ordinal))
            Cancellation.ThrowIfCancellationRequested();

        await using (await Lab.KillSshd(Broken))
        {
            var outcome = await running;

            var error = Assert.Single(outcome.Errors);
            Assert.StartsWith("NodeConnectionLost,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Equal(Broken, error.TargetObject);
            Assert.Contains("Whether the command finished there is not known.", error.ToString(), StringComparison.Ordinal);
        }

        await Lab.TryOnNode(Broken, "pkill", "-f", $"sleep {seconds}");
        Assert.Equal("k8s-w1", lab.Prompt.Get("(Invoke-NodeCommand -Node k8s-w1 hostname).Output.Trim()").Single().BaseObject);
    }

    [Fact]
    public async Task A_pooled_connection_that_died_is_made_anew_once_without_a_word()
    {
        await using var port = Lab.OpenPort(Broken);
        using var lab = new LabPrompt(Lab, port);
        Assert.Equal(1, port.Accepted);

        port.Cut();
        var outcome = lab.Prompt.Run("Invoke-NodeCommand hostname");

        Assert.Empty(outcome.Errors);
        Assert.Equal(3, outcome.Output.Count);
        Assert.Equal(2, port.Accepted);
    }

    [Fact]
    public async Task A_node_that_falls_silent_in_the_middle_of_a_command_is_noticed()
    {
        await using var port = Lab.OpenPort(Broken);
        using var lab = new LabPrompt(Lab, port);
        var running = Task.Run(() => lab.Prompt.Run("Invoke-NodeCommand -Node k8s-w1 sleep 3600"), Cancellation);
        while (!(await Lab.RunOnNode(Broken, "ps", "-eo", "args")).Contains("sleep 3600", StringComparison.Ordinal))
            Cancellation.ThrowIfCancellationRequested();

        port.Deaf = true;
        var outcome = await running;

        Assert.StartsWith("NodeConnectionLost,", Assert.Single(outcome.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        await Lab.TryOnNode(Broken, "pkill", "-f", "sleep 3600");
    }

    [Fact]
    public async Task A_changed_host_key_is_refused_with_both_fingerprints_until_it_is_reset()
    {
        using var lab = new LabPrompt(Lab);
        var before = await Lab.HostKeyFingerprint(Broken);
        await using var fault = await Lab.ChangeHostKey(Broken);
        await Lab.KillSshSessions(Broken);
        var after = await Lab.HostKeyFingerprint(Broken);

        var outcome = lab.Prompt.Run("Invoke-NodeCommand hostname");

        AssertOneFailure(outcome, "HostKeyChanged", ErrorCategory.AuthenticationError);
        Assert.Contains(before, outcome.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Contains(after, outcome.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Contains("Reset-LabHostKey -Lab real -Node k8s-w1", outcome.Errors[0].ErrorDetails.RecommendedAction, StringComparison.Ordinal);

        lab.Prompt.Get("Reset-LabHostKey k8s-w1 -WhatIf");
        AssertOneFailure(lab.Prompt.Run("Invoke-NodeCommand hostname"), "HostKeyChanged", ErrorCategory.AuthenticationError);
        lab.Prompt.Get("Reset-LabHostKey k8s-w1");
        Assert.Equal(3, lab.Prompt.Get("Invoke-NodeCommand hostname").Count);
    }

    [Fact]
    public async Task A_full_disk_leaves_the_file_as_it_was_and_the_other_nodes_change()
    {
        const string Flags = "/var/lib/kubelet/kubeadm-flags.env";
        using var lab = new LabPrompt(Lab);
        var before = await Lab.RunOnNode(Broken, "cat", Flags);
        var files = await Lab.RunOnNode(Broken, "ls", "-A", "/var/lib/kubelet");
        try
        {
            await using (await Lab.FillDisk(Broken))
            {
                var outcome = lab.Prompt.Run("Set-NodeInternalIp -Interface eth1");

                AssertOneFailure(outcome, "NodeDiskFull", ErrorCategory.ResourceUnavailable);
                Assert.Contains("No space left on device", outcome.Errors[0].ToString(), StringComparison.Ordinal);
                Assert.All(outcome.Output, result => Assert.True((bool)result.Properties["Changed"].Value));
            }

            Assert.Equal(before, await Lab.RunOnNode(Broken, "cat", Flags));
            Assert.Equal(files, await Lab.RunOnNode(Broken, "ls", "-A", "/var/lib/kubelet"));
        }
        finally
        {
            foreach (var node in Lab.Nodes)
            {
                await Lab.ScriptOnNode(
                    node, $"for b in {Flags}.ciliumlab-*.bak; do [ -e \"$b\" ] && mv \"$b\" {Flags}; done; systemctl restart kubelet");
            }
        }
    }

    [Fact]
    public async Task A_delayed_node_answers_late_and_holds_nobody_up()
    {
        await using var port = Lab.OpenPort(Broken);
        using var lab = new LabPrompt(Lab, port);
        port.Delay = TimeSpan.FromMilliseconds(400);

        var nodes = lab.Prompt.Get("Invoke-NodeCommand hostname").Select(result => result.Properties["Node"].Value).ToList();

        Assert.Equal(Broken, nodes[2]);
        Assert.Equal(3, nodes.Count);
    }

    [Fact]
    public async Task Stopping_a_cmdlet_ends_the_commands_on_all_nodes()
    {
        using var lab = new LabPrompt(Lab);
        var seconds = Random.Shared.Next(10_000, 99_999);
        using var shell = System.Management.Automation.PowerShell.Create(lab.Prompt.Runspace);
        shell.AddScript($"Invoke-NodeCommand -Sudo sleep {seconds}");
        var running = shell.BeginInvoke();
        foreach (var node in Lab.Nodes)
            await Until(node, seconds, alive: true);

        shell.Stop();

        Assert.Throws<PipelineStoppedException>(() => { shell.EndInvoke(running); });
        foreach (var node in Lab.Nodes)
            await Until(node, seconds, alive: false);
    }

    private async Task Until(string node, int seconds, bool alive)
    {
        while ((await Lab.RunOnNode(node, "ps", "-eo", "args")).Contains($"sleep {seconds}", StringComparison.Ordinal) != alive)
            Cancellation.ThrowIfCancellationRequested();
    }

    private static void AssertOneFailure(Cmdlets.Outcome outcome, string errorId, ErrorCategory category)
    {
        var error = Assert.Single(outcome.Errors);
        Assert.StartsWith(errorId + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Equal(Broken, error.TargetObject);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Equal(["k8s-ctr", "k8s-w2"], outcome.Output.Select(result => (string)result.Properties["Node"].Value).Order());
    }
}
