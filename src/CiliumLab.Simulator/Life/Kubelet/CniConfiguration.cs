using System.Text.Json;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Files;

namespace CiliumLab.Simulator.Life;

/// <summary>The network configuration that the container runtime uses: the first file of /etc/cni/net.d that is one.</summary>
/// <param name="Path">The file.</param>
/// <param name="Json">What is in it.</param>
internal sealed record CniConfiguration(string Path, JsonObject Json)
{
    /// <summary>Where configurations lie.</summary>
    public const string Folder = "/etc/cni/net.d";

    /// <summary>Where plugins lie.</summary>
    public const string Binaries = "/opt/cni/bin";

    /// <summary>The plugin that makes the interface.</summary>
    public string Type => Json.Objects("plugins").FirstOrDefault().Text("type") ?? Json.Text("type") ?? "";

    /// <summary>Reads a node's configuration; null when there is none: the runtime's network is not ready.</summary>
    public static CniConfiguration? Of(SimulatedNode node)
    {
        if (node.Files.Find(Folder) is not Nodes.Files.Folder folder)
            return null;
        string[] names;
        lock (node.Kernel.Gate)
            names = [.. folder.Entries.Select(static e => e.Name).Where(static n => n.EndsWith(".conflist", StringComparison.Ordinal) || n.EndsWith(".conf", StringComparison.Ordinal) || n.EndsWith(".json", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        foreach (var name in names)
        {
            try
            {
                if (JsonNode.Parse(node.Files.ReadText($"{Folder}/{name}")) is JsonObject json && new CniConfiguration($"{Folder}/{name}", json) is { Type.Length: > 0 } read)
                    return read;
            }
            catch (Exception error) when (error is JsonException or KernelException)
            {
                // The runtime passes over what it cannot read, and so do we.
            }
        }
        return null;
    }

    /// <summary>Whether the plugin's binary is where the runtime looks.</summary>
    public bool HasBinary(SimulatedNode node) => node.Files.Find($"{Binaries}/{Type}") is RegularFile;
}
