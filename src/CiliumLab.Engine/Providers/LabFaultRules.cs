using CiliumLab.Model;

namespace CiliumLab.Engine.Providers;

/// <summary>Which faults there are on nodes, which at the API server, and what each can be told.</summary>
public static class LabFaultRules
{
    /// <summary>Whether a kind of fault is a node's; the others are the API server's.</summary>
    public static bool IsOnNode(LabFaultKind kind) => kind <= LabFaultKind.CiliumAgentNotReady;

    /// <summary>What a kind of fault can be told beside its place, by the names of <see cref="LabFault"/>'s properties.</summary>
    public static IReadOnlyList<string> Settings(LabFaultKind kind) => kind switch
    {
        LabFaultKind.ConnectionDropped => [nameof(LabFault.Count), nameof(LabFault.Bytes)],
        LabFaultKind.NodeSlow => [nameof(LabFault.Count), nameof(LabFault.Delay)],
        LabFaultKind.ImagePullFailing => [nameof(LabFault.Count), nameof(LabFault.Image)],
        LabFaultKind.KubeletStopped => [],
        LabFaultKind.ApiTooManyRequests => [nameof(LabFault.Count), nameof(LabFault.RetryAfter), nameof(LabFault.ApiPath)],
        LabFaultKind.ApiInternalError or LabFaultKind.ApiHang => [nameof(LabFault.Count), nameof(LabFault.ApiPath)],
        LabFaultKind.WatchCut => [nameof(LabFault.Count), nameof(LabFault.EventCount), nameof(LabFault.ApiPath)],
        LabFaultKind.ExecCut => [nameof(LabFault.Count), nameof(LabFault.Bytes), nameof(LabFault.ApiPath)],
        _ => [nameof(LabFault.Count)],
    };

    /// <summary>Completes what was not said with what is usual, and refuses what the kind does not know.</summary>
    /// <exception cref="LabException"><c>FaultSettingNotUsed</c>.</exception>
    public static LabFault Checked(LabFault fault)
    {
        var known = Settings(fault.Kind);
        foreach (var (name, value) in ((string, object?)[])
        [
            (nameof(fault.Node), IsOnNode(fault.Kind) ? null : fault.Node),
            (nameof(fault.Count), fault.Count),
            (nameof(fault.Bytes), fault.Bytes),
            (nameof(fault.EventCount), fault.EventCount),
            (nameof(fault.Delay), fault.Delay),
            (nameof(fault.RetryAfter), fault.RetryAfter),
            (nameof(fault.Image), fault.Image),
            (nameof(fault.ApiPath), fault.ApiPath),
        ])
        {
            if (value is null || known.Contains(name))
                continue;
            throw new LabException(
                "FaultSettingNotUsed",
                LabErrorKind.InvalidArgument,
                $"-{name} says nothing about the fault {fault.Kind}{(name == nameof(fault.Node) ? ", which is the API server's" : "")}.",
                fault.Kind,
                known.Count == 0 ? $"Leave -{name} out." : $"Leave -{name} out; {fault.Kind} takes: {string.Join(", ", known.Select(static setting => "-" + setting))}");
        }

        return fault with
        {
            Bytes = known.Contains(nameof(fault.Bytes)) ? fault.Bytes ?? 100 : null,
            EventCount = known.Contains(nameof(fault.EventCount)) ? fault.EventCount ?? 0 : null,
            Delay = known.Contains(nameof(fault.Delay)) ? fault.Delay ?? TimeSpan.FromSeconds(3) : null,
            RetryAfter = known.Contains(nameof(fault.RetryAfter)) ? fault.RetryAfter ?? TimeSpan.FromSeconds(1) : null,
        };
    }
}
