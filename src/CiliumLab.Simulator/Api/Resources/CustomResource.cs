using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>What a CustomResourceDefinition says about its kind beyond names.</summary>
internal sealed class CustomResource
{
    private readonly Dictionary<string, StructuralSchema> _schemas = [];
    private readonly Dictionary<string, ImmutableArray<PrinterColumn>> _columns = [];

    private CustomResource(JsonObject definition)
    {
        foreach (var version in definition.Objects("spec", "versions"))
        {
            var name = version.Text("name") ?? "";
            if (version.Object("schema", "openAPIV3Schema") is { } schema)
                _schemas[name] = new StructuralSchema(schema.Copy());
            _columns[name] = [.. version.Objects("additionalPrinterColumns").Select(static c => new PrinterColumn(
                c.Text("name") ?? "", c.Text("type") ?? "string", c.Text("format") ?? "", c.Text("description") ?? "", c.Number("priority") ?? 0, c.Text("jsonPath") ?? ""))];
        }
    }

    /// <summary>A column of <c>kubectl get</c>.</summary>
    internal sealed record PrinterColumn(string Name, string Type, string Format, string Description, long Priority, string Path);

    /// <summary>The schema of a version, or null.</summary>
    public StructuralSchema? Schema(string version) => _schemas.GetValueOrDefault(version);

    /// <summary>The columns of a version.</summary>
    public ImmutableArray<PrinterColumn> Columns(string version) => _columns.GetValueOrDefault(version, []);

    /// <summary>The type that a definition defines; null when it serves nothing.</summary>
    public static ResourceType? TypeOf(JsonObject definition)
    {
        var spec = definition.Object("spec");
        var names = spec.Object("names");
        var versions = spec.Objects("versions").ToList();
        var served = versions.Where(static v => v.Flag("served")).OrderByDescending(static v => v.Text("name") ?? "", VersionOrder.Instance).ToList();
        if (served.Count == 0)
            return null;
        var storage = versions.FirstOrDefault(static v => v.Flag("storage")) ?? served[0];
        var subresources = storage.Object("subresources");
        var type = new ResourceType
        {
            Group = spec.Text("group") ?? "",
            Versions = [.. served.Select(static v => v.Text("name") ?? "")],
            Resource = names.Text("plural") ?? "",
            Singular = names.Text("singular") ?? "",
            Kind = names.Text("kind") ?? "",
            Namespaced = spec.Text("scope") == "Namespaced",
            ShortNames = [.. names.Texts("shortNames")],
            Categories = [.. names.Texts("categories")],
            HasStatus = subresources?["status"] is not null,
            HasGeneration = true,
            UnconditionalUpdate = false,
            Scale = subresources.Object("scale") is { } scale
                ? new ScalePaths(Path(scale.Text("specReplicasPath")), Path(scale.Text("statusReplicasPath")), scale.Text("labelSelectorPath") is { } selector ? Path(selector) : null)
                : null,
            SelectableFields = [.. storage.Objects("selectableFields").Select(static f => Path(f.Text("jsonPath")))],
            Custom = new CustomResource(definition),
            Rules = CustomRules.Instance,
        };
        return type.With(names.Text("listKind"), storage.Text("name"));
    }

    private static string Path(string? jsonPath) => (jsonPath ?? "").TrimStart('.');

    /// <summary>v1 before v1beta2 before v1alpha1, as discovery prefers them.</summary>
    private sealed class VersionOrder : IComparer<string>
    {
        public static readonly VersionOrder Instance = new();

        public int Compare(string? x, string? y) => Rank(x!).CompareTo(Rank(y!));

        private static (int Stage, int Major, int Minor) Rank(string version)
        {
            var match = System.Text.RegularExpressions.Regex.Match(version, @"^v(\d+)(?:(alpha|beta)(\d+))?$");
            if (!match.Success)
                return (-1, 0, 0);
            var stage = match.Groups[2].Value switch { "" => 2, "beta" => 1, _ => 0 };
            return (stage, int.Parse(match.Groups[1].Value, null), stage == 2 ? 0 : int.Parse(match.Groups[3].Value, null));
        }
    }
}

/// <summary>Rules of custom objects: when the last one goes, a definition that waits for it goes too.</summary>
internal sealed class CustomRules : ResourceRules
{
    /// <summary>The one instance.</summary>
    public static readonly CustomRules Instance = new();

    /// <inheritdoc/>
    public override void Removed(StoredObject obj, RuleContext context) =>
        CustomResourceDefinitionRules.Finish(context.Store, $"{context.Type.Resource}.{context.Type.Group}");
}
