namespace CiliumLab.Model;

/// <summary>A CNI: what gives pods their addresses and carries their packets.</summary>
public enum CniKind
{
    /// <summary>None is installed.</summary>
    None,

    /// <summary>Flannel.</summary>
    Flannel,

    /// <summary>Cilium.</summary>
    Cilium,

    /// <summary>One that this module only knows by name.</summary>
    Other,
}
