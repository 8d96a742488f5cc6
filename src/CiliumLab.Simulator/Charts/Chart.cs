using System.Text.Json;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Charts;

/// <summary>What a chart's templates see.</summary>
/// <param name="Name">The release.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Values">The chart's defaults with the user's values over them.</param>
/// <param name="Seed">For what templates draw by chance: certificates and the like.</param>
/// <param name="Now">When it is rendered.</param>
internal sealed record ChartContext(string Name, string Namespace, JsonObject Values, Seed Seed, DateTimeOffset Now);

/// <summary>An object that a template makes.</summary>
/// <param name="Template">The template's path in the chart.</param>
/// <param name="Object">The object.</param>
internal sealed record ChartObject(string Template, JsonObject Object);

/// <summary>A chart refuses its values.</summary>
/// <param name="message">What Helm says behind <c>INSTALLATION FAILED:</c>.</param>
internal sealed class ChartException(string message) : Exception(message);

/// <summary>A chart: values in, objects out.</summary>
internal abstract class Chart
{
    /// <summary>Its name.</summary>
    public abstract string Name { get; }

    /// <summary>Its version.</summary>
    public abstract string Version { get; }

    /// <summary>The version of what it installs.</summary>
    public abstract string AppVersion { get; }

    /// <summary>What it is.</summary>
    public abstract string Description { get; }

    /// <summary>Its values.</summary>
    public abstract ValueTable Defaults { get; }

    /// <summary>Where it comes from.</summary>
    public virtual IReadOnlyList<string> Sources => [];

    /// <summary>What Helm shows after an installation; null for nothing.</summary>
    public virtual string? Notes(ChartContext context) => null;

    /// <summary>Makes the objects.</summary>
    /// <exception cref="ChartException">The values contradict each other.</exception>
    public abstract IEnumerable<ChartObject> Render(ChartContext context);

    /// <summary>The objects in the order in which Helm installs kinds.</summary>
    public IReadOnlyList<ChartObject> RenderInOrder(ChartContext context) =>
        [.. Render(context).OrderBy(static made => InstallOrder.IndexOf(made.Object.Text("kind")!)).ThenBy(static made => made.Object.Text("metadata", "name"), StringComparer.Ordinal)];

    /// <summary>Chart.yaml.</summary>
    public JsonObject Metadata
    {
        get
        {
            var metadata = new JsonObject { ["name"] = Name };
            if (Sources.Count > 0)
                metadata["sources"] = new JsonArray([.. Sources.Select(static source => (JsonNode)source)]);
            metadata["version"] = Version;
            metadata["description"] = Description;
            metadata["apiVersion"] = Name == "flannel" ? "v1" : "v2";
            metadata["appVersion"] = AppVersion;
            return metadata;
        }
    }

    private static List<string> InstallOrder { get; } =
    [
        "Namespace", "ServiceAccount", "Secret", "ConfigMap", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "Service", "DaemonSet", "Deployment",
    ];
}

/// <summary>The values that a chart knows, with their types and defaults.</summary>
internal sealed class ValueTable
{
    private readonly Dictionary<string, string[]> _types = new(StringComparer.Ordinal);

    private ValueTable(IEnumerable<string> lines)
    {
        foreach (var line in lines.Where(static line => line.Length > 0 && line[0] != '#'))
        {
            var parts = line.Split(' ', 3);
            _types[parts[0]] = parts[1].Split(',');
            if (parts[2] == "-")
                continue;
            var path = parts[0].Split('.');
            Values.Ensure(path.AsSpan(..^1))[path[^1]] = JsonNode.Parse(parts[2]);
        }
    }

    /// <summary>The defaults as a tree.</summary>
    public JsonObject Values { get; } = [];

    /// <summary>Reads a table: path, types, default.</summary>
    public static ValueTable Read(IEnumerable<string> lines) => new(lines);

    /// <summary>Reads a table that lies in this assembly.</summary>
    public static ValueTable ReadResource(string name)
    {
        using var stream = typeof(ValueTable).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return new ValueTable(reader.ReadToEnd().Split('\n'));
    }

    /// <summary>What is wrong with values, as Helm lists it: each with the place and both types. Unknown keys are not wrong.</summary>
    public IEnumerable<string> Check(JsonObject values, string path = "")
    {
        foreach (var (key, value) in values)
        {
            var here = path.Length == 0 ? key : $"{path}.{key}";
            if (_types.TryGetValue(here, out var types))
            {
                var kind = KindOf(value);
                if (!types.Contains("*") && !types.Contains(kind) && !(kind == "integer" && types.Contains("number")) && kind != "null")
                    yield return $"- at '/{here.Replace('.', '/')}': got {(kind == "integer" ? "number" : kind)}, want {(types.Length == 1 ? types[0] : string.Join(" or ", types))}";
            }
            else if (value is JsonObject inner)
            {
                foreach (var wrong in Check(inner, here))
                    yield return wrong;
            }
            else if (value is not null && _types.Keys.Any(known => known.StartsWith(here + ".", StringComparison.Ordinal)))
            {
                yield return $"- at '/{here.Replace('.', '/')}': got {(KindOf(value) == "integer" ? "number" : KindOf(value))}, want object";
            }
        }
    }

    private static string KindOf(JsonNode? node) => node?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => node.AsNumber() is null ? "number" : "integer",
        JsonValueKind.String => "string",
        JsonValueKind.Array => "array",
        _ => "object",
    };
}
