namespace CiliumLab.Simulator.Detached;

/// <summary>What a frame between a lab's process and its client holds.</summary>
internal enum ControlFrameKind : byte
{
    /// <summary>What the client wants; its first frame.</summary>
    Request,

    /// <summary>A part of what the client sends along.</summary>
    Input,

    /// <summary>The client has sent everything; from here on it can only hang up, which gives the request up.</summary>
    InputEnd,

    /// <summary>The step that the work is at.</summary>
    Step,

    /// <summary>A part of what comes back; the first, empty one says that a command has begun.</summary>
    Output,

    /// <summary>The answer, and the end.</summary>
    Result,

    /// <summary>Why there is no answer, and the end.</summary>
    Error,
}

/// <summary>One frame.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Payload">Its content.</param>
internal readonly record struct ControlFrame(ControlFrameKind Kind, byte[] Payload);
