using System.Globalization;
using System.Text.Json;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes;

/// <summary>
/// The CNI configuration of a node. containerd takes the first of the *.conf, *.conflist and *.json files in byte order and no other;
/// when that one cannot be read, no pod gets a network (github.com/containerd/go-cni, opts.go, loadFromConfDir).
/// </summary>
public static class CniConfigs
{
    private const string ConfigFolder = "/etc/cni/net.d";
    private const string BinaryFolder = "/opt/cni/bin";

    /// <summary>Reads the files in the order in which the runtime looks at them; nothing when there is no such folder.</summary>
    public static async IAsyncEnumerable<CniConfig> ReadAsync(
        INodeShell shell, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var files = await FilesAsync(shell, ConfigFolder, cancellationToken).ConfigureAwait(false);
        if (files.Count == 0)
            yield break;
        var binaries = (await FilesAsync(shell, BinaryFolder, cancellationToken).ConfigureAwait(false))
            .Where(file => file.Executable).Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        var taken = false;
        foreach (var file in files)
        {
            var path = $"{ConfigFolder}/{file.Name}";
            if (await shell.TryReadTextAsync(path, cancellationToken).ConfigureAwait(false) is not { } text)
                continue;
            var config = Parse(shell.Node, path, text, binaries);
            if (!IsConfig(file.Name))
            {
                yield return config with { Status = CniConfigStatus.Ignored };
                continue;
            }

            yield return taken ? config with { Status = CniConfigStatus.Shadowed } : config;
            taken = true;
        }
    }

    /// <summary>Reads the plugin programs; nothing when there is no such folder.</summary>
    public static async Task<IReadOnlyList<CniBinary>> ReadBinariesAsync(INodeShell shell, CancellationToken cancellationToken) =>
        await FilesAsync(shell, BinaryFolder, cancellationToken).ConfigureAwait(false);

    /// <summary>Reads one file's text; what is wrong with it is in <see cref="CniConfig.Failure"/>.</summary>
    internal static CniConfig Parse(string? node, string path, string text, IReadOnlySet<string> binaries)
    {
        var config = new CniConfig { Node = node, Path = path, Status = CniConfigStatus.InEffect };
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            config = config with { Name = root.Text("name"), CniVersion = root.Text("cniVersion") };
            // A list has plugins; a single configuration is a plugin itself.
            IEnumerable<JsonElement> plugins = path.Contains(".conflist", StringComparison.Ordinal) || root.Items("plugins").Any() ? root.Items("plugins") : [root];
            config = config with { Plugins = [.. plugins.Select(plugin => Plugin(plugin, binaries)).OfType<CniPlugin>()] };
        }
        catch (JsonException error)
        {
            return config with
            {
                Status = CniConfigStatus.Invalid,
                Failure = string.Create(CultureInfo.InvariantCulture, $"not JSON: line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}"),
            };
        }

        var failure = config.Name is null ? "it has no name" : config.Plugins.Count == 0 ? "it names no plugin" : null;
        if (failure is not null)
            return config with { Status = CniConfigStatus.Invalid, Failure = failure };
        var missing = config.Plugins.Where(plugin => !plugin.Installed).Select(plugin => plugin.Type).ToList();
        return missing.Count == 0 ? config : config with { Failure = $"{BinaryFolder} has no program {string.Join(", ", missing)}" };
    }

    private static CniPlugin? Plugin(JsonElement plugin, IReadOnlySet<string> binaries) => plugin.Text("type") is { } type
        ? new CniPlugin { Type = type, Installed = binaries.Contains(type), Json = plugin.GetRawText() }
        : null;

    private static bool IsConfig(string name) => Path.GetExtension(name) is ".conf" or ".conflist" or ".json";

    private static async Task<List<CniBinary>> FilesAsync(INodeShell shell, string folder, CancellationToken cancellationToken)
    {
        var find = NodeCommand.AsRoot("find", "-L", folder, "-maxdepth", "1", "-type", "f", "-printf", "%m %s %f\\n");
        var result = await shell.RunAsync(find, cancellationToken).ConfigureAwait(false);
        var files = new List<CniBinary>();
        foreach (var line in result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ', 3) is [var mode, var size, var name] && ulong.TryParse(size, out var length))
                files.Add(new CniBinary { Node = shell.Node, Name = name, Path = $"{folder}/{name}", Length = length, Executable = mode.Any(c => c is '1' or '3' or '5' or '7') });
        }

        // A symbolic link into nowhere makes find complain about that one name only.
        if (result.ExitCode != 0 && files.Count == 0 && !result.Error.Contains("No such file", StringComparison.Ordinal))
            throw NodeShellCommands.Failure(result, find);
        files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return files;
    }
}
