using System.Management.Automation;
using CiliumLab.Engine.Cni;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;
using CiliumLab.Tests.Cni;

namespace CiliumLab.Tests.Integration;

/// <summary>What goes wrong while leftovers are removed: nothing is half done, and the next run finishes.</summary>
public sealed class CniArtifactFaultTests(NodeLab lab) : NodeLabTests(lab)
{
    private const string Broken = "k8s-w1";
    private const string Restore = "/usr/local/sbin/iptables-nft-restore";

    // What iptables-nft-restore does instead of changing nat, and what is said about it. filter has been changed by then.
    private static readonly (string Fault, string Reason)[] Faults =
    [
        ("echo 'iptables-restore: line 9 failed: Memory allocation problem.' >&2; exit 1", "Memory allocation problem"),
        ("exit 0", "still there: "),
        (
            "printf '%s\\n' \"$input\" | sed '1a -D POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE' | /usr/sbin/iptables-nft-restore \"$@\"; exit",
            "changed or lost: [22:2200] -A POSTROUTING"),
    ];

    [Fact]
    public async Task A_table_that_is_not_changed_as_it_should_be_puts_all_tables_back()
    {
        await using var strangers = await Lab.WithStrangers();
        await Lab.LayLeftovers();
        using var lab = new LabPrompt(Lab);
        var before = await RulesAsync();
        foreach (var (fault, reason) in Faults)
        {
            await using (await ReplaceRestoreAsync($"""
                input=$(cat)
                if [[ $* != *--test* && $* != *--table=* && $input == '*nat'* ]]; then {fault}; fi
                printf '%s\n' "$input" | /usr/sbin/iptables-nft-restore "$@"
                """))
            {
                var error = Assert.Single(lab.Prompt.Run("Remove-KubeProxy k8s-w1 -Confirm:$false").Errors);

                Assert.Contains(reason, $"{error}", StringComparison.Ordinal);
                Assert.Contains("All rules are as they were.", $"{error}", StringComparison.Ordinal);
                Assert.Equal(before, await RulesAsync());
            }
        }

        await using (await ReplaceRestoreAsync("echo only tests come here: $* >&2; exit 3"))
        {
            var outcome = lab.Prompt.Run("Remove-KubeProxy -Confirm:$false");

            AssertOneFailure(outcome, "IptablesNotChanged", ErrorCategory.FromStdErr);
            Assert.Contains("only tests come here: --wait=30 --counters --noflush --test Nothing was changed.", $"{outcome.Errors[0]}", StringComparison.Ordinal);
            Assert.Equal(before, await RulesAsync());
        }

        await AssertNextRunFinishesAsync(lab);
    }

    [Fact]
    public async Task Without_root_or_room_for_a_backup_nothing_is_removed()
    {
        await using var strangers = await Lab.WithStrangers();
        await Lab.LayLeftovers();
        using var lab = new LabPrompt(Lab);
        var before = Artifacts(lab, Broken);

        await using var alice = Lab.Session("alice");
        var refused = await Assert.ThrowsAsync<LabException>(
            () => CniArtifacts.RemoveAsync(alice.Shell(Broken), cluster: null, CniArtifactOwner.Flannel, new RecordingDialog(), TimeProvider.System, Cancellation));
        Assert.Equal(("SudoRefused", LabErrorKind.PermissionDenied), (refused.ErrorId, refused.Kind));

        await using (await Lab.FillDisk(Broken))
        {
            AssertOneFailure(lab.Prompt.Run("Remove-FlannelArtifacts -Confirm:$false"), "NodeDiskFull", ErrorCategory.ResourceUnavailable);
            Assert.Equal(before, Artifacts(lab, Broken));
            Assert.Equal("", await Lab.ScriptOnNode(Broken, "ls /var/lib/ciliumlab/backup 2> /dev/null || true"));
        }

        await AssertNextRunFinishesAsync(lab);
    }

    [Fact]
    public async Task Each_run_goes_on_where_the_last_one_was_cut_off()
    {
        await using var strangers = await Lab.WithStrangers();
        await Lab.LayLeftovers();
        var before = await RulesAsync();
        await using var port = Lab.OpenPort(Broken);
        await using var gone = Lab.Session(through: port);
        var shell = new WatchedShell(gone.Shell(Broken), command =>
        {
            if (command.Arguments[0].EndsWith("-restore", StringComparison.Ordinal) && !command.Arguments.Contains("--test"))
                port.Refuse();
        });
        var dialog = new RecordingDialog();
        var error = await Assert.ThrowsAsync<LabException>(
            () => CniArtifacts.RemoveAsync(shell, cluster: null, CniArtifactOwner.Flannel, dialog, TimeProvider.System, Cancellation));
        Assert.Equal((LabErrorKind.ConnectionError, Broken), (error.Kind, error.Target));
        Assert.Empty(dialog.Removals);
        Assert.Equal(before, await RulesAsync());

        await using var session = Lab.Session();
        foreach (var end in new[] { CniArtifactKind.Chain, CniArtifactKind.NftTable, CniArtifactKind.Link, CniArtifactKind.Folder })
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var stopping = new RecordingDialog(removal =>
            {
                if (removal.Kind == end)
                    stop.Cancel();
                stop.Token.ThrowIfCancellationRequested();
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => CniArtifacts.RemoveAsync(session.Shell(Broken), cluster: null, CniArtifactOwner.Flannel, stopping, TimeProvider.System, stop.Token));
        }

        using var lab = new LabPrompt(Lab);
        await AssertNextRunFinishesAsync(lab);
    }

    /// <summary>Puts a script before iptables-nft-restore of the node; it goes when disposed.</summary>
    private async Task<IAsyncDisposable> ReplaceRestoreAsync(string script)
    {
        await Lab.ScriptOnNode(Broken, $"cat > {Restore} <<'SCRIPT'\n#!/bin/bash\n{script}\nSCRIPT\nchmod 755 {Restore}");
        return new Repair(() => Lab.RunOnNode(Broken, "rm", "-f", Restore));
    }

    private async Task AssertNextRunFinishesAsync(LabPrompt lab)
    {
        lab.Prompt.Get("Remove-FlannelArtifacts -Confirm:$false; Remove-KubeProxy -Confirm:$false");
        Assert.Empty(lab.Prompt.Get("Get-CniArtifact"));
        Assert.DoesNotContain(await RulesAsync(), line => line.Contains("-j KUBE-SERVICES", StringComparison.Ordinal) || line.Contains("-j FLANNEL-FWD", StringComparison.Ordinal));
    }

    private async Task<IReadOnlyList<string>> RulesAsync() =>
        [.. (await Lab.ScriptOnNode(Broken, "iptables-nft-save; iptables-legacy-save; ip6tables-nft-save; ip6tables-legacy-save"))
            .Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(" [")[0]).Order(StringComparer.Ordinal)];

    private static List<string> Artifacts(LabPrompt lab, string node) =>
        [.. lab.Prompt.Get("Get-CniArtifact $args[0]", node).Select(item => $"{item.BaseObject}").Order(StringComparer.Ordinal)];

    private static void AssertOneFailure(Outcome outcome, string errorId, ErrorCategory category)
    {
        var error = Assert.Single(outcome.Errors);
        Assert.StartsWith(errorId + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal((category, (object)Broken), (error.CategoryInfo.Category, error.TargetObject));
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        var removals = outcome.Output.Select(item => Assert.IsType<CniArtifactRemoval>(item.BaseObject)).ToList();
        Assert.Equal(["k8s-ctr", "k8s-w2"], removals.Select(removal => removal.Node).Distinct().Order());
        Assert.All(removals, removal => Assert.True(removal.Removed));
    }

    /// <summary>Tells of each command before it starts on the node.</summary>
    private sealed class WatchedShell(INodeShell shell, Action<NodeCommand> starting) : INodeShell
    {
        public string Lab => shell.Lab;

        public NodeDescription Description => shell.Description;

        public Task<IRunningCommand> StartAsync(NodeCommand command, CancellationToken cancellationToken)
        {
            starting(command);
            return shell.StartAsync(command, cancellationToken);
        }

        public Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken) => shell.ReadFileAsync(path, cancellationToken);

        public Task<string?> WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            shell.WriteFileAsync(path, content, cancellationToken);

        public Task<string?> DeleteFileAsync(string path, CancellationToken cancellationToken) => shell.DeleteFileAsync(path, cancellationToken);
    }
}
