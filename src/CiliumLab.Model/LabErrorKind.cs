namespace CiliumLab.Model;

/// <summary>What sort of failure a <see cref="LabException"/> reports; each maps to one PowerShell error category.</summary>
public enum LabErrorKind
{
    /// <summary>The user's input is wrong: a value, a file, a name that cannot be.</summary>
    InvalidArgument,

    /// <summary>What was named does not exist.</summary>
    ObjectNotFound,

    /// <summary>What was to be made exists already.</summary>
    ResourceExists,

    /// <summary>Something is there but not in a state that allows the operation.</summary>
    InvalidOperation,

    /// <summary>A node or server cannot be reached, or the connection broke.</summary>
    ConnectionError,

    /// <summary>The other side does not accept who we are, or we do not accept who it is.</summary>
    AuthenticationError,

    /// <summary>The other side knows us and says no.</summary>
    PermissionDenied,

    /// <summary>It took longer than was allowed.</summary>
    OperationTimeout,

    /// <summary>A remote command ran and failed.</summary>
    RemoteCommandFailed,

    /// <summary>Output or a file was not in the form that it should have.</summary>
    InvalidData,

    /// <summary>There is no room, memory or quota left.</summary>
    ResourceUnavailable,

    /// <summary>A program or feature that is needed is not installed.</summary>
    NotInstalled,
}
