using CiliumLab.Model;

namespace CiliumLab.Simulator.Detached;

/// <summary>An error on its way to a client.</summary>
internal sealed record ControlError(string ErrorId, LabErrorKind Kind, string Message, string? Target, string? RecommendedAction)
{
    /// <summary>Takes an error down.</summary>
    public static ControlError Of(Exception error) => error is LabException known
        ? new ControlError(known.ErrorId, known.Kind, known.Message, known.Target?.ToString(), known.RecommendedAction)
        : new ControlError("LabHostFailed", LabErrorKind.InvalidOperation, $"The lab's process failed: {error.Message}", null, "Stop the lab and start it again.");

    /// <summary>The error as it was.</summary>
    public LabException ToException() => new(ErrorId, Kind, Message, Target, RecommendedAction);
}
