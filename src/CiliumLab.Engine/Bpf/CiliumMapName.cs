using System.Globalization;
using System.Text.RegularExpressions;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Bpf;

/// <summary>
/// The names of Cilium's maps: a new layout of a map's entries gives it a new name, <c>cilium_ipcache</c> and <c>cilium_ipcache_v2</c>, and
/// both mean the map that the agent at hand has.
/// </summary>
internal static partial class CiliumMapName
{
    /// <summary>The name without the number of its layout.</summary>
    public static string Base(string name) => Layout().Replace(name, "");

    /// <summary>The endpoint whose policy map it is; null for other maps.</summary>
    public static int? PolicyEndpoint(string name) =>
        Policy().Match(Base(name)) is { Success: true } policy && int.TryParse(policy.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var endpoint)
            ? endpoint
            : null;

    /// <summary>The map that a name means: the one that has it, else the newest layout of the same.</summary>
    /// <exception cref="LabException"><c>CiliumMapNotFound</c>, with the nearest name.</exception>
    public static CiliumBpfMap Find(string name, IReadOnlyList<CiliumBpfMap> maps, string node) =>
        maps.FirstOrDefault(map => map.MapName.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? maps.Where(map => Base(map.MapName).Equals(Base(name), StringComparison.OrdinalIgnoreCase)).MaxBy(map => LayoutOf(map.MapName))
        ?? throw NotFound(name, maps, node);

    // The first layout has no number.
    private static int LayoutOf(string name) => int.TryParse(Layout().Match(name).Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1;

    private static LabException NotFound(string name, IReadOnlyList<CiliumBpfMap> maps, string node)
    {
        var near = Spelling.Nearest(name, maps.Select(map => map.MapName)) ?? Spelling.Nearest(Base(name), maps.Select(map => Base(map.MapName)));
        return new LabException(
            "CiliumMapNotFound",
            LabErrorKind.ObjectNotFound,
            $"The Cilium agent on node '{node}' has no map '{name}'{(near is null ? "." : $"; the nearest is '{near}'.")}",
            node,
            $"See the maps that it has: Get-CiliumBpfMap {node}; all maps of the kernel: Get-BpfMap {node}");
    }

    [GeneratedRegex(@"_v(\d+)(?=_|$)")]
    private static partial Regex Layout();

    [GeneratedRegex(@"^cilium_policy_(\d+)$")]
    private static partial Regex Policy();
}
