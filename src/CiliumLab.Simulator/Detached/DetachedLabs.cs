using System.Diagnostics;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;

namespace CiliumLab.Simulator.Detached;

/// <summary>Labs that live in a process of their own each, and that every process of their owner reaches.</summary>
/// <param name="files">Knows the snapshots that lie in labs' folders.</param>
internal sealed class DetachedLabs(InProcessLabs files) : ISimulatedLabs
{
    // A process that does not answer for so long is ended when its lab is to be removed.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public LabProvider Kind => LabProvider.Simulator;

    /// <inheritdoc/>
    public async Task<LabDescription> CreateAsync(string name, LabTopology topology, string folder, LabStep step, CancellationToken cancellationToken)
    {
        var lab = InProcessLabs.Describe(name, topology, folder);
        try
        {
            return await StartAsync(lab, folder, step, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await RemoveAsync(lab, folder, step, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<LabPower> PowerAsync(LabDescription lab, string folder, CancellationToken cancellationToken) =>
        new(await LabControl.AnswersAsync(folder, cancellationToken).ConfigureAwait(false) ? LabPowerState.Running : LabPowerState.Stopped);

    /// <inheritdoc/>
    public async Task<LabDescription> StartAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken)
    {
        await HostedAsync(lab, folder, Request(ControlOperation.Start, lab), step, cancellationToken).ConfigureAwait(false);
        return lab;
    }

    /// <inheritdoc/>
    public async Task StopAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken)
    {
        if (!await LabControl.AnswersAsync(folder, cancellationToken).ConfigureAwait(false))
            return;
        using var process = LabHostFile.Read(folder)?.Process();
        await Control(lab, folder).DoAsync(Request(ControlOperation.Stop, lab), cancellationToken, step).ConfigureAwait(false);
        if (process is not null)
            await GoneAsync(process, folder, cancellationToken).ConfigureAwait(false);
    }

    // Whoever starts the lab at the same moment may keep the process: then it does not end, and answers again.
    private static async Task GoneAsync(Process process, string folder, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var look = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            look.CancelAfter(LookAgain);
            try
            {
                await process.WaitForExitAsync(look.Token).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                if (await LabControl.AnswersAsync(folder, cancellationToken).ConfigureAwait(false))
                    return;
            }
        }
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken)
    {
        if (await LabControl.AnswersAsync(folder, cancellationToken).ConfigureAwait(false) && LabHostFile.Read(folder)?.Process() is { } process)
        {
            using (process)
                await EndAsync(process, lab, folder, step, cancellationToken).ConfigureAwait(false);
        }

        LabHostFile.Clear(folder);
    }

    /// <inheritdoc/>
    public INodeShell Reach(LabDescription lab, NodeDescription node, string folder, SshCredential credential) =>
        LabHostFile.Read(folder) is null ? throw DetachedErrors.NotRunning(lab.Name) : new DetachedNodeShell(Control(lab, folder), lab.Name, node);

    /// <inheritdoc/>
    public Task<LabFault> SetAsync(LabDescription lab, string folder, LabFault fault, CancellationToken cancellationToken) =>
        Control(lab, folder).AskAsync<LabFault>(new ControlRequest { Operation = ControlOperation.SetFault, Fault = fault }, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LabFault>> GetAsync(LabDescription lab, string folder, CancellationToken cancellationToken) =>
        Control(lab, folder).AskAsync<IReadOnlyList<LabFault>>(new ControlRequest { Operation = ControlOperation.GetFaults }, cancellationToken);

    /// <inheritdoc/>
    public Task ClearAsync(LabDescription lab, string folder, int id, CancellationToken cancellationToken) =>
        Control(lab, folder).DoAsync(new ControlRequest { Operation = ControlOperation.ClearFault, Id = id }, cancellationToken);

    /// <inheritdoc/>
    public Task<LabSnapshot> CheckpointAsync(
        LabDescription lab, string folder, string name, string? description, bool replace, LabStep step, CancellationToken cancellationToken) =>
        Control(lab, folder).AskAsync<LabSnapshot>(
            new ControlRequest { Operation = ControlOperation.Checkpoint, Snapshot = name, Description = description, Replace = replace }, cancellationToken, step);

    /// <inheritdoc/>
    public Task RestoreAsync(LabDescription lab, string folder, string name, LabStep step, CancellationToken cancellationToken) =>
        HostedAsync(lab, folder, Request(ControlOperation.Restore, lab) with { Snapshot = name }, step, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LabSnapshot>> SnapshotsAsync(LabDescription lab, string folder, CancellationToken cancellationToken) =>
        files.SnapshotsAsync(lab, folder, cancellationToken);

    /// <inheritdoc/>
    public Task RemoveSnapshotAsync(LabDescription lab, string folder, string name, CancellationToken cancellationToken) =>
        files.RemoveSnapshotAsync(lab, folder, name, cancellationToken);

    private static LabControl Control(LabDescription lab, string folder) => new(lab.Name, folder);

    private static ControlRequest Request(ControlOperation operation, LabDescription lab) => new() { Operation = operation, Lab = LabYaml.Write(lab) };

    // A process that answered may be about to end, because somebody else stops the lab at this moment: another one takes over.
    private static async Task HostedAsync(LabDescription lab, string folder, ControlRequest request, LabStep step, CancellationToken cancellationToken)
    {
        for (var triesLeft = 3; ; triesLeft--)
        {
            await LabHostLauncher.EnsureAsync(lab.Name, folder, cancellationToken).ConfigureAwait(false);
            try
            {
                await Control(lab, folder).DoAsync(request, cancellationToken, step).ConfigureAwait(false);
                return;
            }
            catch (LabException error) when (triesLeft > 1 && (error.ErrorId is DetachedErrors.LostId or DetachedErrors.NotRunningId))
            {
            }
        }
    }

    private static async Task EndAsync(Process process, LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await Control(lab, folder).DoAsync(Request(ControlOperation.Remove, lab), patience.Token, step).ConfigureAwait(false);
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (LabException)
        {
            // It ends by itself, or hangs: what it says does not matter any more.
            await EndByForceAsync(process).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await EndByForceAsync(process).ConfigureAwait(false);
        }
    }

    private static async Task EndByForceAsync(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
