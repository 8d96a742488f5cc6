using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CiliumLab.Engine.Providers.Vagrant;
using CiliumLab.Engine.Text;

namespace CiliumLab.Engine.Host;

/// <summary>Memory, disk, ports and names for the lab's machines.</summary>
internal static class RoomChecks
{
    private const long MiB = 1024 * 1024;
    private const long GiB = 1024 * MiB;

    // The box, imported once, and what each linked clone of it grows to with packages and images.
    private const long BoxSize = 4 * GiB;
    private const long NodeSize = 5 * GiB;

    private const string Own = "the lab's own";

    /// <summary>Memory.</summary>
    public static HostFinding Memory(LocalHost host, HostNeeds needs)
    {
        const string name = "Memory";
        var nodes = needs.Topology.WorkerCount + 1;
        var needed = needs.Topology.Memory * MiB * nodes;
        var required = string.Create(CultureInfo.InvariantCulture, $"{Size(needed)} for {nodes} machines");
        var (total, available) = Memory(host);
        var found = available is { } free ? $"{Size(free)} free of {Size(total)}" : $"{Size(total)} in all";
        if (total < needed)
            return HostFinding.Failed(name, found, required, Less(needs, available ?? total));
        // Machines that are there already may have theirs.
        return available < needs.Topology.Memory * MiB * needs.Missing.Count
            ? HostFinding.Warned(name, found, required, $"{Less(needs, available.Value)}; or end programs that need much of it")
            : HostFinding.Passed(name, found, required);
    }

    /// <summary>Disk, where VirtualBox keeps machines.</summary>
    public static async Task<HostFinding> DiskAsync(LocalHost host, VirtualBox? box, HostNeeds needs, CancellationToken cancellationToken)
    {
        const string name = "Disk";
        var (properties, _) = box is null ? ("", null) : await box.ListAsync("systemproperties", cancellationToken).ConfigureAwait(false);
        var folder = VirtualBoxText.MachineFolder(properties) ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var needed = (needs.Made.Count == 0 ? BoxSize : 0) + (NodeSize * needs.Missing.Count);
        var required = $"about {Size(needed)} in {folder}";
        var free = host.FreeSpace(folder);
        var found = Size(free) + " free";
        return free >= needed
            ? HostFinding.Passed(name, found, required)
            : HostFinding.Failed(name, found, required, $"Make room, or keep machines elsewhere: {box?.Command ?? "VBoxManage"} setproperty machinefolder FOLDER");
    }

    /// <summary>Ports for SSH.</summary>
    public static HostFinding Ports(HostNeeds needs)
    {
        const string name = "SshPorts";
        var first = needs.Topology.SshPort;
        var last = Math.Min(first + needs.Topology.WorkerCount, IPEndPoint.MaxPort);
        var required = first == last ? first.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{first} to {last}");
        if (needs.Missing.Count == 0)
            return HostFinding.Passed(name, Own, required);
        var taken = needs.Missing.Select(node => first + node.Index).Where(port => port <= last && !IsFree(port)).ToList();
        if (taken.Count == 0)
            return HostFinding.Passed(name, "free", required);
        var other = Enumerable.Range(0, 200).Select(step => 60000 + (step * 10)).FirstOrDefault(port => Enumerable.Range(port, last - first + 1).All(IsFree), 20000);
        return HostFinding.Warned(
            name, "in use: " + string.Join(", ", taken), required, string.Create(CultureInfo.InvariantCulture, $"Choose others: New-LabCluster -SshPort {other}; otherwise Vagrant takes free ones"));
    }

    /// <summary>Names of machines.</summary>
    public static async Task<HostFinding> NamesAsync(VirtualBox box, HostNeeds needs, CancellationToken cancellationToken)
    {
        const string name = "MachineNames";
        var wanted = needs.Topology.NodeNames.Select(node => VagrantFile.MachineName(needs.Lab, node)).ToList();
        var required = wanted.Count <= 3 ? string.Join(", ", wanted) : $"{wanted[0]} ... {wanted[^1]}";
        var (listed, failure) = await box.ListAsync("vms", cancellationToken).ConfigureAwait(false);
        if (failure is not null)
            return HostFinding.Warned(name, failure, required, $"See what VirtualBox lacks: {box.Command} list vms");
        var own = needs.Made.Values.ToHashSet();
        var others = VirtualBoxText.Machines(listed)
            .Where(machine => !own.Contains(machine.Id))
            .Select(machine => machine.Name)
            .ToHashSet(StringComparer.Ordinal);
        var taken = wanted.Where(others.Contains).ToList();
        return taken.Count == 0
            ? HostFinding.Passed(name, needs.Missing.Count == 0 ? Own : "free", required)
            : HostFinding.Failed(
                name,
                "taken: " + string.Join(", ", taken),
                required,
                $"Give the lab another name, or delete that machine for good: {box.Command} unregistervm {taken[0]} --delete");
    }

    /// <summary>The bytes that are free where a folder is, or will be.</summary>
    internal static long FreeSpaceHere(string folder)
    {
        var there = new DirectoryInfo(folder);
        while (!there.Exists && there.Parent is { } parent)
            there = parent;
        return new DriveInfo(there.FullName).AvailableFreeSpace;
    }

    // What a computer can give up without swapping is told by Linux alone.
    private static (long Total, long? Available) Memory(LocalHost host)
    {
        long? total = null;
        long? available = null;
        foreach (var line in (host.Read("/proc/meminfo") ?? "").Split('\n'))
        {
            if (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var field, var text, "kB"] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            {
                if (field == "MemTotal:")
                    total = size * 1024;
                else if (field == "MemAvailable:")
                    available = size * 1024;
            }
        }

        return (total ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, available);
    }

    // The largest lab of this shape that fits: smaller machines first, then fewer.
    private static string Less(HostNeeds needs, long room)
    {
        const int step = 256;
        var nodes = needs.Topology.WorkerCount + 1;
        var each = room / MiB / nodes / step * step;
        var fewer = (int)Math.Min(room / MiB / VagrantTopologyCheck.LeastMemory, nodes);
        var command = $"New-LabCluster {needs.Lab} -Provider ";
        return each >= VagrantTopologyCheck.LeastMemory ? Ask(nodes - 1, each)
            : fewer > 0 ? Ask(fewer - 1, VagrantTopologyCheck.LeastMemory)
            : $"Use a lab without machines: {command}Simulator";

        string Ask(int workers, long memory) =>
            string.Create(CultureInfo.InvariantCulture, $"Ask for less: {command}Vagrant -WorkerCount {workers} -Memory {memory}");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)GiB:0.0} GiB");
}
