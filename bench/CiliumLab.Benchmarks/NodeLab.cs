using System.Globalization;

namespace CiliumLab.Benchmarks;

/// <summary>Three real nodes of tests/NodeLab, up while this object lives.</summary>
internal sealed class NodeLab : IAsyncDisposable
{
    private static readonly string[] Programs =
        ["debootstrap", "socat", "ssh", "ssh-keygen", "ip", "ss", "iptables", "nsenter", "unshare", "setpriv", "findmnt"];

    private readonly Dictionary<string, string> _facts = [];
    private readonly List<(string Node, string Port)> _nodes = [];

    private NodeLab(string status)
    {
        foreach (var line in status.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (fact, value) = (line[..line.IndexOf('=')], line[(line.IndexOf('=') + 1)..]);
            if (fact == "node")
                _nodes.Add((value.Split(' ')[0], value.Split(' ')[1]));
            else
                _facts[fact] = value;
        }
    }

    /// <summary>Why there can be no nodes on this machine; null when there can.</summary>
    public static string? Unavailable =>
        !OperatingSystem.IsLinux() ? "real nodes need Linux"
        : !Environment.IsPrivilegedProcess ? "real nodes need root"
        : Programs.Where(program => !Tool.Exists(program)).ToList() is { Count: > 0 } missing ? $"real nodes need {string.Join(", ", missing)}"
        : null;

    /// <summary>The nodes, and the ports of 127.0.0.1 that lead to their SSH servers.</summary>
    public IReadOnlyList<(string Node, string Port)> Nodes => _nodes;

    /// <summary>The key that vagrant logs in with.</summary>
    public string Key => _facts["key"];

    /// <summary>A folder that goes when the lab goes.</summary>
    public string Folder => _facts["state"];

    private static string LabName { get; } = string.Create(CultureInfo.InvariantCulture, $"bench-{Environment.ProcessId}");

    public static async Task<NodeLab> UpAsync() => new(await Tool.RunAsync(
        Checkout.NodeLabScript, "--name", LabName, "--owner", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), "up"));

    /// <summary>Writes the inventory of the nodes and returns its path.</summary>
    public string InventoryFile()
    {
        var path = Path.Combine(Folder, "inventory.yaml");
        File.WriteAllText(path, "nodes:\n" + string.Concat(_nodes.Select(node =>
            $"  - node: {node.Node}\n    host: 127.0.0.1\n    port: {node.Port}\n    user: vagrant\n    key: {Key}\n")));
        return path;
    }

    public async ValueTask DisposeAsync() => await Tool.RunAsync(Checkout.NodeLabScript, "--name", LabName, "down");
}
