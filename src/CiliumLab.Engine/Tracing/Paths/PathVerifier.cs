using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Connectivity;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>Sends what a trace was about, with curl in the pod, and says whether both agree.</summary>
/// <param name="client">The cluster.</param>
/// <param name="timeout">How long the request may take.</param>
public sealed class PathVerifier(ClusterClient client, TimeSpan timeout)
{
    /// <summary>Sends one request along the path.</summary>
    /// <exception cref="LabException"><c>PathNotVerifiable</c> for anything but TCP, or the pod cannot be asked.</exception>
    public async Task<PathVerification> VerifyAsync(PodPath path, CancellationToken cancellationToken)
    {
        if (path.Protocol != TransportProtocol.Tcp)
        {
            throw new LabException(
                "PathNotVerifiable",
                LabErrorKind.InvalidArgument,
                $"A trace of {path.Protocol} cannot be verified: the packet is sent with curl, over TCP.",
                path.To,
                "Leave -Verify out, or see the packets themselves with Get-PodPacket.");
        }

        var (ns, pod) = path.From.Split('/') is [var first, var second] ? (first, second) : ("default", path.From);
        var result = await new PodReachability(client, 1, timeout).TestAsync(pod, ns, Asked(path), _ => Task.CompletedTask, cancellationToken).ConfigureAwait(false);
        return result.FailureKind switch
        {
            PodConnectivityFailure.None or PodConnectivityFailure.HttpStatus =>
                new(path.Reachable, $"{(result.RespondedBy is [var who, ..] ? who.Name : result.Address?.ToString())} answered", result),

            // Whoever refuses was reached, unless it is the node in the place of a service without backends.
            PodConnectivityFailure.Refused when path.Reachable =>
                new(true, $"the packet arrived and was refused: nothing listens on port {path.Port}", result),
            _ => new(!path.Reachable, result.Failure ?? "no answer", result),
        };
    }

    // A name is asked for as it is, so that its resolution is verified, too.
    private static string Asked(PodPath path)
    {
        if (path.To.Contains("://", StringComparison.Ordinal) || path.Port is not { } port)
            return path.To;
        var host = path.To.Contains('/', StringComparison.Ordinal) && path.To.Split('/') is [var ns, var plain] ? $"{plain}.{ns}" : path.To;
        if (System.Net.IPAddress.TryParse(host, out var address))
            return new System.Net.IPEndPoint(address, port).ToString();
        if (path.Hops.Any(hop => hop.Kind == PathHopKind.NameResolution))
            return $"http://{(host.Contains(':', StringComparison.Ordinal) ? host : $"{host}:{port}")}/";
        return path.Destination is { } end ? new System.Net.IPEndPoint(end, port).ToString() : path.To;
    }
}
