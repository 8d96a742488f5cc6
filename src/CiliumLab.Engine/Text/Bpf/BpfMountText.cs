using System.Globalization;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>cilium-dbg bpf fs show</c>, text and JSON (pkg/mountinfo.MountInfo).</summary>
public static partial class BpfMountText
{
    private const string Kind = "BpfFilesystem";

    /// <summary>Reads the mount.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<BpfMount> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => Document(lines, node),
            OutputForm.Text => Lines(lines, node, warn),
            _ => [],
        };
    }

    internal static IEnumerable<BpfMount> Document(LineReader lines, string? node)
    {
        var first = lines.Number + 1;
        var opening = lines.Peek() ?? "";
        using var document = JsonOutput.Read(Kind, lines);
        var root = document.RootElement;
        if (root.Integer("MountID") is not { } id || root.Text("MountPoint") is not { } point)
            throw OutputErrors.NotThisOutput(Kind, first, opening, "the JSON has no MountID and MountPoint");
        yield return new BpfMount
        {
            Node = node,
            MountId = id,
            ParentId = root.Integer("ParentID") ?? 0,
            IsMounted = true,
            MountPoint = point,
            MountOptions = Options(root.Text("MountOptions")),
            OptionalFields = [.. root.Texts("OptionalFields")],
            FilesystemType = root.Text("FilesystemType"),
            MountSource = root.Text("MountSource"),
            SuperOptions = Options(root.Text("SuperOptions")),
        };
    }

    internal static IEnumerable<BpfMount> Lines(LineReader lines, string? node, Action<TextWarning> warn)
    {
        var start = new OutputStart(Kind, warn);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        while (lines.Next() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (Setting().Match(line) is { Success: true } setting)
            {
                start.Understood();
                values[setting.Groups[1].Value] = setting.Groups[2].Value.Trim();
            }
            else
            {
                start.Warn(new TextWarning(lines.Number, line, "expected a property of the mount"));
            }
        }

        start.AtEnd();
        if (values.Count == 0)
            yield break;
        if (!long.TryParse(values.GetValueOrDefault("MountID"), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            throw OutputErrors.NotThisOutput(Kind, lines.Number, $"MountID: {values.GetValueOrDefault("MountID")}", "there is no mount");
        yield return new BpfMount
        {
            Node = node,
            MountId = id,
            ParentId = long.TryParse(values.GetValueOrDefault("ParentID"), NumberStyles.None, CultureInfo.InvariantCulture, out var parent) ? parent : 0,
            IsMounted = values.GetValueOrDefault("Mounted State") == "true",
            MountPoint = values.GetValueOrDefault("MountPoint", ""),
            MountOptions = Options(values.GetValueOrDefault("MountOptions")),
            OptionalFields = [.. (values.GetValueOrDefault("OptionFields") ?? "").Trim('[', ']').Split(' ', StringSplitOptions.RemoveEmptyEntries)],
            FilesystemType = values.GetValueOrDefault("FilesystemType"),
            MountSource = values.GetValueOrDefault("MountSource"),
            SuperOptions = Options(values.GetValueOrDefault("SuperOptions")),
        };
    }

    private static string[] Options(string? text) => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"^(MountID|ParentID|Mounted State|MountPoint|MountOptions|OptionFields|FilesystemType|MountSource|SuperOptions):(?:\s+(.*))?$")]
    private static partial Regex Setting();
}
