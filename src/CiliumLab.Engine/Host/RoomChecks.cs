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

    /// <summary>Memory.</summary>
    public static HostFinding Memory(LocalHost host, HostNeeds needs)
    {
        const string name = "Memory";
        var nodes = needs.Topology.WorkerCount + 1;
        var needed = needs.Topology.Memory * MiB * nodes;
        var required = string.Create(CultureInfo.InvariantCulture, $"{Size(needed)} for {nodes} machines");
        var (total, available) = Memory(host);
        var found = available is { } free ? $"{Size(free)} free of {Size(total)}" : $"{Size(total)} in all";
        var remedy = string.Create(CultureInfo.InvariantCulture, $"Ask for less, with -WorkerCount or -Memory (from {VagrantTopologyCheck.LeastMemory}); or end programs that need much of it");
        if (total < needed)
            return HostFinding.Failed(name, found, required, remedy);
        return available < needed && !needs.IsMade ? HostFinding.Warned(name, found, required, remedy) : HostFinding.Passed(name, found, required);
    }

    /// <summary>Disk, where VirtualBox keeps machines.</summary>
    public static async Task<HostFinding> DiskAsync(LocalHost host, VirtualBox? box, HostNeeds needs, CancellationToken cancellationToken)
    {
        const string name = "Disk";
        var properties = box is null ? "" : await box.ListAsync("systemproperties", cancellationToken).ConfigureAwait(false);
        var folder = VirtualBoxText.MachineFolder(properties) ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var needed = BoxSize + (NodeSize * (needs.Topology.WorkerCount + 1));
        var required = $"about {Size(needed)} in {folder}";
        var free = host.FreeSpace(folder);
        var found = Size(free) + " free";
        return free >= needed || needs.IsMade
            ? HostFinding.Passed(name, found, required)
            : HostFinding.Failed(name, found, required, "Make room, or keep machines elsewhere: VBoxManage setproperty machinefolder FOLDER");
    }

    /// <summary>Ports for SSH.</summary>
    public static HostFinding Ports(HostNeeds needs)
    {
        const string name = "SshPorts";
        var first = needs.Topology.SshPort;
        var last = Math.Min(first + needs.Topology.WorkerCount, IPEndPoint.MaxPort);
        var required = first == last ? first.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{first} to {last}");
        if (needs.IsMade)
            return HostFinding.Passed(name, "the lab's own", required);
        var taken = Enumerable.Range(first, last - first + 1).Where(port => !IsFree(port)).ToList();
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
        if (needs.IsMade)
            return HostFinding.Passed(name, "the lab's own", required);
        var there = VirtualBoxText.Machines(await box.ListAsync("vms", cancellationToken).ConfigureAwait(false)).Select(machine => machine.Name).ToHashSet(StringComparer.Ordinal);
        var taken = wanted.Where(there.Contains).ToList();
        return taken.Count == 0
            ? HostFinding.Passed(name, "free", required)
            : HostFinding.Failed(
                name,
                "taken: " + string.Join(", ", taken),
                required,
                $"Give the lab another name, or delete that machine for good: VBoxManage unregistervm {taken[0]} --delete");
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
