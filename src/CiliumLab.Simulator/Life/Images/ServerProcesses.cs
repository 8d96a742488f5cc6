using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>A process that listens on one port.</summary>
/// <param name="port">The port.</param>
/// <param name="server">What answers.</param>
internal sealed class PortProcess(int port, INetworkServer server) : IContainerProcess
{
    /// <inheritdoc/>
    public ProcessOutcome Start(ContainerContext context)
    {
        context.Cluster.Listeners.Open(context.Network, port, server);
        return ProcessOutcome.Runs;
    }

    /// <inheritdoc/>
    public void Stop(ContainerContext context) => context.Cluster.Listeners.Close(server);
}

/// <summary>HTTP as far as the servers of the lab speak it.</summary>
internal static class HttpText
{
    /// <summary>An answer.</summary>
    public static string Reply(int code, string reason, string body, string type = "text/plain; charset=utf-8") => string.Create(CultureInfo.InvariantCulture,
        $"HTTP/1.1 {code} {reason}\r\nContent-Type: {type}\r\nContent-Length: {System.Text.Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
}

/// <summary>The API server's port as it looks from inside, without credentials.</summary>
internal sealed class ApiFrontend : INetworkServer
{
    /// <inheritdoc/>
    public string Answer(string message, IPEndPoint client, IPEndPoint server) => message.StartsWith("GET ", StringComparison.Ordinal)
        ? HttpText.Reply(401, "Unauthorized", "{\n  \"kind\": \"Status\",\n  \"apiVersion\": \"v1\",\n  \"metadata\": {},\n  \"status\": \"Failure\",\n  \"message\": \"Unauthorized\",\n  \"reason\": \"Unauthorized\",\n  \"code\": 401\n}", "application/json")
        : HttpText.Reply(400, "Bad Request", "Client sent an HTTP request to an HTTPS server.\n");
}

/// <summary>A web server with one page.</summary>
/// <param name="title">The page's title.</param>
internal sealed class StaticPage(string title) : INetworkServer
{
    /// <inheritdoc/>
    public string Answer(string message, IPEndPoint client, IPEndPoint server) =>
        HttpText.Reply(200, "OK", $"<!DOCTYPE html>\n<html>\n<head>\n<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n</body>\n</html>\n", "text/html");
}

/// <summary>traefik/whoami: says who it is, who asks, and what was asked.</summary>
internal sealed class WhoAmIProcess : IContainerProcess, INetworkServer
{
    private ContainerContext? _context;

    /// <inheritdoc/>
    public ProcessOutcome Start(ContainerContext context)
    {
        _context = context;
        context.Cluster.Listeners.Open(context.Network, Port(context), this);
        context.Log(context.Cluster.Clock.GetUtcNow().ToString("yyyy/MM/dd HH:mm:ss", CultureInfo.InvariantCulture) + $" Starting up on port {Port(context)}");
        return ProcessOutcome.Runs;
    }

    /// <inheritdoc/>
    public void Stop(ContainerContext context) => context.Cluster.Listeners.Close(this);

    /// <inheritdoc/>
    public string Answer(string message, IPEndPoint client, IPEndPoint server)
    {
        var context = _context!;
        var body = $"Hostname: {context.Pod.Json.Text("spec", "hostname") ?? (context.Pod.IsHostNetwork() ? context.Node.HostName : context.Pod.Name)}\n";
        foreach (var (_, address) in context.Network.AllAddresses())
            body += $"IP: {address.Address}\n";
        body += $"RemoteAddr: {client}\n";
        // The request as Go's httputil writes it: line, Host, then the other headers.
        var lines = message.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        body += lines[0] + "\r\n" + string.Concat(lines.Skip(1).OrderBy(static l => !l.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)).ThenBy(static l => !l.StartsWith("User-Agent:", StringComparison.OrdinalIgnoreCase)).Select(static l => l + "\r\n")) + "\r\n";
        return HttpText.Reply(200, "OK", body);
    }

    private static int Port(ContainerContext context)
    {
        var command = context.Command;
        for (var i = 0; i < command.Count; i++)
        {
            if (command[i].StartsWith("--port=", StringComparison.Ordinal) && int.TryParse(command[i]["--port=".Length..], CultureInfo.InvariantCulture, out var joined))
                return joined;
            if (command[i] is "--port" or "-port" && i + 1 < command.Count && int.TryParse(command[i + 1], CultureInfo.InvariantCulture, out var apart))
                return apart;
        }
        return context.Spec.Objects("env").FirstOrDefault(static e => e.Text("name") == "WHOAMI_PORT_NUMBER").Text("value") is { } value
            && int.TryParse(value, CultureInfo.InvariantCulture, out var variable) ? variable : 80;
    }
}

/// <summary>CoreDNS: ready while it reaches the API, and answers for the cluster's services. A question is <c>A name</c> or <c>AAAA name</c>; the answer a list of addresses.</summary>
internal sealed class CoreDnsProcess : IContainerProcess, INetworkServer
{
    private const int DnsPort = 53;

    private ContainerContext? _context;
    private bool _saidReady;

    /// <inheritdoc/>
    public bool MayBecomeUnready => true;

    /// <inheritdoc/>
    public ProcessOutcome Start(ContainerContext context)
    {
        _context = context;
        foreach (var protocol in (ReadOnlySpan<string>)["TCP", "UDP"])
            context.Cluster.Listeners.Open(context.Network, DnsPort, this, protocol);
        context.Log(".:53");
        context.Log("[INFO] plugin/reload: Running configuration SHA512 = 1b226df79860026c6a52e67daa10d7f0d57ec5b023288ec00c5e05f93523c894564e15b91770d3a07ae1cfbe861d15b37d4a0027e69c546ab112970993a3b03b");
        context.Log("CoreDNS-1.12.0");
        context.Log("linux/amd64, go1.23.3, 51e11f1");
        return ProcessOutcome.Runs;
    }

    /// <inheritdoc/>
    public void Stop(ContainerContext context) => context.Cluster.Listeners.Close(this);

    /// <inheritdoc/>
    public string? ReadinessFailure(ContainerContext context)
    {
        var api = KubeadmObjects.Host(context.Cluster.Settings.Api.ServiceCidr, 1);
        if (context.Cluster.Connections.Connect(new ConnectRequest(context.Network, api, 443)).Outcome == ConnectOutcome.Connected)
        {
            _saidReady = true;
            return null;
        }
        context.Log(_saidReady
            ? $"[INFO] plugin/kubernetes: pkg/mod/k8s.io/client-go@v0.31.2/tools/cache/reflector.go:243: failed to list *v1.Service: Get \"https://{api}:443/api/v1/services?limit=500&resourceVersion=0\": dial tcp {api}:443: i/o timeout"
            : "[INFO] plugin/ready: Still waiting on: \"kubernetes\"");
        return "HTTP probe failed with statuscode: 503";
    }

    /// <inheritdoc/>
    public string Answer(string message, IPEndPoint client, IPEndPoint server)
    {
        var words = message.Split(' ');
        var addresses = words is ["A" or "AAAA", var name] ? Resolve(name.TrimEnd('.')) : [];

        // A name that is there and has no address of the kind that was asked for is answered with nothing.
        return addresses.Count == 0 ? "NXDOMAIN" : string.Join(' ', addresses.Where(address => address.Contains(':', StringComparison.Ordinal) == (words[0] == "AAAA")));
    }

    private List<string> Resolve(string name)
    {
        var store = _context!.Cluster.Store;
        var suffix = $".svc.{_context.Cluster.Settings.Domain}";
        if (!name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            return [];
        var parts = name[..^suffix.Length].ToLowerInvariant().Split('.');
        if (parts.Length is not (2 or 3) || store.Find(ResourceTypes.Services, parts[^1], parts[^2]) is not { } service)
            return [];
        if (service.Json.Text("spec", "clusterIP") is { Length: > 0 } address && address != "None")
            return parts.Length == 2 && IPAddress.TryParse(address, out var ip) && ip.AddressFamily == AddressFamily.InterNetwork ? [address] : [];
        return [.. store.List(ResourceTypes.EndpointSlices, parts[^1]).Items
            .Where(s => s.Labels.GetValueOrDefault("kubernetes.io/service-name") == service.Name)
            .SelectMany(static s => s.Json.Objects("endpoints"))
            .Where(e => e.Flag("conditions", "ready") && (parts.Length == 2 || e.Text("hostname") == parts[0]))
            .SelectMany(static e => e.Texts("addresses")).Distinct()];
    }
}
