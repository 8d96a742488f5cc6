using System.Net;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Names as a pod resolves them: /etc/hosts, then the cluster's DNS through its search domains.</summary>
internal static class PodResolver
{
    private const int Dots = 5;

    /// <summary>The pod's /etc/resolv.conf.</summary>
    public static string ResolvConf(ContainerContext context) => UsesClusterDns(context)
        ? $"search {string.Join(' ', Search(context))}\nnameserver {KubeadmObjects.Host(context.Cluster.Settings.Api.ServiceCidr, 10)}\noptions ndots:{Dots}\n"
        : "nameserver 10.0.2.3\nsearch .\n";

    /// <summary>The pod's /etc/hosts.</summary>
    public static string Hosts(ContainerContext context) =>
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n" +
        $"{context.Address}\t{context.Pod.Name}\n";

    /// <summary>The addresses of a name.</summary>
    /// <param name="context">The container that asks.</param>
    /// <param name="name">The name, or an address.</param>
    /// <param name="answered">Whether a DNS server said anything at all.</param>
    /// <param name="asked">Is told who was asked, what came of it, the name that was asked for, and the answer.</param>
    public static IReadOnlyList<IPAddress> Resolve(ContainerContext context, string name, out bool answered, Action<IPEndPoint, ConnectReply, string, string?>? asked = null)
    {
        answered = true;
        if (IPAddress.TryParse(name, out var literal))
            return [literal];
        if (name is "localhost")
            return [IPAddress.Loopback];
        if (name == context.Pod.Name && context.Address is not null)
            return [context.Address];
        answered = false;
        if (!UsesClusterDns(context))
            return [];
        var server = KubeadmObjects.Host(context.Cluster.Settings.Api.ServiceCidr, 10);
        var absolute = name.EndsWith('.');
        var plain = name.TrimEnd('.');
        var searched = absolute ? [] : Search(context).Select(domain => $"{plain}.{domain}");
        var tries = plain.Count(static c => c == '.') >= Dots ? searched.Prepend(plain) : searched.Append(plain);
        foreach (var candidate in tries)
        {
            var reply = context.Cluster.Connections.Connect(new ConnectRequest(context.Network, server, 53, "UDP"));
            if (reply.Outcome != ConnectOutcome.Connected)
            {
                asked?.Invoke(new IPEndPoint(server, 53), reply, candidate, null);
                return [];
            }

            answered = true;
            var answer = reply.Ask("A " + candidate);
            asked?.Invoke(new IPEndPoint(server, 53), reply, candidate, answer);
            if (answer != "NXDOMAIN")
                return [.. answer.Split(' ').Select(IPAddress.Parse)];
        }
        return [];
    }

    private static IEnumerable<string> Search(ContainerContext context)
    {
        var domain = context.Cluster.Settings.Domain;
        return [$"{context.Pod.Namespace}.svc.{domain}", $"svc.{domain}", domain];
    }

    private static bool UsesClusterDns(ContainerContext context) => context.Pod.Json.Text("spec", "dnsPolicy") switch
    {
        "ClusterFirstWithHostNet" => true,
        "Default" or "None" => false,
        _ => !context.Pod.IsHostNetwork(),
    };
}
