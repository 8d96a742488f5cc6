namespace CiliumLab.Engine.Nodes.Kubelet;

/// <summary>The kubelet's systemd unit.</summary>
/// <param name="shell">The node.</param>
/// <param name="clock">Measures how long the unit has been up.</param>
internal sealed class KubeletUnit(INodeShell shell, TimeProvider clock)
{
    // The unit is "active" as soon as the process exists; a kubelet that dislikes its flags ends within this time.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    // kubeadm's unit tries again after ten seconds; a kubelet that needed a second try for another reason is given it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Restarts the unit and waits until it runs and stays.</summary>
    /// <returns>Null when it runs; otherwise what went wrong, in the node's words.</returns>
    public async Task<string?> RestartAsync(CancellationToken cancellationToken)
    {
        var restart = await shell.RunAsync(NodeCommand.AsRoot("systemctl", "restart", "kubelet"), cancellationToken).ConfigureAwait(false);
        if (restart.ExitCode != 0)
            return $"'systemctl restart kubelet' ended with exit code {restart.ExitCode}: {restart.Error.Trim()}";
        var started = clock.GetTimestamp();
        var since = started;
        string? process = null;
        while (true)
        {
            var state = await StateAsync(cancellationToken).ConfigureAwait(false);
            if (state.Active != "active" || state.Process != process)
                (since, process) = (clock.GetTimestamp(), state.Active == "active" ? state.Process : null);
            else if (clock.GetElapsedTime(since) >= Settled)
                return null;
            if (state.Active == "failed" || clock.GetElapsedTime(started) > Patience)
                return $"the unit is {state.Active} ({state.Sub}). {await LastWordsAsync(cancellationToken).ConfigureAwait(false)}";
            await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(string Active, string Sub, string Process)> StateAsync(CancellationToken cancellationToken)
    {
        var output = await shell.ReadOutputAsync(
            NodeCommand.Of("systemctl", "show", "kubelet", "--property=ActiveState,SubState,MainPID"), cancellationToken).ConfigureAwait(false);
        var values = output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToLookup(pair => pair[0], pair => pair[1]);
        return (values["ActiveState"].FirstOrDefault("unknown"), values["SubState"].FirstOrDefault("unknown"), values["MainPID"].FirstOrDefault("0"));
    }

    private async Task<string> LastWordsAsync(CancellationToken cancellationToken)
    {
        var journal = await shell.RunAsync(
            NodeCommand.AsRoot("journalctl", "--unit=kubelet", "--lines=3", "--output=cat", "--no-pager"), cancellationToken).ConfigureAwait(false);
        var lines = journal.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return journal.ExitCode == 0 && lines.Length > 0
            ? $"Its last words: {string.Join(" | ", lines)}"
            : "Its journal says nothing.";
    }
}
