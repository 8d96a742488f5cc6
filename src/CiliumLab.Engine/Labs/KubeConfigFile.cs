using CiliumLab.Model;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CiliumLab.Engine.Labs;

/// <summary>Reads the one thing of a kubeconfig that needs no cluster client: where its current context's server is.</summary>
public static class KubeConfigFile
{
    /// <summary>The API server of the current context.</summary>
    /// <exception cref="LabException"><c>KubeConfigNotFound</c> or <c>KubeConfigInvalid</c>.</exception>
    public static Uri ApiServer(string path)
    {
        if (!File.Exists(path))
        {
            throw new LabException(
                "KubeConfigNotFound", LabErrorKind.ObjectNotFound, $"There is no kubeconfig '{path}'.", path, "Give an existing file with -KubeConfig.");
        }

        var stream = new YamlStream();
        try
        {
            using var text = File.OpenText(path);
            stream.Load(text);
        }
        catch (YamlException error)
        {
            throw Invalid(path, $"line {error.Start.Line} is not valid YAML", error);
        }

        var root = stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode;
        var context = Text(root, "current-context") ?? throw Invalid(path, "it names no current-context");
        var cluster = Text(Entry(root, "contexts", context, "context"), "cluster")
            ?? throw Invalid(path, $"its current-context '{context}' is not among its contexts or names no cluster");
        var server = Text(Entry(root, "clusters", cluster, "cluster"), "server")
            ?? throw Invalid(path, $"its cluster '{cluster}' has no server");
        return Uri.TryCreate(server, UriKind.Absolute, out var uri) ? uri : throw Invalid(path, $"'{server}' is not an address");
    }

    private static YamlNode? Entry(YamlNode? root, string list, string name, string field) =>
        (Child(root, list) as YamlSequenceNode)?.Children.FirstOrDefault(entry => Text(entry, "name") == name) is { } found
            ? Child(found, field)
            : null;

    private static string? Text(YamlNode? node, string field) => (Child(node, field) as YamlScalarNode)?.Value;

    private static YamlNode? Child(YamlNode? node, string field) =>
        node is YamlMappingNode mapping && mapping.Children.TryGetValue(new YamlScalarNode(field), out var child) ? child : null;

    private static LabException Invalid(string path, string reason, Exception? inner = null) =>
        new(
            "KubeConfigInvalid",
            LabErrorKind.InvalidData,
            $"The kubeconfig '{path}' cannot be used: {reason}.",
            path,
            $"Check it with: kubectl --kubeconfig {path} config view",
            inner);
}
