using System.Management.Automation;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Pump;

/// <summary>Turns the engine's one error type into PowerShell's error record, and everything unforeseen into that type.</summary>
internal static class LabErrors
{
    /// <summary>The error record: same id, fitting category, same target, with the recommended action.</summary>
    public static ErrorRecord ToRecord(LabException error) =>
        new(error, error.ErrorId, Category(error.Kind), error.Target)
        {
            ErrorDetails = new ErrorDetails(error.Message) { RecommendedAction = error.RecommendedAction ?? "" },
        };

    /// <summary>An error that no part of the engine foresaw; the message names its type, the exception keeps the rest.</summary>
    public static LabException Unexpected(Exception error) =>
        new(
            "UnexpectedFailure",
            LabErrorKind.InvalidOperation,
            $"An unforeseen failure: {error.Message} ({error.GetType().Name})",
            recommendedAction: "This is a defect of CiliumLab. Please report it with the output of: $Error[0].Exception.InnerException.ToString()",
            innerException: error);

    private static ErrorCategory Category(LabErrorKind kind) => kind switch
    {
        LabErrorKind.InvalidArgument => ErrorCategory.InvalidArgument,
        LabErrorKind.ObjectNotFound => ErrorCategory.ObjectNotFound,
        LabErrorKind.ResourceExists => ErrorCategory.ResourceExists,
        LabErrorKind.InvalidOperation => ErrorCategory.InvalidOperation,
        LabErrorKind.ConnectionError => ErrorCategory.ConnectionError,
        LabErrorKind.AuthenticationError => ErrorCategory.AuthenticationError,
        LabErrorKind.PermissionDenied => ErrorCategory.PermissionDenied,
        LabErrorKind.OperationTimeout => ErrorCategory.OperationTimeout,
        LabErrorKind.RemoteCommandFailed => ErrorCategory.FromStdErr,
        LabErrorKind.InvalidData => ErrorCategory.InvalidData,
        LabErrorKind.ResourceUnavailable => ErrorCategory.ResourceUnavailable,
        LabErrorKind.NotInstalled => ErrorCategory.NotInstalled,
        _ => ErrorCategory.NotSpecified,
    };
}
