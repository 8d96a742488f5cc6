namespace CiliumLab.Engine.Text;

/// <summary>A call whose beginning strace has written, and whose end it will write later.</summary>
/// <param name="Line">The beginning.</param>
/// <param name="Name">The call's name.</param>
/// <param name="Raw">The beginning as it was written.</param>
internal sealed record UnfinishedCall(StraceLine Line, string Name, string Raw);

/// <summary>
/// The calls that are under way, at most one for each process. strace leaves the process out while there is only one, so a call may begin
/// without it and end with it, and the other way round.
/// </summary>
internal sealed class UnfinishedCalls
{
    private const int Unnamed = 0;

    private readonly Dictionary<int, UnfinishedCall> _calls = [];

    /// <summary>Those that are left.</summary>
    public IEnumerable<UnfinishedCall> All => _calls.Values;

    /// <summary>Keeps a call.</summary>
    /// <returns>The one of the same process that never ended; null when there is none.</returns>
    public UnfinishedCall? Add(UnfinishedCall call)
    {
        _calls.Remove(call.Line.ProcessId ?? Unnamed, out var earlier);
        _calls[call.Line.ProcessId ?? Unnamed] = call;
        return earlier;
    }

    /// <summary>Takes the call of a process; null when it has none.</summary>
    public UnfinishedCall? Take(int? process) => _calls.Remove(process ?? Unnamed, out var call) ? call : null;

    /// <summary>Takes the call of that name that a process goes on with; null when none was begun.</summary>
    public UnfinishedCall? Take(int? process, string name)
    {
        if (_calls.TryGetValue(process ?? Unnamed, out var own) && own.Name == name)
            return Take(process);
        var others = process is null ? _calls.Where(call => call.Value.Name == name).ToList() : [.. _calls.Where(call => call.Key == Unnamed && call.Value.Name == name)];
        return others is [var only] ? Take(only.Key) : null;
    }
}
