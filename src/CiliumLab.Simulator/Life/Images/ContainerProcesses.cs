using System.Collections.Concurrent;

namespace CiliumLab.Simulator.Life;

/// <summary>The processes that exec started in a container, by the numbers that they have in there; the container's own is 1.</summary>
internal sealed class ContainerProcesses
{
    private readonly ConcurrentDictionary<int, ContainerProcess> _running = new();
    private int _last = 1;

    /// <summary>The numbers of those that run.</summary>
    public IReadOnlyCollection<int> Running => [.. _running.Keys.Order()];

    /// <summary>A process begins.</summary>
    /// <param name="cancellationToken">Whoever started it went away.</param>
    public ContainerProcess Start(CancellationToken cancellationToken)
    {
        var process = new ContainerProcess(Interlocked.Increment(ref _last), this, cancellationToken);
        _running[process.Id] = process;
        return process;
    }

    /// <summary>Sends TERM to a process.</summary>
    /// <param name="id">The process.</param>
    /// <param name="sender">Who sends it; 0 for somebody outside.</param>
    /// <returns>False when there is no such process.</returns>
    public bool Terminate(int id, int sender = 0) => _running.TryGetValue(id, out var process) && process.Terminate(sender);

    /// <summary>A process has ended.</summary>
    internal void End(int id) => _running.TryRemove(id, out _);
}

/// <summary>A process that exec started in a container.</summary>
internal sealed class ContainerProcess : IDisposable
{
    /// <summary>What a shell says of a process that TERM ended.</summary>
    public const int TerminatedCode = 128 + 15;

    private readonly ContainerProcesses _all;
    private readonly CancellationTokenSource _end;

    internal ContainerProcess(int id, ContainerProcesses all, CancellationToken cancellationToken) =>
        (Id, _all, _end) = (id, all, CancellationTokenSource.CreateLinkedTokenSource(cancellationToken));

    /// <summary>Its number in the container.</summary>
    public int Id { get; }

    /// <summary>Ends it.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>Whether a signal ended it.</summary>
    public bool Terminated { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _all.End(Id);
        _end.Dispose();
    }

    /// <summary>Who sent the signal.</summary>
    public int Sender { get; private set; }

    internal bool Terminate(int sender)
    {
        (Terminated, Sender) = (true, sender);
        try
        {
            _end.Cancel();
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }
}
