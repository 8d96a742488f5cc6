using System.Globalization;
using System.Text.RegularExpressions;
using CiliumLab.Model;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace CiliumLab.Engine.Labs.Description;

/// <summary>The YAML form of a lab's description: the inventory that a user writes, and the lab.yaml that this module keeps.</summary>
public static partial class LabYaml
{
    private static readonly string[] LabFields = ["name", "provider", "kubeConfig", "unfinished", "topology", "defaults", "nodes"];
    private static readonly string[] DefaultFields = ["user", "port", "key"];
    private static readonly string[] NodeFields = ["node", "host", "port", "user", "key", "role"];

    private static readonly Dictionary<string, NodeRole> Roles = new(StringComparer.OrdinalIgnoreCase)
    {
        ["control-plane"] = NodeRole.ControlPlane,
        ["worker"] = NodeRole.Worker,
    };

    internal static readonly Dictionary<string, LabProvider> Providers =
        Enum.GetValues<LabProvider>().ToDictionary(provider => provider.ToString(), StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a description.</summary>
    /// <param name="text">The YAML text.</param>
    /// <param name="file">The file that it comes from: for messages, and as the place that relative key paths start from.</param>
    /// <param name="name">The lab's name when the text has none.</param>
    /// <exception cref="LabException"><c>InventoryInvalid</c>, naming the line and the field.</exception>
    public static LabDescription Read(string text, string file, string? name = null)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var lab = YamlFields.Load(YamlForm.Inventory(file), text, LabFields);
        var defaults = lab.Fields("defaults", DefaultFields);
        var nodes = new List<NodeDescription>();
        foreach (var fields in lab.List("nodes", NodeFields))
        {
            var node = fields.RequiredText("node");
            if (nodes.Any(other => string.Equals(other.Node, node, StringComparison.OrdinalIgnoreCase)))
                throw fields.Wrong("node", $"node '{node}' is listed twice");
            if (!NodeName().IsMatch(node))
                throw fields.Wrong("node", $"a node's name is made of letters, digits, '.', '_' and '-', and begins with a letter or digit: '{node}'");
            nodes.Add(new NodeDescription
            {
                Node = node,
                Host = fields.Text("host") ?? node,
                Port = fields.Port("port") ?? defaults?.Port("port") ?? 22,
                User = fields.Text("user") ?? defaults?.Text("user"),
                Key = FullPath(folder, fields.Text("key") ?? defaults?.Text("key")),
                Role = fields.Choice("role", Roles) ?? NodeRole.Unknown,
            });
        }

        if (nodes.Count == 0)
            throw lab.Wrong("nodes", "a lab has at least one node");
        return new LabDescription
        {
            Name = LabName.Checked(name ?? lab.Text("name") ?? Path.GetFileNameWithoutExtension(file)),
            Provider = lab.Choice("provider", Providers) ?? LabProvider.Existing,
            KubeConfig = FullPath(folder, lab.Text("kubeConfig")),
            Unfinished = lab.Flag("unfinished") ?? false,
            Topology = lab.Fields("topology", LabTopologyYaml.Fields) is { } topology ? LabTopologyYaml.Read(topology) : null,
            Nodes = nodes,
        };
    }

    /// <summary>Writes a description so that <see cref="Read"/> gives it back.</summary>
    public static string Write(LabDescription lab)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        emitter.Emit(new MappingStart());
        Field("name", lab.Name);
        Field("provider", lab.Provider.ToString());
        Field("kubeConfig", lab.KubeConfig);
        Field("unfinished", lab.Unfinished ? "true" : null);
        if (lab.Topology is { } topology)
        {
            emitter.Emit(new Scalar("topology"));
            emitter.Emit(new MappingStart());
            foreach (var (field, value) in LabTopologyYaml.Write(topology))
                Field(field, value);
            emitter.Emit(new MappingEnd());
        }

        emitter.Emit(new Scalar("nodes"));
        emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));
        foreach (var node in lab.Nodes)
        {
            emitter.Emit(new MappingStart());
            Field("node", node.Node);
            Field("host", node.Host);
            Field("port", node.Port.ToString(CultureInfo.InvariantCulture));
            Field("user", node.User);
            Field("key", node.Key);
            Field("role", Roles.FirstOrDefault(role => role.Value == node.Role).Key);
            emitter.Emit(new MappingEnd());
        }

        emitter.Emit(new SequenceEnd());
        emitter.Emit(new MappingEnd());
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();

        void Field(string name, string? value)
        {
            if (value is null)
                return;
            emitter.Emit(new Scalar(name));
            emitter.Emit(new Scalar(value));
        }
    }

    // A name also stands in known_hosts and in the advice of errors, where other characters have a meaning.
    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,252}\z")]
    private static partial Regex NodeName();

    private static string? FullPath(string folder, string? path) => path switch
    {
        null => null,
        "~" or ['~', '/' or '\\', ..] => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..],
        _ => Path.GetFullPath(path, folder),
    };
}
