namespace CiliumLab.Model;

/// <summary>
/// The one error of this module. It says what failed, about what, and what to type next; cmdlets turn it into a
/// PowerShell error record with the same <see cref="ErrorId"/>, category, target and recommended action.
/// </summary>
public sealed class LabException : Exception
{
    /// <summary>Makes an error.</summary>
    /// <param name="errorId">Stable identifier in PascalCase, for scripts that handle one error and not another.</param>
    /// <param name="kind">What sort of failure it is.</param>
    /// <param name="message">What failed and where, with what the remote side said.</param>
    /// <param name="target">The object that the error is about, usually a node's name.</param>
    /// <param name="recommendedAction">What to type or do next.</param>
    /// <param name="innerException">The cause, when there is one.</param>
    public LabException(
        string errorId,
        LabErrorKind kind,
        string message,
        object? target = null,
        string? recommendedAction = null,
        Exception? innerException = null)
        : base(message, innerException)
    {
        ErrorId = errorId;
        Kind = kind;
        Target = target;
        RecommendedAction = recommendedAction;
    }

    /// <summary>Stable identifier in PascalCase, such as <c>HostKeyChanged</c>.</summary>
    public string ErrorId { get; }

    /// <summary>What sort of failure it is.</summary>
    public LabErrorKind Kind { get; }

    /// <summary>The object that the error is about, usually a node's name; null when there is none.</summary>
    public object? Target { get; }

    /// <summary>What to type or do next; null when there is nothing sensible to say.</summary>
    public string? RecommendedAction { get; }
}
