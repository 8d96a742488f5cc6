using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Nodes.Kubelet;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes;

/// <summary>
/// Whether nodes reach each other. The lab knows where a node's SSH server is, which may be a port forwarded on this computer, so the
/// address that another node would use is found out on the nodes: the source's /etc/hosts when it has the target's name, else the
/// target's <c>--node-ip</c>, else the target's only address on an interface that neither the default route nor a CNI uses.
/// </summary>
/// <param name="session">The lab.</param>
/// <param name="count">How many requests are sent to each target.</param>
public sealed class NodeReachability(LabSession session, int count)
{
    // Interfaces that container networks make; their addresses are not the node's.
    private static readonly string[] ContainerInterfaces =
        ["cni", "flannel", "cilium_", "lxc", "veth", "docker", "br-", "kube-", "nodelocaldns", "tunl", "vxlan", "weave", "cali"];

    // Asked once per node, however many others ping it.
    private readonly ConcurrentDictionary<string, Lazy<Task<IPAddress>>> _addresses = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Pings every other node of the lab, or the destinations, from one node; a result comes when it is known.</summary>
    /// <param name="shell">The node that pings.</param>
    /// <param name="destinations">Names or addresses as that node knows them; null for the lab's other nodes.</param>
    /// <param name="warn">Is told of what was not understood.</param>
    /// <param name="cancellationToken">Stops the pings.</param>
    public async IAsyncEnumerable<NodeConnectivity> TestAsync(
        INodeShell shell,
        IReadOnlyList<string>? destinations,
        Action<TextWarning> warn,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<Task<NodeConnectivity>> tests;
        if (destinations is not null)
        {
            tests = [.. destinations.Select(destination => PingAsync(shell, destination, destination, warn, cancellationToken))];
        }
        else
        {
            var hosts = await HostsAsync(shell, cancellationToken).ConfigureAwait(false);
            tests = [.. session.Nodes
                .Where(node => !string.Equals(node, shell.Node, StringComparison.OrdinalIgnoreCase))
                .Select(node => TestNodeAsync(shell, node, hosts, warn, cancellationToken))];
        }

        await foreach (var test in Task.WhenEach(tests).WithCancellation(cancellationToken).ConfigureAwait(false))
            yield return await test.ConfigureAwait(false);
    }

    private async Task<NodeConnectivity> TestNodeAsync(
        INodeShell source, string target, IReadOnlyList<NodeHostEntry> hosts, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        var named = hosts.FirstOrDefault(entry =>
            !IPAddress.IsLoopback(entry.Address) && entry.Aliases.Prepend(entry.Name).Contains(target, StringComparer.OrdinalIgnoreCase));
        IPAddress address;
        try
        {
            address = named?.Address
                ?? await _addresses.GetOrAdd(target, node => new(() => AddressAsync(session.Shell(node), cancellationToken))).Value.ConfigureAwait(false);
        }
        catch (LabException error)
        {
            return new NodeConnectivity { From = source.Node, To = target, Failure = $"its address is not known: {error.Message}" };
        }

        return await PingAsync(source, target, address.ToString(), warn, cancellationToken).ConfigureAwait(false);
    }

    private async Task<NodeConnectivity> PingAsync(
        INodeShell source, string target, string address, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        var result = await source.RunAsync(
            NodeCommand.Of("ping", "-n", "-c", count.ToString(CultureInfo.InvariantCulture), "-i", "0.2", "-W", "2", "--", address) with
            {
                // Every request may wait two seconds for its answer; names may have to be looked up first.
                Timeout = TimeSpan.FromSeconds(15 + count * 3.0),
            },
            cancellationToken).ConfigureAwait(false);
        if (result.ExitCode == 127)
            throw NodeShellCommands.Failure(result, NodeCommand.Of("ping"));
        var said = result.Output.TrimEnd() + "\n" + result.Error.TrimEnd();
        var ping = string.IsNullOrWhiteSpace(said) ? null : PingText.Parse(new StringReader(said), source.Node, warn).LastOrDefault();
        var sent = ping?.Sent ?? 0;
        var received = ping?.Received ?? 0;
        return new NodeConnectivity
        {
            From = source.Node,
            To = target,
            Address = ping?.Address ?? PingText.Address(address),
            Sent = sent,
            Received = received,
            MinRtt = ping?.MinRtt,
            AvgRtt = ping?.AvgRtt,
            MaxRtt = ping?.MaxRtt,
            Failure = ping?.Failure ?? (sent == 0 ? "ping said nothing" : received < sent ? $"{sent - received} of {sent} were lost" : null),
        };
    }

    private static async Task<IReadOnlyList<NodeHostEntry>> HostsAsync(INodeShell shell, CancellationToken cancellationToken)
    {
        var result = await shell.RunAsync(NodeCommand.Of("cat", "/etc/hosts"), cancellationToken).ConfigureAwait(false);
        // A node without the file is asked by address; a strange line in it is Get-NodeHostEntry's to report.
        return result.ExitCode == 0 ? [.. HostsFileText.Parse(new StringReader(result.Output), shell.Node, _ => { })] : [];
    }

    private static async Task<IPAddress> AddressAsync(INodeShell target, CancellationToken cancellationToken)
    {
        if (await ConfiguredAsync(target, cancellationToken).ConfigureAwait(false) is { } configured)
            return configured;
        var own = InterfaceAddresses.Reachable(await InterfaceAddresses.ReadAsync(target, cancellationToken).ConfigureAwait(false))
            .Where(address => address.Address.AddressFamily == AddressFamily.InterNetwork
                && !ContainerInterfaces.Any(prefix => address.Interface.StartsWith(prefix, StringComparison.Ordinal)))
            .ToList();
        var outward = await InterfaceAddresses.DefaultRouteInterfacesAsync(target, cancellationToken).ConfigureAwait(false);
        var candidates = own.Where(address => !outward.Contains(address.Interface)).ToList();
        // With one interface only, that is the one.
        if (candidates.Count == 0)
            candidates = own;
        return candidates switch
        {
            [var only] => only.Address,
            _ => throw new LabException(
                "NodeAddressUnknown",
                LabErrorKind.InvalidOperation,
                candidates.Count == 0
                    ? $"Node '{target.Node}' has no address that others can reach."
                    : $"Node '{target.Node}' has several addresses: {string.Join(", ", candidates.Select(address => $"{address.Interface} {address.Address}"))}.",
                target.Node,
                "Name what to ping: Test-NodeConnectivity -Destination ADDRESS"),
        };
    }

    private static async Task<IPAddress?> ConfiguredAsync(INodeShell target, CancellationToken cancellationToken)
    {
        try
        {
            var kubelet = await KubeletNodeIp.ReadAsync(target, cancellationToken).ConfigureAwait(false);
            return kubelet.Configured.FirstOrDefault(address => !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any));
        }
        catch (LabException error) when (error.ErrorId == "KubeletFlagsNotFound")
        {
            return null;
        }
    }
}
