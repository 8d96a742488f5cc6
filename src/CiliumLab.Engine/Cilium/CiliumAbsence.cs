using CiliumLab.Model;

namespace CiliumLab.Engine.Cilium;

/// <summary>A lab that has no Cilium at all.</summary>
internal static class CiliumAbsence
{
    /// <summary>The error's name.</summary>
    public const string ErrorId = "CiliumNotInstalled";

    /// <summary>The error that says so.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="missing">What is not there, as a clause.</param>
    public static LabException Error(string lab, string missing) =>
        new(ErrorId, LabErrorKind.ObjectNotFound, $"Lab '{lab}' has no Cilium: {missing}.", lab, "See which CNI is in charge: Get-Cni; install Cilium with: Install-Cni Cilium");
}
