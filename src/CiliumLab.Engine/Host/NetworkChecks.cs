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
    private static readonly Version FirstMacWithoutRanges = new(7, 0);

    /// <summary>Allowed. Windows has no such limit, nor have the host-only networks that VirtualBox has on macOS since version 7.</summary>
    public static HostFinding Allowed(LocalHost host, VirtualBox? box, IPNetwork network)
    {
        var required = network.ToString();
        var unlimited = host.Platform == HostPlatform.Windows
            || (box?.Version is { } version && (version < FirstWithRanges || (host.Platform == HostPlatform.MacOS && version >= FirstMacWithoutRanges)));
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
        const string remedy = "Choose another one: New-LabCluster -NodeNetwork 192.168.57.0/24";
        var hostOnly = box is null
            ? []
            : VirtualBoxText.HostOnlyNetworks(await box.ListAsync("hostonlyifs", cancellationToken).ConfigureAwait(false)).ToList();
        if (hostOnly.FirstOrDefault(other => other.Network is { } taken && taken != network && Overlap(taken, network)) is { } conflict)
            return HostFinding.Failed(FreeName, $"{conflict.Name} has {conflict.Network}", network.ToString(), $"{remedy}, or: VBoxManage hostonlyif remove \"{conflict.Name}\"");
        var own = hostOnly.Select(other => other.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, address) in host.Addresses())
        {
            if (network.Contains(address) && !own.Contains(name) && !name.StartsWith("vboxnet", StringComparison.Ordinal) && !name.StartsWith("VirtualBox Host-Only", StringComparison.Ordinal))
            {
                // On macOS the host's side of a host-only network is a bridge.
                return host.Platform == HostPlatform.MacOS && name.StartsWith("bridge", StringComparison.Ordinal)
                    ? HostFinding.Passed(FreeName, $"{name}, a host-only network", network.ToString())
                    : HostFinding.Failed(FreeName, $"{name} has {address}", network.ToString(), remedy);
            }
        }

        return HostFinding.Passed(FreeName, "not in use", network.ToString());
    }

    /// <summary>The IPv4 addresses of this computer and their interfaces.</summary>
    internal static IEnumerable<(string Interface, IPAddress Address)> AddressesHere() =>
        from card in NetworkInterface.GetAllNetworkInterfaces()
        from address in card.GetIPProperties().UnicastAddresses
        where address.Address.AddressFamily == AddressFamily.InterNetwork
        select (OperatingSystem.IsWindows() ? card.Description : card.Name, address.Address);

    private static string Ranges(string? text) =>
        VirtualBoxNetworksFile.Allowed(text) is { Count: > 0 } ranges ? string.Join(", ", ranges) : "no network at all";

    private static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);
}
