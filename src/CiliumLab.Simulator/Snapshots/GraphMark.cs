namespace CiliumLab.Simulator.Snapshots;

/// <summary>What stands where a reference is written.</summary>
internal static class GraphMark
{
    /// <summary>No object.</summary>
    public const int Null = 0;

    /// <summary>An object that was not met before: its type follows, and what must be known to make it.</summary>
    public const int New = 1;

    /// <summary>A text that was not met before.</summary>
    public const int Text = 2;

    /// <summary>A text that was met before: its number among the texts follows.</summary>
    public const int KnownText = 3;

    /// <summary>An object that the module has once for all labs: its place follows.</summary>
    public const int Static = 4;

    /// <summary>The lab's clock.</summary>
    public const int Clock = 5;

    /// <summary>The first object that was met; those after it follow on.</summary>
    public const int FirstNumber = 6;
}

/// <summary>How a type is written.</summary>
internal enum GraphTypeForm : byte
{
    /// <summary>By its assembly and its name.</summary>
    Named,

    /// <summary>As an array of another.</summary>
    Array,

    /// <summary>As an open type and its arguments.</summary>
    Generic,
}
