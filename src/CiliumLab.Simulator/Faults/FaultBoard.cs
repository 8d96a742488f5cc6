using System.IO.Enumeration;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Services;

namespace CiliumLab.Simulator.Faults;

/// <summary>What is broken in a cluster on purpose: sets it, counts how often it strikes, and mends it when that was often enough.</summary>
internal sealed class FaultBoard : IApiInterceptor
{
    private const string Kubelet = "kubelet";

    private readonly Lock _gate = new();
    private readonly SimulatedCluster _cluster;
    private readonly List<LabFault> _faults = [];
    private int _lastId;

    public FaultBoard(SimulatedCluster cluster)
    {
        _cluster = cluster;
        foreach (var node in cluster.Nodes)
        {
            node.Faults.Struck += kind => Strike(fault => fault.Kind == kind && fault.Node == node.Name);
            node.Services.Changed += (service, change) =>
            {
                if (service.Name == Kubelet && change != ServiceChange.Stopped)
                    Forget(LabFaultKind.KubeletStopped, node);
            };
        }
    }

    /// <summary>What is broken now, in the order in which it was set.</summary>
    public IReadOnlyList<LabFault> All
    {
        get
        {
            lock (_gate)
                return [.. _faults];
        }
    }

    /// <summary>Breaks something; what was broken in the same way at the same place is broken in the new way.</summary>
    /// <exception cref="LabException"><c>FaultSettingNotUsed</c> or <c>NodeNotFound</c>.</exception>
    public LabFault Set(LabFault wanted)
    {
        var node = LabFaultRules.IsOnNode(wanted.Kind) ? NodeOf(wanted) : null;
        var fault = LabFaultRules.Checked(wanted) with { Node = node?.Name, Hits = 0, Since = _cluster.Clock.GetUtcNow() };
        lock (_gate)
        {
            _faults.RemoveAll(other => other.Kind == fault.Kind && other.Node == fault.Node && other.ApiPath == fault.ApiPath);
            _faults.Add(fault = fault with { Id = ++_lastId });
        }

        if (node is not null)
            Apply(fault, node, isSet: true);
        return fault;
    }

    /// <summary>Mends something; nothing happens when it has ended by itself.</summary>
    public void Clear(int id)
    {
        LabFault? fault;
        lock (_gate)
        {
            fault = _faults.Find(other => other.Id == id);
            if (fault is not null)
                _faults.Remove(fault);
        }

        if (fault?.Node is not null)
            Apply(fault, NodeOf(fault), isSet: false);
    }

    /// <inheritdoc/>
    public ApiFault? Before(ApiCall call)
    {
        var fault = Strike(fault => fault.Kind switch
        {
            LabFaultKind.ApiTooManyRequests or LabFaultKind.ApiInternalError or LabFaultKind.ApiHang => true,
            LabFaultKind.WatchCut => call.Query.Contains("watch=1", StringComparison.Ordinal) || call.Query.Contains("watch=true", StringComparison.Ordinal),
            LabFaultKind.ExecCut => call.Path.EndsWith("/exec", StringComparison.Ordinal),
            _ => false,
        } && (fault.ApiPath is null || FileSystemName.MatchesSimpleExpression(fault.ApiPath, call.Path)));
        return fault?.Kind switch
        {
            LabFaultKind.ApiTooManyRequests => ApiFault.TooManyRequests((int)Math.Ceiling(fault.RetryAfter!.Value.TotalSeconds)),
            LabFaultKind.ApiInternalError => ApiFault.InternalError("etcdserver: request timed out"),
            LabFaultKind.ApiHang => new ApiFault { Hang = true },
            LabFaultKind.WatchCut => new ApiFault { CutWatchAfter = fault.EventCount },
            LabFaultKind.ExecCut => new ApiFault { CutExecAfter = fault.Bytes },
            _ => null,
        };
    }

    private LabFault? Strike(Func<LabFault, bool> fits)
    {
        LabFault? fault;
        lock (_gate)
        {
            var at = _faults.FindIndex(other => fits(other));
            if (at < 0)
                return null;
            fault = _faults[at] = _faults[at] with { Hits = _faults[at].Hits + 1 };
            if (fault.Hits != fault.Count)
                return fault;
        }

        Clear(fault.Id);
        return fault;
    }

    private void Forget(LabFaultKind kind, SimulatedNode node)
    {
        lock (_gate)
            _faults.RemoveAll(fault => fault.Kind == kind && fault.Node == node.Name);
    }

    private SimulatedNode NodeOf(LabFault fault) =>
        _cluster.Nodes.FirstOrDefault(node => string.Equals(node.Name, fault.Node, StringComparison.OrdinalIgnoreCase))
        ?? throw new LabException(
            "NodeNotFound",
            LabErrorKind.ObjectNotFound,
            $"The lab has no node '{fault.Node}' for the fault {fault.Kind}. Its nodes are: {string.Join(", ", _cluster.Nodes)}.",
            fault.Node,
            "See them with: Get-LabNode");

    private static void Apply(LabFault fault, SimulatedNode node, bool isSet)
    {
        var faults = node.Faults;
        switch (fault.Kind)
        {
            case LabFaultKind.NodeUnreachable:
                faults.Unreachable = isSet;
                break;
            case LabFaultKind.ConnectionDropped:
                faults.DropAfterBytes = isSet ? (int)Math.Min(fault.Bytes!.Value, int.MaxValue - 1) : null;
                break;
            case LabFaultKind.NodeSlow:
                faults.Delay = isSet ? fault.Delay!.Value : TimeSpan.Zero;
                break;
            case LabFaultKind.DiskFull:
                faults.DiskFull = isSet;
                break;
            case LabFaultKind.KubeletStopped when node.Services.Find(Kubelet) is { } kubelet:
                if (isSet)
                    node.Services.Stop(kubelet);
                else
                    node.Services.Start(kubelet);
                break;
            case LabFaultKind.IptablesRestoreFailing:
                faults.IptablesRestoreFails = isSet;
                break;
            case LabFaultKind.ImagePullFailing:
                faults.RefusedImages = isSet ? fault.Image ?? "*" : null;
                break;
            case LabFaultKind.CiliumAgentNotReady:
                faults.CiliumAgentNotReady = isSet;
                break;
        }
    }
}
