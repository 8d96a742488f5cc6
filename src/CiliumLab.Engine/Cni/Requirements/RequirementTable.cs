using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni.Requirements;

/// <summary>What versions and features of Cilium need, from <c>cilium-requirements.json</c>.</summary>
/// <param name="Source">Where the table comes from.</param>
/// <param name="Architectures">The machines that there are images for, as <c>uname -m</c> names them.</param>
/// <param name="Kernels">The oldest kernel, by the version of Cilium from which it holds; oldest first.</param>
/// <param name="Features">What each feature needs.</param>
internal sealed record RequirementTable(
    string Source, IReadOnlyList<string> Architectures, IReadOnlyList<KernelFloor> Kernels, IReadOnlyDictionary<CiliumFeature, FeatureNeeds> Features)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() } };

    private static readonly Lazy<RequirementTable> Read = new(static () =>
    {
        using var stream = typeof(RequirementTable).Assembly.GetManifestResourceStream("cilium-requirements.json")!;
        return JsonSerializer.Deserialize<RequirementTable>(stream, Format)!;
    });

    /// <summary>The table.</summary>
    public static RequirementTable Instance => Read.Value;

    /// <summary>The oldest kernel for a version of Cilium.</summary>
    /// <exception cref="LabException"><c>CiliumVersionUnknown</c>: it is older than the table.</exception>
    public Version KernelFor(Version cilium) =>
        Kernels.LastOrDefault(floor => Version.Parse(floor.From) <= cilium) is { } floor
            ? Version.Parse(floor.Kernel)
            : throw new LabException(
                "CiliumVersionUnknown", LabErrorKind.InvalidArgument, $"What Cilium {cilium} needs is not known here; the oldest version that is known is {Kernels[0].From}.", cilium, "Give another -Version, such as 1.17.5.");
}

/// <summary>The oldest kernel from a version of Cilium on.</summary>
/// <param name="From">The version of Cilium.</param>
/// <param name="Kernel">The kernel.</param>
internal sealed record KernelFloor(string From, string Kernel);

/// <summary>What a feature needs.</summary>
internal sealed record FeatureNeeds
{
    /// <summary>The oldest kernel; null when the feature has no other than Cilium itself.</summary>
    public string? Kernel { get; init; }

    /// <summary>Kernel options.</summary>
    public IReadOnlyList<OptionNeed> Options { get; init; } = [];

    /// <summary>TCP ports that nobody else may listen on.</summary>
    public IReadOnlyList<PortNeed> Ports { get; init; } = [];

    /// <summary>UDP ports that nobody else's tunnel device may hold.</summary>
    public IReadOnlyList<int> TunnelPorts { get; init; } = [];
}

/// <summary>A kernel option that must be built in or a module.</summary>
/// <param name="Name">Its name without CONFIG_.</param>
/// <param name="Module">The module that it becomes; null when it is no module, or several.</param>
/// <param name="Until">The first kernel that does not have it any more; null when all have it.</param>
internal sealed record OptionNeed(string Name, string? Module = null, string? Until = null);

/// <summary>A TCP port.</summary>
/// <param name="Port">Its number.</param>
/// <param name="For">What Cilium uses it for.</param>
internal sealed record PortNeed(int Port, string For);
