using System.Globalization;
using System.Net;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Cluster.Services;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Text;
using CiliumLab.Engine.Tracing.Packets;
using CiliumLab.Engine.Tracing.SystemCalls;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing;

/// <summary>Lets a pod ask a service, and watches its system calls and its packets at once.</summary>
/// <param name="session">The lab.</param>
public sealed class SocketLoadBalancingCheck(LabSession session)
{
    // How long the end of a connection may take to be heard.
    private static readonly TimeSpan LastPackets = TimeSpan.FromSeconds(3);

    /// <summary>Makes one request.</summary>
    /// <param name="from">The pod that asks; it needs curl and strace.</param>
    /// <param name="service">The service.</param>
    /// <param name="ns">The namespace of what is named without one.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LabException"><c>ServiceHasNoAddress</c>, or what a capture or a trace throws.</exception>
    public async Task<SocketLoadBalancingTest> RunAsync(string from, string service, string ns, CancellationToken cancellationToken)
    {
        var (space, name) = service.Split('/') is [var first, var second] ? (first, second) : (ns, service);
        var asked = await FindAsync(space, name, cancellationToken).ConfigureAwait(false);
        var port = asked.Ports.FirstOrDefault(one => one.Protocol.Equals("TCP", StringComparison.OrdinalIgnoreCase));
        if (asked.ClusterIp is null || port is null)
        {
            throw new LabException(
                "ServiceHasNoAddress",
                LabErrorKind.InvalidOperation,
                $"Service '{space}/{name}' has no address of its own with a TCP port, so there is nothing to translate.",
                name,
                "Test a service with a ClusterIP: Get-LabService");
        }

        var pod = await RunningPod.FindAsync(session.Cluster, from, ns, cancellationToken).ConfigureAwait(false);
        var test = new SocketLoadBalancingTest
        {
            From = $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}",
            Service = $"{space}/{name}",
            Frontend = new IPEndPoint(asked.ClusterIp, port.Port),
            Backends = [.. asked.Endpoints.SelectMany(endpoint => endpoint.Ports.Select(number => new IPEndPoint(endpoint.Address, number)))],
        };
        return Judge(await AskAsync(test, cancellationToken).ConfigureAwait(false));
    }

    private async Task<LabService> FindAsync(string ns, string name, CancellationToken cancellationToken)
    {
        await LabPods.RequireNamespaceAsync(session.Cluster, ns, cancellationToken).ConfigureAwait(false);
        await foreach (var service in LabServices.ReadAsync(session.Cluster, ns, null, cancellationToken).ConfigureAwait(false))
        {
            if (service.Service == name)
                return service;
        }

        throw new LabException("ServiceNotFound", LabErrorKind.ObjectNotFound, $"Namespace '{ns}' has no service '{name}'.", name, $"See those that are: Get-LabService -Namespace {ns}");
    }

    private async Task<SocketLoadBalancingTest> AskAsync(SocketLoadBalancingTest test, CancellationToken cancellationToken)
    {
        var addresses = test.Backends.Select(backend => backend.Address).Prepend(test.Frontend.Address).Distinct();
        var filter = $"tcp and ({string.Join(" or ", addresses.Select(address => $"host {address}"))})";
        var capture = await new PacketCaptures(session).InPodAsync(test.From, "default", new CaptureRequest { Filter = filter }, cancellationToken).ConfigureAwait(false);
        var (packets, calls) = (new List<CapturedPacket>(), new List<SystemCall>());
        TracedEnd? end = null;
        await using (capture.ConfigureAwait(false))
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var listening = CollectAsync(capture, packets, over.Token);
            // Its output ends with the address that it believes to talk to.
            var request = new TraceRequest(["curl", "-s", "-m", "5", "-w", @"\n%{remote_ip} %{remote_port}", $"http://{test.Frontend}/"], ["network"]);
            await foreach (var call in new SystemCallTraces(session.Cluster).TraceAsync(test.From, "default", request, ended => end = ended, cancellationToken).ConfigureAwait(false))
                calls.Add(call);
            over.CancelAfter(LastPackets);
            await listening.ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return test with
        {
            SystemCalls = calls,
            Packets = packets,
            Answered = end?.ExitCode == 0,
            ConnectAddress = calls.FirstOrDefault(call => call is { Name: "connect", Address: not null })?.Address,
            PeerAddress = calls.LastOrDefault(call => call is { Name: "getpeername", Address: not null })?.Address ?? Peer(end?.Output),
            WireAddresses = [.. packets.SelectMany(Ends).Where(end => addresses.Contains(end.Address)).Distinct()],
        };
    }

    // Until the connection has ended, as far as it is heard.
    private static async Task CollectAsync(PacketCapture capture, List<CapturedPacket> packets, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var packet in capture.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                packets.Add(packet);
                if (packet.Tcp is { } tcp && (tcp.Flags & (TcpFlags.Fin | TcpFlags.Rst)) != 0)
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            // There was no more.
        }
    }

    private static SocketLoadBalancingTest Judge(SocketLoadBalancingTest test)
    {
        var named = Equals(test.ConnectAddress, test.Frontend);
        var frontendOnWire = test.WireAddresses.Any(address => address.Address.Equals(test.Frontend.Address));
        var backendOnWire = test.WireAddresses.Any(address => test.Backends.Contains(address));
        var wire = test.WireAddresses.Count == 0 ? "nothing" : string.Join(", ", test.WireAddresses);
        // Newer versions of curl do not ask the kernel for it.
        var asked = test.SystemCalls.Any(call => call is { Name: "getpeername", Address: not null });
        var peer = test.PeerAddress is null ? "" : asked ? $" Asking for its peer, the program is told {test.PeerAddress}." : $" The program believes to talk to {test.PeerAddress}.";
        return test with
        {
            SocketLoadBalanced = named && backendOnWire && !frontendOnWire,
            Explanation = (named, frontendOnWire, backendOnWire) switch
            {
                (true, false, true) => $"connect() names the service, {test.Frontend}, and the pod's packets carry only {wire}: the address was translated at the socket, before there was a packet.{peer}",
                (true, true, _) when !test.Answered => $"connect() names the service, {test.Frontend}, and so do the pod's packets, but nobody answered: the service is not translated, or has no backend.",
                (true, true, _) => $"connect() names the service, {test.Frontend}, and so do the pod's packets: the address is translated later, on the node, as kube-proxy does it.{peer}",
                (true, false, false) => $"connect() names the service, {test.Frontend}, but no packet left the pod: the service is not translated, or has no backend.",
                _ => $"The program did not connect to {test.Frontend}, so nothing was shown.",
            },
        };
    }

    private static IEnumerable<IPEndPoint> Ends(CapturedPacket packet)
    {
        if (packet is { SourceAddress: { } source, SourcePort: { } from })
            yield return new IPEndPoint(source, from);
        if (packet is { DestinationAddress: { } destination, DestinationPort: { } to })
            yield return new IPEndPoint(destination, to);
    }

    private static IPEndPoint? Peer(string? output) =>
        output?[(output.LastIndexOf('\n') + 1)..].Split(' ') is [var host, var port] && CiliumValues.TryAddress(host, out var address)
            && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new IPEndPoint(address, number)
            : null;
}
