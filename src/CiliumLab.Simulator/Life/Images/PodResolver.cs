using System.Net;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Datapath;

namespace CiliumLab.Simulator.Life;

/// <summary>A name that a DNS server was asked for.</summary>
/// <param name="Server">The server.</param>
/// <param name="Reply">What came of asking it.</param>
/// <param name="Messages">The questions and their answers as they are on the wire; answers are empty when none came.</param>
internal sealed record NameQuestion(IPEndPoint Server, ConnectReply Reply, IReadOnlyList<(byte[] Question, byte[] Answer)> Messages);

/// <summary>Names as a pod resolves them: /etc/hosts, then the cluster's DNS through its search domains.</summary>
internal static class PodResolver
{
    private const int Dots = 5;
    private const int DnsPort = 53;
    private const string NotThere = "NXDOMAIN";

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
    /// <param name="asked">Is told of each name that a server was asked for.</param>
    public static IReadOnlyList<IPAddress> Resolve(ContainerContext context, string name, out bool answered, Action<NameQuestion>? asked = null)
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
        var reply = context.Cluster.Connections.Connect(new ConnectRequest(context.Network, server, DnsPort, "UDP"));
        var number = 0;
        foreach (var candidate in tries)
        {
            // Both kinds of address are asked for at once, whichever the service has.
            string[] questions = ["A " + candidate, "AAAA " + candidate];
            var answers = reply.Ask(questions);
            var messages = questions.Zip(answers).Select(pair => reply.QuestionId(number++) is var id && reply.Outcome == ConnectOutcome.Connected
                ? (DnsText.Question(pair.First, id), DnsText.Answer(pair.First, pair.Second, id))
                : (DnsText.Question(pair.First, id), [])).ToList();
            asked?.Invoke(new NameQuestion(new IPEndPoint(server, DnsPort), reply, messages));
            answered = reply.Outcome == ConnectOutcome.Connected;
            if (!answered)
                return [];
            if (answers.Any(static answer => answer != NotThere))
                return [.. answers.Where(static answer => answer != NotThere).SelectMany(static answer => answer.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(IPAddress.Parse)];
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
