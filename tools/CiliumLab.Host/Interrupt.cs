using System.Runtime.InteropServices;

namespace CiliumLab.Host;

/// <summary>Ctrl+C and termination: the first one stops what runs, the second one ends the process at once.</summary>
internal sealed class Interrupt : IDisposable
{
    private const int SignalBase = 128;

    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration[] _registrations;
    private CancellationTokenSource _source = new();

    public Interrupt() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, SignalBase + 2)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, SignalBase + 15)),
    ];

    /// <summary>The exit code that tells which signal it was; null while there was none.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token
    {
        get
        {
            lock (_lock)
                return _source.Token;
        }
    }

    /// <summary>Ctrl+C that was read as a key.</summary>
    public void Raise() => Cancel(SignalBase + 2);

    /// <summary>Forgets an earlier signal; the interactive prompt goes on after one.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            if (ExitCode is null)
                return;
            ExitCode = null;
            _source.Dispose();
            _source = new CancellationTokenSource();
        }
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context, int exitCode)
    {
        // Not cancelled, the signal does what it does by default: it ends the process.
        if (ExitCode is not null)
            return;
        context.Cancel = true;
        Cancel(exitCode);
    }

    private void Cancel(int exitCode)
    {
        CancellationTokenSource source;
        lock (_lock)
        {
            ExitCode ??= exitCode;
            source = _source;
        }

        source.Cancel();
    }
}
