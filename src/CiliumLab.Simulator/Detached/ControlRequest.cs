using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Simulator.Detached;

/// <summary>What a lab's process can be asked for.</summary>
internal enum ControlOperation
{
    Start,
    Stop,
    Remove,
    Checkpoint,
    Restore,
    SetFault,
    GetFaults,
    ClearFault,
    RunCommand,
    ReadFile,
    WriteFile,
    DeleteFile,
}

/// <summary>A request to a lab's process.</summary>
internal sealed record ControlRequest
{
    /// <summary>What is wanted.</summary>
    public required ControlOperation Operation { get; init; }

    /// <summary>The lab's description, in its YAML form; null where the process knows the lab.</summary>
    public string? Lab { get; init; }

    /// <summary>The node that it is about.</summary>
    public string? Node { get; init; }

    /// <summary>The command; its input is sent along.</summary>
    public NodeCommand? Command { get; init; }

    /// <summary>The file on the node; what is to be in it is sent along.</summary>
    public string? Path { get; init; }

    /// <summary>The fault to set.</summary>
    public LabFault? Fault { get; init; }

    /// <summary>The fault to clear.</summary>
    public int Id { get; init; }

    /// <summary>The snapshot.</summary>
    public string? Snapshot { get; init; }

    /// <summary>The snapshot's note.</summary>
    public string? Description { get; init; }

    /// <summary>Whether a snapshot may be replaced.</summary>
    public bool Replace { get; init; }
}

/// <summary>The step that the work is at.</summary>
/// <param name="Text">The step.</param>
/// <param name="Node">The node; null for the lab.</param>
internal sealed record ControlStep(string Text, string? Node);
