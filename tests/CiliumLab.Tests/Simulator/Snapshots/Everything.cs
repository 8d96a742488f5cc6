using System.Text;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Files;
using CiliumLab.Tests.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Snapshots;

/// <summary>All that can be seen of a cluster, as text.</summary>
internal static class Everything
{
    private static readonly string[][] Commands =
    [
        ["ip", "-j", "-d", "addr"], ["ip", "-j", "route", "show", "table", "all"], ["ip", "-j", "rule"], ["ip", "-j", "neigh"], ["bridge", "-j", "fdb"], ["iptables-save"], ["ip6tables-save"],
        ["lsmod"], ["mount"], ["ss", "-tnpl"], ["systemctl", "status", "kubelet"], ["crictl", "ps", "-a"], ["crictl", "pods"], ["crictl", "images"], ["cat", "/etc/hosts"], ["hostnamectl"],
        ["bpftool", "net", "show"], ["cat", "/etc/marked"],
    ];

    public static string Of(SimulatedCluster cluster)
    {
        var text = new StringBuilder();
        foreach (var type in cluster.Store.Catalog.Types)
        {
            foreach (var obj in cluster.Store.List(type).Items)
                text.Append(type.Resource).Append(' ').AppendLine(Encoding.UTF8.GetString(obj.Utf8));
        }

        foreach (var node in cluster.Nodes)
        {
            foreach (var command in Commands)
                text.Append(node.Name).Append("$ ").AppendLine(string.Join(' ', command)).AppendLine(node.Run(command).ToString());
            Files(node, "/", text);
        }

        foreach (var fault in cluster.Faults.All)
            text.AppendLine(fault.ToString());
        return text.ToString();
    }

    private static void Files(SimulatedNode node, string path, StringBuilder text)
    {
        if (node.Files.Find(path, follow: false) is not Folder folder)
            return;
        foreach (var entry in folder.Entries.ToList())
        {
            var below = path == "/" ? "/" + entry.Name : $"{path}/{entry.Name}";
            text.AppendLine($"{below} {entry.TypeLetter} {entry.Mode} {entry.Owner} {entry.Group} {entry.ModifiedAt:O}");
            if (entry is RegularFile { Generate: null } file)
                text.AppendLine(Convert.ToBase64String(file.Content));
            Files(node, below, text);
        }
    }
}
