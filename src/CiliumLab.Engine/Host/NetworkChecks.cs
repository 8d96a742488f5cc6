using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using CiliumLab.Engine.Text;

namespace CiliumLab.Engine.Host;

/// <summary>The network between the lab's nodes: allowed by VirtualBox, and not in use for something else.</summary>
internal static class NetworkChecks
{
    private const string AllowedName = "NodeNetworkAllowed";
    private const string FreeName = "NodeNetworkFree";

    private static readonly Version FirstWithRanges = new(6, 1, 28);
    private static readonly Version FirstMacWithNetworks = new(7, 0);

    /// <summary>Allowed. Windows has no such limit, nor have the host-only networks that VirtualBox has on macOS since version 7.</summary>
    public static HostFinding Allowed(LocalHost host, VirtualBox? box, IPNetwork network)
    {
        var required = network.ToString();
        var unlimited = host.Platform == HostPlatform.Windows || (box?.Version is { } version && version < FirstWithRanges) || HasNetworks(host, box);
        if (unlimited)
            return HostFinding.Passed(AllowedName, "every network", required);
        var text = host.Read(VirtualBoxNetworksFile.Path);
        if (VirtualBoxNetworksFile.Allows(text, network))
            return HostFinding.Passed(AllowedName, Ranges(text), required);
        var lines = VirtualBoxNetworksFile.With(text, network);
        var remedy = text is null
            ? $"sudo mkdir -p /etc/vbox && printf '* %s\\n' {VirtualBoxNetworksFile.Allowed(null)[0]} {network} | sudo tee {VirtualBoxNetworksFile.Path}"
            : $"echo '* {network}' | sudo tee -a {VirtualBoxNetworksFile.Path}";
        return HostFinding.Failed(
            AllowedName, Ranges(text), required, remedy, HostChange.WriteFile(host, VirtualBoxNetworksFile.Path, $"Allow {network} for host-only interfaces", lines));
    }

    /// <summary>Free: no other interface of this computer is in it, and no host-only interface has another part of it.</summary>
    public static async Task<HostFinding> FreeAsync(LocalHost host, VirtualBox? box, IPNetwork network, CancellationToken cancellationToken)
    {
        var (what, remove) = HasNetworks(host, box) ? ("hostonlynets", "hostonlynet remove --name") : ("hostonlyifs", "hostonlyif remove");
        var (listed, failure) = box is null ? ("", null) : await box.ListAsync(what, cancellationToken).ConfigureAwait(false);
        var hostOnly = VirtualBoxText.HostOnlyNetworks(listed).ToList();
        var own = hostOnly.Select(other => other.Name).ToHashSet(StringComparer.Ordinal);
        var addresses = host.Addresses().Where(other => !own.Contains(other.Interface) && !IsHostOnly(other.Interface)).ToList();
        var remedy = $"Choose another one: New-LabCluster -NodeNetwork {Another(network, [.. hostOnly.Select(other => other.Network).OfType<IPNetwork>()], addresses)}";
        if (hostOnly.FirstOrDefault(other => other.Network is { } taken && taken != network && Overlap(taken, network)) is { } conflict)
            return HostFinding.Failed(FreeName, $"{conflict.Name} has {conflict.Network}", network.ToString(), $"{remedy}, or: {box!.Command} {remove} \"{conflict.Name}\"");
        foreach (var (name, address) in addresses.Where(other => network.Contains(other.Address)))
        {
            // On macOS the host's side of a host-only network is a bridge.
            return host.Platform == HostPlatform.MacOS && name.StartsWith("bridge", StringComparison.Ordinal)
                ? HostFinding.Passed(FreeName, $"{name}, a host-only network", network.ToString())
                : HostFinding.Failed(FreeName, $"{name} has {address}", network.ToString(), remedy);
        }

        return failure is null
            ? HostFinding.Passed(FreeName, "not in use", network.ToString())
            : HostFinding.Warned(FreeName, failure, network.ToString(), $"See what VirtualBox lacks: {box!.Command} list {what}");
    }

    /// <summary>The IPv4 addresses of this computer and their interfaces.</summary>
    internal static IEnumerable<(string Interface, IPAddress Address)> AddressesHere() =>
        from card in NetworkInterface.GetAllNetworkInterfaces()
        from address in card.GetIPProperties().UnicastAddresses
        where address.Address.AddressFamily == AddressFamily.InterNetwork
        select (OperatingSystem.IsWindows() ? card.Description : card.Name, address.Address);

    // What VirtualBox has on macOS since version 7 in place of host-only interfaces.
    private static bool HasNetworks(LocalHost host, VirtualBox? box) => host.Platform == HostPlatform.MacOS && box?.Version is { } version && version >= FirstMacWithNetworks;

    private static bool IsHostOnly(string name) => name.StartsWith("vboxnet", StringComparison.Ordinal) || name.StartsWith("VirtualBox Host-Only", StringComparison.Ordinal);

    // A network that nobody is in, and first among those that VirtualBox allows without being told.
    private static IPNetwork Another(IPNetwork network, IReadOnlyList<IPNetwork> hostOnly, IReadOnlyList<(string Interface, IPAddress Address)> addresses) =>
        Enumerable.Range(56, 200).Select(third => new IPNetwork(new IPAddress([192, 168, (byte)third, 0]), 24))
            .Concat(Enumerable.Range(0, 256).Select(third => new IPNetwork(new IPAddress([172, 30, (byte)third, 0]), 24)))
            .First(other => !Overlap(other, network) && !hostOnly.Any(taken => Overlap(taken, other)) && !addresses.Any(taken => other.Contains(taken.Address)));

    private static string Ranges(string? text) =>
        VirtualBoxNetworksFile.Allowed(text) is { Count: > 0 } ranges ? string.Join(", ", ranges) : "no network at all";

    private static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);
}
