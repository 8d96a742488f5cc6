namespace CiliumLab.Model;

/// <summary>By which means a program is attached.</summary>
public enum BpfAttachmentKind
{
    /// <summary>Before the network stack.</summary>
    Xdp,

    /// <summary>The older traffic control, a filter of a <c>clsact</c> qdisc.</summary>
    Tc,

    /// <summary>The newer traffic control, by links.</summary>
    Tcx,

    /// <summary>A netkit device.</summary>
    Netkit,

    /// <summary>The flow dissector.</summary>
    FlowDissector,

    /// <summary>A netfilter hook.</summary>
    Netfilter,
}

/// <summary>A program that is attached to the network.</summary>
public sealed record BpfAttachment
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The interface; null for hooks that belong to none.</summary>
    public string? Interface { get; init; }

    /// <summary>Its index.</summary>
    public int? InterfaceIndex { get; init; }

    /// <summary>By which means.</summary>
    public required BpfAttachmentKind Kind { get; init; }

    /// <summary>The point as bpftool writes it: <c>tcx/ingress</c>, <c>clsact/egress</c>, <c>netkit/peer</c>, <c>driver</c>.</summary>
    public string? Point { get; init; }

    /// <summary>Seen from the interface: what comes in or goes out; null where that means nothing.</summary>
    public TrafficDirection? Direction { get; init; }

    /// <summary>The program's name, or the filter's of older traffic control; null when it has none.</summary>
    public string? ProgramName { get; init; }

    /// <summary>The program's number; null when the kernel is too old to say.</summary>
    public uint? ProgramId { get; init; }

    /// <summary>The link's number; null when there is no link.</summary>
    public uint? LinkId { get; init; }
}
