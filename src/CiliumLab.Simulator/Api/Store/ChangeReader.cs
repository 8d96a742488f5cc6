namespace CiliumLab.Simulator.Api;

/// <summary>One watch's place in the history of a type.</summary>
internal sealed class ChangeReader
{
    private readonly ChangeLog _log;
    private readonly string? _namespace;
    private long _position;

    internal ChangeReader(ChangeLog log, string? ns, long resourceVersion, long position)
    {
        _log = log;
        _namespace = string.IsNullOrEmpty(ns) ? null : ns;
        _position = position;
        StartedAt = resourceVersion;
    }

    /// <summary>The resourceVersion after which this reader's changes begin.</summary>
    public long StartedAt { get; }

    /// <summary>The changes since the last call.</summary>
    /// <param name="more">Completes when there is more (perhaps of other namespaces).</param>
    /// <exception cref="ApiException">The changes are no longer known (410).</exception>
    public IReadOnlyList<ResourceEvent> Read(out Task more)
    {
        while (true)
        {
            var batch = _log.Read(ref _position, out more);
            if (batch.Count == 0 || _namespace is null)
                return batch;
            ResourceEvent[] mine = [.. batch.Where(e => e.Object.Namespace == _namespace)];
            if (mine.Length > 0)
                return mine;
        }
    }
}
