namespace CiliumLab.Simulator.Nodes.Services;

/// <summary>What happened to a unit of systemd.</summary>
internal enum ServiceChange
{
    Started,
    Stopped,
    Restarted,
}

/// <summary>A unit of systemd.</summary>
internal sealed class NodeService(string name, string description)
{
    /// <summary>Its name without <c>.service</c>.</summary>
    public string Name { get; } = name;

    /// <summary>What it is.</summary>
    public string Description { get; } = description;

    /// <summary>The program that it runs.</summary>
    public string Command { get; init; } = "";

    /// <summary>Where its unit file lies.</summary>
    public string UnitFile { get; init; } = $"/usr/lib/systemd/system/{name}.service";

    /// <summary>Drop-in files.</summary>
    public IReadOnlyList<string> DropIns { get; init; } = [];

    /// <summary>Where its documentation is.</summary>
    public string? Documentation { get; init; }

    /// <summary>Whether it starts at boot.</summary>
    public bool IsEnabled { get; internal set; } = true;

    /// <summary>Whether it runs.</summary>
    public bool IsActive { get; internal set; }

    /// <summary>Whether it ended in failure.</summary>
    public bool HasFailed { get; internal set; }

    /// <summary>Its process; 0 when it does not run.</summary>
    public int ProcessId { get; internal set; }

    /// <summary>Since when it is as it is.</summary>
    public DateTimeOffset Since { get; internal set; }

    /// <summary>How often it was restarted after failing.</summary>
    public int RestartCount { get; internal set; }

    /// <summary>Lines of its journal, the latest last.</summary>
    public IReadOnlyList<(DateTimeOffset Time, string Text)> Journal { get; internal set; } = [];

    /// <summary>Memory that it takes, in bytes.</summary>
    public ulong Memory { get; init; } = 12_582_912;
}

/// <summary>The units of a node. A controller that stands for a unit subscribes to <see cref="Changed"/>.</summary>
internal sealed class NodeServices
{
    private readonly Lock _gate;
    private readonly TimeProvider _clock;
    private readonly List<NodeService> _services = [];
    private int _lastProcess = 600;

    /// <param name="gate">Guards the units; the node's.</param>
    /// <param name="clock">Where times come from.</param>
    public NodeServices(Lock gate, TimeProvider clock) => (_gate, _clock) = (gate, clock);

    /// <summary>
    /// Raised after a unit was started, stopped or restarted, outside of the node's lock, before the program that did it goes on:
    /// what a handler does at once is done when <c>systemctl restart</c> returns.
    /// </summary>
    public event Action<NodeService, ServiceChange>? Changed;

    /// <summary>Asked before a unit is started; what it returns is why that fails. Faults use it.</summary>
    public Func<NodeService, string?> StartRefusal { get; set; } = static _ => null;

    /// <summary>The units.</summary>
    public IReadOnlyList<NodeService> All
    {
        get
        {
            lock (_gate)
                return [.. _services];
        }
    }

    /// <summary>A unit by its name, with or without <c>.service</c>; null when there is none.</summary>
    public NodeService? Find(string name)
    {
        var plain = name.EndsWith(".service", StringComparison.Ordinal) ? name[..^".service".Length] : name;
        lock (_gate)
            return _services.Find(service => service.Name == plain);
    }

    /// <summary>Installs a unit.</summary>
    public NodeService Add(NodeService service, bool start = true)
    {
        lock (_gate)
        {
            _services.Add(service);
            service.Since = _clock.GetUtcNow();
            if (start)
                MarkStarted(service);
            return service;
        }
    }

    /// <summary>The machine booted: the enabled units run, with new processes, and nobody is told.</summary>
    public void Boot()
    {
        lock (_gate)
        {
            foreach (var service in _services)
            {
                (service.IsActive, service.HasFailed, service.ProcessId, service.RestartCount) = (false, false, 0, 0);
                service.Since = _clock.GetUtcNow();
                if (service.IsEnabled)
                    MarkStarted(service);
            }
        }
    }

    /// <summary>Starts a unit that does not run.</summary>
    public void Start(NodeService service)
    {
        lock (_gate)
        {
            if (service.IsActive)
                return;
            ThrowIfRefused(service);
            MarkStarted(service);
        }

        Changed?.Invoke(service, ServiceChange.Started);
    }

    /// <summary>Stops a unit that runs.</summary>
    public void Stop(NodeService service)
    {
        lock (_gate)
        {
            if (!service.IsActive)
                return;
            service.IsActive = false;
            service.ProcessId = 0;
            service.Since = _clock.GetUtcNow();
        }

        Changed?.Invoke(service, ServiceChange.Stopped);
    }

    /// <summary>Stops a unit when it runs, and starts it.</summary>
    public void Restart(NodeService service)
    {
        lock (_gate)
        {
            service.IsActive = false;
            service.ProcessId = 0;
            ThrowIfRefused(service);
            MarkStarted(service);
        }

        Changed?.Invoke(service, ServiceChange.Restarted);
    }

    /// <summary>Writes a line into a unit's journal.</summary>
    public void Log(NodeService service, string text)
    {
        lock (_gate)
            service.Journal = [.. service.Journal.TakeLast(999), (_clock.GetUtcNow(), text)];
    }

    /// <summary>Lets a unit start at boot, or not.</summary>
    public void SetEnabled(NodeService service, bool enabled)
    {
        lock (_gate)
            service.IsEnabled = enabled;
    }

    private void ThrowIfRefused(NodeService service)
    {
        if (StartRefusal(service) is not { } reason)
            return;
        service.IsActive = false;
        service.HasFailed = true;
        service.ProcessId = 0;
        service.Since = _clock.GetUtcNow();
        throw new KernelException(Errno.InputOutput, reason);
    }

    private void MarkStarted(NodeService service)
    {
        service.IsActive = true;
        service.HasFailed = false;
        service.ProcessId = _lastProcess += 37;
        service.Since = _clock.GetUtcNow();
    }
}
