using CiliumLab.Model;

namespace CiliumLab.Engine.Labs.Description;

/// <summary>What lab is to be made, as somebody wrote it into a lab.yaml.</summary>
/// <param name="Name">The lab's name; null when the file has none.</param>
/// <param name="Provider">Where its machines come from; null when the file does not say.</param>
/// <param name="Topology">What it is made of; what the file does not say is as usual.</param>
public sealed record LabPlan(string? Name, LabProvider? Provider, LabTopology Topology)
{
    private static readonly string[] Fields = ["name", "provider", "topology"];

    private static readonly Dictionary<string, LabProvider> Makers =
        LabYaml.Providers.Where(provider => provider.Value != LabProvider.Existing)
            .ToDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a lab.yaml.</summary>
    /// <param name="text">The YAML text.</param>
    /// <param name="file">The file that it comes from, for messages.</param>
    /// <exception cref="LabException"><c>LabFileInvalid</c>, naming the line and the field.</exception>
    public static LabPlan Read(string text, string file)
    {
        var plan = YamlFields.Load(YamlForm.Plan(file), text, Fields);
        return new LabPlan(
            plan.Text("name"),
            plan.Choice("provider", Makers),
            plan.Fields("topology", LabTopologyYaml.Fields) is { } topology ? LabTopologyYaml.Read(topology) : new LabTopology());
    }
}
