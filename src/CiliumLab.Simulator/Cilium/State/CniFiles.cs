using System.Text;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Files;

namespace CiliumLab.Simulator.Cilium;

/// <summary>The plugin's binary and its configuration on a node.</summary>
internal static class CniFiles
{
    public const string Binary = "cilium-cni";

    private const string Binaries = "/opt/cni/bin";
    private const string Folder = "/etc/cni/net.d";

    /// <summary>The path of the configuration as the agent sees it, with the node's root below /host.</summary>
    public static string PathOf(CiliumConfiguration configuration) => configuration.Text("write-cni-conf-when-ready", "/host/etc/cni/net.d/05-cilium.conflist");

    /// <summary>What the init container install-cni-binaries does.</summary>
    public static void InstallBinary(SimulatedNode node)
    {
        node.Files.MakeFolders(Binaries);
        node.Files.Put($"{Binaries}/{Binary}", "\u007fELF", 0b111_101_101);
    }

    /// <summary>Writes the configuration, and puts the others out of the way when Cilium shall be the only one.</summary>
    public static void Write(SimulatedNode node, CiliumConfiguration configuration)
    {
        if (configuration.Flag("custom-cni-conf"))
            return;
        var path = PathOf(configuration);
        path = path.StartsWith("/host/", StringComparison.Ordinal) ? path[5..] : path;
        node.Files.MakeFolders(Folder);
        if (configuration.Flag("cni-exclusive", true) && node.Files.Find(Folder) is Folder folder)
        {
            foreach (var name in folder.Entries.Select(static entry => entry.Name).Where(name => IsConfiguration(name) && $"{Folder}/{name}" != path).ToList())
                node.Files.Rename($"{Folder}/{name}", $"{Folder}/{name}.cilium_bak", NodeUser.Root);
        }

        node.Files.Write(path, Encoding.UTF8.GetBytes(Text(configuration)), NodeUser.Root);
    }

    private static bool IsConfiguration(string name) => name.EndsWith(".conf", StringComparison.Ordinal) || name.EndsWith(".conflist", StringComparison.Ordinal) || name.EndsWith(".json", StringComparison.Ordinal);

    private static string Text(CiliumConfiguration configuration) => $$"""

        {
          "cniVersion": "0.3.1",
          "name": "cilium",
          "plugins": [
            {
               "type": "{{Binary}}",
               "enable-debug": {{(configuration.Flag("debug") ? "true" : "false")}},
               "log-file": "{{configuration.Text("cni-log-file", "/var/run/cilium/cilium-cni.log")}}"
            }
          ]
        }
        """;
}
