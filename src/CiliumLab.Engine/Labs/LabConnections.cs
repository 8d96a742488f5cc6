using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Model;

namespace CiliumLab.Engine.Labs;

/// <summary>The labs that one runspace has open, and which of them is the current one.</summary>
/// <param name="store">The labs that are known on this computer.</param>
public sealed class LabConnections(LabStore store) : IAsyncDisposable
{
    private readonly Dictionary<string, LabSession> _open = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();

    /// <summary>The labs that are known on this computer.</summary>
    public LabStore Store => store;

    /// <summary>The lab that cmdlets without <c>-Lab</c> use; null when there is none.</summary>
    public string? Current { get; private set; }

    /// <summary>The names of the labs that are open here.</summary>
    public IReadOnlyList<string> Open
    {
        get
        {
            lock (_gate)
                return [.. _open.Keys];
        }
    }

    /// <summary>The session of a lab, opened when it is not yet.</summary>
    /// <param name="lab">The lab's name; null for the current lab.</param>
    /// <exception cref="LabException"><c>NoCurrentLab</c> or <c>LabNotFound</c>.</exception>
    public LabSession Session(string? lab)
    {
        lock (_gate)
        {
            var name = lab ?? Current ?? throw NoCurrentLab([.. _open.Keys]);
            return _open.TryGetValue(name, out var session) ? session : Add(store.Read(name), SshCredential.None);
        }
    }

    /// <summary>Opens a lab anew and makes it the current one; a session that was open before is closed.</summary>
    public async Task<LabSession> ConnectAsync(LabDescription lab, SshCredential credential)
    {
        await CloseAsync(lab.Name).ConfigureAwait(false);
        lock (_gate)
        {
            Current = lab.Name;
            return Add(lab, credential);
        }
    }

    /// <summary>Closes a lab's connections.</summary>
    /// <returns>False when it was not open.</returns>
    public async Task<bool> CloseAsync(string lab)
    {
        LabSession? session;
        lock (_gate)
        {
            if (string.Equals(Current, lab, StringComparison.OrdinalIgnoreCase))
                Current = null;
            if (!_open.Remove(lab, out session))
                return false;
        }

        await session.DisposeAsync().ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var name in Open)
            await CloseAsync(name).ConfigureAwait(false);
    }

    private LabSession Add(LabDescription lab, SshCredential credential) =>
        _open[lab.Name] = LabSessionFactory.Open(lab, store.Folder(lab.Name), credential);

    private static LabException NoCurrentLab(string[] open) =>
        new(
            "NoCurrentLab",
            LabErrorKind.InvalidOperation,
            open.Length == 0
                ? "No lab is connected in this session, and -Lab was not given."
                : $"No lab is the current one, and -Lab was not given. Connected are: {string.Join(", ", open)}.",
            recommendedAction: open.Length == 0
                ? "Open one with: Connect-LabCluster NAME (known labs: Get-LabCluster) or Connect-LabCluster -Inventory FILE"
                : $"Make one current with: Connect-LabCluster {open[0]}, or name it with -Lab {open[0]}");
}
