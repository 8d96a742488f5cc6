using System.Globalization;
using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CiliumLab.Engine.Labs.Description;

/// <summary>
/// A mapping of a YAML file whose fields are all known: a wrong one is refused with its line and the nearest known name.
/// </summary>
internal sealed class YamlFields
{
    private static readonly Dictionary<string, bool> Flags = new(StringComparer.Ordinal) { ["true"] = true, ["false"] = false };

    private readonly YamlForm _form;
    private readonly string _path;
    private readonly YamlMappingNode _mapping;

    private YamlFields(YamlForm form, string path, YamlNode node, IReadOnlyCollection<string> known)
    {
        _form = form;
        _path = path;
        _mapping = node as YamlMappingNode
            ?? throw Wrong(form, node, path, $"expected fields ({string.Join(", ", known)}), found {Describe(node)}");
        foreach (var key in _mapping.Children.Keys)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (!known.Contains(name))
            {
                var nearest = Spelling.Nearest(name, known);
                throw Wrong(
                    form,
                    key,
                    Join(name),
                    $"unknown field{(nearest is null ? $"; known are {string.Join(", ", known)}" : $"; did you mean '{nearest}'?")}");
            }
        }
    }

    /// <summary>Reads a YAML text that must be one mapping.</summary>
    public static YamlFields Load(YamlForm form, string text, IReadOnlyCollection<string> known)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException error)
        {
            var tab = Array.FindIndex(text.Split('\n'), line => line.TrimStart(' ').StartsWith('\t'));
            throw new LabException(
                form.ErrorId,
                LabErrorKind.InvalidData,
                tab < 0
                    ? $"{form.File}, line {error.End.Line}: not valid YAML: {error.Message}"
                    : $"{form.File}, line {tab + 1}: not valid YAML: a tab where only blanks may indent",
                form.File,
                Advice(form),
                error);
        }

        if (stream.Documents.Count == 0)
        {
            throw new LabException(
                form.ErrorId, LabErrorKind.InvalidData, $"{form.File} is empty.", form.File, $"Its fields are described in: Get-Help {form.HelpTopic}");
        }

        return new YamlFields(form, "", stream.Documents[0].RootNode, known);
    }

    public string? Text(string field) => Find(field) switch
    {
        null => null,
        YamlScalarNode { Value: { Length: > 0 } value } scalar =>
            value.Any(char.IsControl) ? throw Wrong(_form, scalar, Join(field), "control characters cannot be part of it") : value,
        var other => throw Wrong(_form, other, Join(field), $"expected a text, found {Describe(other)}"),
    };

    public string RequiredText(string field) =>
        Text(field) ?? throw Wrong(_form, _mapping, Join(field), "this field is required");

    public int? Port(string field)
    {
        if (Text(field) is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? port
            : throw Wrong(_form, Find(field)!, Join(field), $"expected a port from 1 to 65535, found '{text}'");
    }

    /// <summary>Reads a whole number.</summary>
    public long? Number(string field, long least, long most)
    {
        if (Text(field) is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Wrong(_form, Find(field)!, Join(field), $"expected a number from {least} to {most}, found '{text}'");
    }

    /// <summary>Reads a yes or no.</summary>
    public bool? Flag(string field) => Choice(field, Flags);

    /// <summary>Reads a network in CIDR form.</summary>
    public IPNetwork? Network(string field)
    {
        if (Text(field) is not { } text)
            return null;
        return IPNetwork.TryParse(text, out var network)
            ? network
            : throw Wrong(_form, Find(field)!, Join(field), $"expected a network such as 10.244.0.0/16, found '{text}'");
    }

    /// <summary>Reads one of a few words.</summary>
    public T? Choice<T>(string field, IReadOnlyDictionary<string, T> words)
        where T : struct
    {
        if (Text(field) is not { } text)
            return null;
        return words.TryGetValue(text, out var value)
            ? value
            : throw Wrong(_form, Find(field)!, Join(field), $"expected {string.Join(" or ", words.Keys)}, found '{text}'");
    }

    /// <summary>A mapping inside this one; null when the field is absent.</summary>
    public YamlFields? Fields(string field, IReadOnlyCollection<string> known) =>
        Find(field) is { } node ? new YamlFields(_form, Join(field), node, known) : null;

    /// <summary>A list of mappings.</summary>
    public IEnumerable<YamlFields> List(string field, IReadOnlyCollection<string> known)
    {
        var node = Find(field) ?? throw Wrong(_form, _mapping, Join(field), "this field is required");
        var sequence = node as YamlSequenceNode
            ?? throw Wrong(_form, node, Join(field), $"expected a list (lines that begin with '- '), found {Describe(node)}");
        return sequence.Children.Select((child, index) => new YamlFields(_form, $"{Join(field)}[{index}]", child, known));
    }

    /// <summary>The error for a value that is well formed but cannot be.</summary>
    public LabException Wrong(string field, string reason) => Wrong(_form, Find(field) ?? _mapping, Join(field), reason);

    private static LabException Wrong(YamlForm form, YamlNode node, string path, string reason) =>
        new(
            form.ErrorId,
            LabErrorKind.InvalidData,
            $"{form.File}, line {node.Start.Line}: {(path.Length == 0 ? "" : $"field '{path}': ")}{reason}.",
            form.File,
            Advice(form));

    private static string Advice(YamlForm form) => $"Mend that line and try again. The fields are described in: Get-Help {form.HelpTopic}";

    private static string Describe(YamlNode node) => node switch
    {
        YamlScalarNode { Value: null or "" } => "nothing",
        YamlScalarNode scalar => $"'{scalar.Value}'",
        YamlSequenceNode => "a list",
        _ => "a mapping",
    };

    private YamlNode? Find(string field) =>
        _mapping.Children.TryGetValue(new YamlScalarNode(field), out var node) && node is not YamlScalarNode { Value: null or "" or "null" or "~" }
            ? node
            : null;

    private string Join(string field) => _path.Length == 0 ? field : $"{_path}.{field}";
}
