using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes.Iptables;

namespace CiliumLab.Simulator.Life;

/// <summary>
/// kube-proxy of one node in iptables mode: while its container runs, it keeps the node's rules up with services and their endpoints.
/// When it goes it leaves everything behind, as the real one does.
/// </summary>
internal sealed class KubeProxy : Controller
{
    private const string Canary = "KUBE-PROXY-CANARY";

    private static readonly TimeSpan ShortestPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CanaryPeriod = TimeSpan.FromSeconds(30);

    private readonly ContainerContext _container;
    private DateTimeOffset _syncedAt = DateTimeOffset.MinValue;
    private bool _isWaiting;
    private bool _isOver;

    /// <param name="container">Where it runs.</param>
    public KubeProxy(ContainerContext container)
        : base(container.Cluster.Loop)
    {
        _container = container;
        Watch();
    }

    private RuleSet Rules => _container.Node.Kernel.Network.Iptables;

    /// <summary>Ends it.</summary>
    public void End() => _isOver = true;

    /// <inheritdoc/>
    public override void Changed(ResourceEvent change)
    {
        if (change.Object.Type == ResourceTypes.Services || change.Object.Type == ResourceTypes.EndpointSlices)
            Enqueue("rules");
    }

    /// <inheritdoc/>
    public override void Reconcile(string key)
    {
        if (_isOver || _isWaiting)
            return;
        var due = _syncedAt + ShortestPeriod;
        if (Now < due && _container.Cluster.Timing != LifeTiming.Instant && _syncedAt != DateTimeOffset.MinValue)
        {
            _isWaiting = true;
            Loop.After(due - Now, () =>
            {
                _isWaiting = false;
                Enqueue(key);
            });
            return;
        }
        _syncedAt = Now;
        Write();
    }

    private void Watch() => Loop.After(CanaryPeriod, () =>
    {
        if (_isOver)
            return;
        if (((string[])["mangle", "nat", "filter"]).Any(table => Rules.Find(table)?.Find(Canary) is null))
            Enqueue("rules");
        Watch();
    });

    private void Write()
    {
        var options = new RestoreOptions(NoFlush: true);
        Func<string?> refusal = _container.Node.Faults.CommitRefusal;
        try
        {
            foreach (var table in (ReadOnlySpan<string>)["mangle", "nat", "filter"])
            {
                if (Rules.Find(table)?.Find(Canary) is null)
                    IptablesRestore.Run(Rules, $"*{table}\n:{Canary} - [0:0]\nCOMMIT\n", options, commitRefusal: refusal);
            }
            foreach (var (table, chain, target, rule) in ProxyRules.Jumps)
            {
                if (Rules.Find(table)?.Find(chain)?.Rules.Exists(r => r.Target == target) == true)
                    continue;
                var made = Rules.Find(table)?.Find(target) is null ? $":{target} - [0:0]\n" : "";
                IptablesRestore.Run(Rules, $"*{table}\n{made}-I {chain} {rule} -j {target}\nCOMMIT\n", options, commitRefusal: refusal);
            }
            var own = Rules.Find("nat")!.Chains.Select(static c => c.Name)
                .Where(static c => c.StartsWith("KUBE-SVC-", StringComparison.Ordinal) || c.StartsWith("KUBE-SEP-", StringComparison.Ordinal)
                    || c.StartsWith("KUBE-SVL-", StringComparison.Ordinal) || c.StartsWith("KUBE-EXT-", StringComparison.Ordinal));
            var services = ServicePort.All(Store, _container.Node.Name);
            IptablesRestore.Run(Rules, ProxyRules.Text(services, _container.Cluster.Settings.PodCidr, own), options, commitRefusal: refusal);
        }
        catch (RestoreException error)
        {
            _container.Log($"E \"Failed to execute iptables-restore\" ipFamily=\"IPv4\" err=\"exit status {error.ExitCode}: {error.Message}\"");
            Loop.After(CanaryPeriod, () => Enqueue("rules"));
        }
    }
}

/// <summary>The main process of the kube-proxy image.</summary>
internal sealed class KubeProxyProcess : IContainerProcess
{
    private KubeProxy? _proxy;

    /// <inheritdoc/>
    public ProcessOutcome Start(ContainerContext context)
    {
        context.Log($"I \"Successfully retrieved node IP(s)\" IPs=[\"{context.Address}\"]");
        context.Log("I \"Using iptables Proxier\"");
        context.Cluster.Loop.Add(_proxy = new KubeProxy(context));
        context.Cluster.Loop.Enqueue(_proxy, "rules");
        return ProcessOutcome.Runs;
    }

    /// <inheritdoc/>
    public void Stop(ContainerContext context)
    {
        if (_proxy is null)
            return;
        _proxy.End();
        context.Cluster.Loop.Remove(_proxy);
    }
}
