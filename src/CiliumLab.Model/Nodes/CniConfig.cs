namespace CiliumLab.Model;

/// <summary>What becomes of a file in /etc/cni/net.d.</summary>
public enum CniConfigStatus
{
    /// <summary>The runtime uses it: the first of the configuration files by name.</summary>
    InEffect,

    /// <summary>Another file comes before it.</summary>
    Shadowed,

    /// <summary>It would be used but cannot be read; pods get no network until it is repaired or removed.</summary>
    Invalid,

    /// <summary>Its name does not end in .conf, .conflist or .json (Cilium renames others' files to *.cilium_bak).</summary>
    Ignored,
}

/// <summary>A plugin that a CNI configuration calls.</summary>
public sealed record CniPlugin
{
    /// <summary>The plugin's type, which is its program's name.</summary>
    public required string Type { get; init; }

    /// <summary>Whether /opt/cni/bin has that program.</summary>
    public bool Installed { get; init; }

    /// <summary>The plugin's part of the configuration, as JSON.</summary>
    public required string Json { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Installed ? Type : $"{Type}(!)";
}

/// <summary>A file in a node's /etc/cni/net.d.</summary>
public sealed record CniConfig
{
    /// <summary>The node.</summary>
    public string? Node { get; init; }

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>What becomes of it.</summary>
    public required CniConfigStatus Status { get; init; }

    /// <summary>The network's name; null when the file cannot be read.</summary>
    public string? Name { get; init; }

    /// <summary>The version of the CNI specification that it follows.</summary>
    public string? CniVersion { get; init; }

    /// <summary>The plugins in the order in which they are called.</summary>
    public IReadOnlyList<CniPlugin> Plugins { get; init; } = [];

    /// <summary>What is wrong with the file; null when nothing is.</summary>
    public string? Failure { get; init; }
}

/// <summary>A plugin program in a node's /opt/cni/bin.</summary>
public sealed record CniBinary
{
    /// <summary>The node.</summary>
    public string? Node { get; init; }

    /// <summary>The program's name, which is the plugin's type.</summary>
    public required string Name { get; init; }

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Its size in bytes.</summary>
    public ulong Length { get; init; }

    /// <summary>Whether it can be run; false for the likes of LICENSE and README.md.</summary>
    public bool Executable { get; init; }
}
