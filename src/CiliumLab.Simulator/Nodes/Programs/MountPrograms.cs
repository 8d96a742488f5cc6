using System.Text;
using CiliumLab.Simulator.Nodes.Files;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary><c>mount</c> and <c>umount</c>.</summary>
internal sealed class MountProgram() : ImmediateProgram("/usr/bin/mount", "/usr/bin/umount")
{
    private const int Failed = 32;

    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        if (call.Name.EndsWith("umount", StringComparison.Ordinal))
            return Unmount(call);
        var options = Options.Read(call, "t|types= o|options= l a|all v|verbose");
        if (options.Operands.Count < 2)
        {
            if (options.Operands.Count == 1)
                return call.Complain($"mount: {options.Operands[0]}: can't find in /etc/fstab.");
            foreach (var mount in call.Node.Mounts.All.Where(mount => options.Value("t") is not { } type || mount.Type == type))
                call.Line($"{mount.Source} on {mount.Target} type {mount.Type} ({mount.Options})");
            return 0;
        }

        var target = call.PathOf(options.Operands[1]).TrimEnd('/');
        if (!call.User.IsRoot)
            return call.Complain($"mount: {target}: must be superuser to use mount.\n       dmesg(1) may have more information after failed mount system call.", 1);
        if (call.Node.Files.Find(target) is not Folder)
            return call.Complain($"mount: {target}: mount point does not exist.\n       dmesg(1) may have more information after failed mount system call.", Failed);
        var kind = options.Value("t") ?? "ext4";
        if (kind is not ("bpf" or "tmpfs" or "proc" or "sysfs" or "cgroup2" or "debugfs" or "tracefs"))
            return call.Complain($"mount: {target}: unknown filesystem type '{kind}'.\n       dmesg(1) may have more information after failed mount system call.", Failed);
        call.Node.Mounts.Add(new NodeMount(options.Operands[0], target, kind, "rw," + (options.Value("o") is { } given ? given + ",relatime" : "relatime")));
        return 0;
    }

    private static int Unmount(ProgramCall call)
    {
        var options = Options.Read(call, "l|lazy f|force v|verbose");
        if (options.Operands.Count == 0)
            return call.Complain("umount: bad usage\nTry 'umount --help' for more information.");
        var path = call.PathOf(options.Operands[0]);
        if (call.Node.Files.Find(path) is null)
            return call.Complain($"umount: {options.Operands[0]}: no mount point specified.", Failed);
        if (call.Node.Mounts.At(path) is null)
            return call.Complain($"umount: {options.Operands[0]}: not mounted.", Failed);
        if (!call.User.IsRoot)
            return call.Complain($"umount: {options.Operands[0]}: must be superuser to unmount.", Failed);
        call.Node.Mounts.Remove(path);
        return 0;
    }
}

/// <summary><c>findmnt</c>.</summary>
internal sealed class FindmntProgram() : ImmediateProgram("/usr/bin/findmnt")
{
    private static readonly string[] Columns = ["TARGET", "SOURCE", "FSTYPE", "OPTIONS"];

    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var options = Options.Read(call, "J|json n|noheadings o|output= t|types= T|target= M|mountpoint= S|source= l|list r|raw");
        var columns = options.Value("o")?.ToUpperInvariant().Split(',') ?? Columns;
        if (columns.FirstOrDefault(column => !Columns.Contains(column)) is { } unknown)
            return call.Complain($"findmnt: unknown column: {unknown}");
        var all = call.Node.Mounts.All;
        var one = options.Value("M") ?? (options.Operands.Count > 0 ? options.Operands[0] : null);
        IReadOnlyList<NodeMount> found = all;
        var isTree = false;
        if (options.Value("T") is { } inside)
            found = [call.Node.Mounts.Of(call.PathOf(inside))];
        else if (one is not null)
            found = [.. all.Where(mount => mount.Target == one || mount.Source == one).TakeLast(1)];
        else if (options.Value("t") is { } types)
            found = [.. all.Where(mount => types.Split(',').Contains(mount.Type))];
        else if (options.Value("S") is { } source)
            found = [.. all.Where(mount => mount.Source == source)];
        else
            isTree = !options.Has("l") && !options.Has("r");
        if (found.Count == 0)
            return 1;
        if (options.Has("J"))
            PrintJson(call, found, columns, isTree);
        else
            PrintTable(call, found, columns, isTree, !options.Has("n"));
        return 0;
    }

    private static string Field(NodeMount mount, string column) => column switch
    {
        "TARGET" => mount.Target,
        "SOURCE" => mount.Source,
        "FSTYPE" => mount.Type,
        _ => mount.Options,
    };

    private static IEnumerable<NodeMount> Children(IReadOnlyList<NodeMount> all, NodeMount? parent) => all.Where(mount => ParentOf(all, mount) == parent);

    private static NodeMount? ParentOf(IReadOnlyList<NodeMount> all, NodeMount mount) => all
        .Where(other => other != mount && other.Target != mount.Target && (other.Target == "/" || mount.Target.StartsWith(other.Target + "/", StringComparison.Ordinal)))
        .MaxBy(other => other.Target.Length);

    private static void PrintJson(ProgramCall call, IReadOnlyList<NodeMount> mounts, string[] columns, bool isTree)
    {
        var text = new StringBuilder("{\n   \"filesystems\": [\n");
        Append(isTree ? Children(mounts, null).ToArray() : [.. mounts], 6);
        call.Print(text.Append("   ]\n}\n").ToString());

        void Append(NodeMount[] list, int indent)
        {
            var space = new string(' ', indent);
            for (var index = 0; index < list.Length; index++)
            {
                text.Append(index == 0 ? space : "").Append("{\n");
                text.AppendJoin(",\n", columns.Select(column => $"{space}   \"{column.ToLowerInvariant()}\": \"{Field(list[index], column)}\""));
                var children = isTree ? Children(mounts, list[index]).ToArray() : [];
                if (children.Length > 0)
                {
                    text.Append($",\n{space}   \"children\": [\n");
                    Append(children, indent + 6);
                    text.Append($"{space}   ]");
                }

                text.Append($"\n{space}}}{(index == list.Length - 1 ? "\n" : ",")}");
            }
        }
    }

    private static void PrintTable(ProgramCall call, IReadOnlyList<NodeMount> mounts, string[] columns, bool isTree, bool heading)
    {
        var rows = new List<string[]>();
        if (heading)
            rows.Add(columns);
        if (isTree)
            Walk(null, "");
        else
            rows.AddRange(mounts.Select(mount => columns.Select(column => Field(mount, column)).ToArray()));
        int[] widths = [.. columns.Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (var row in rows)
            call.Line(string.Join(' ', row.Select((cell, column) => column == row.Length - 1 ? cell : cell.PadRight(widths[column]))));

        void Walk(NodeMount? parent, string indent)
        {
            var children = Children(mounts, parent).ToArray();
            for (var index = 0; index < children.Length; index++)
            {
                var last = index == children.Length - 1;
                var branch = parent is null ? "" : call.IsUtf8 ? last ? "└─" : "├─" : last ? "`-" : "|-";
                rows.Add([.. columns.Select(column => column == "TARGET" ? indent + branch + children[index].Target : Field(children[index], column))]);
                Walk(children[index], parent is null ? "" : indent + (last ? "  " : call.IsUtf8 ? "│ " : "| "));
            }
        }
    }
}
