using CiliumLab.Model;

namespace CiliumLab.Engine.Host;

/// <summary>A check's result, and the change that mends it.</summary>
/// <param name="Check">The result.</param>
/// <param name="Change">The change; null when this module makes none.</param>
public sealed record HostFinding(LabHostCheck Check, HostChange? Change = null)
{
    internal static HostFinding Passed(string name, string found, string required) =>
        new(new LabHostCheck { Name = name, Status = LabHostCheckStatus.Passed, Found = found, Required = required });

    internal static HostFinding Warned(string name, string found, string required, string remedy) =>
        new(new LabHostCheck { Name = name, Status = LabHostCheckStatus.Warning, Found = found, Required = required, Remedy = remedy });

    internal static HostFinding Failed(string name, string found, string required, string remedy, HostChange? change = null) =>
        new(
            new LabHostCheck { Name = name, Status = LabHostCheckStatus.Failed, Found = found, Required = required, Remedy = remedy, CanInitialize = change is not null },
            change);
}
