using System.Text.RegularExpressions;
using CiliumLab.Tests.Simulator.Api;

namespace CiliumLab.Tests.Simulator.Transcript;

/// <summary>Hides what must differ between two labs: names with a hash, addresses that are given out, numbers, times, counters.</summary>
internal static partial class TranscriptMask
{
    private static readonly (Regex Pattern, string Instead)[] Masks =
    [
        (Colour(), ""), (Mac(), "MAC"), (Uuid(), "UUID"), (MachineId(), "ID"), (Server(), "SERVER"), (TokenVolume(), "kube-api-access-NAME"), (NodeAddress6(), "ADDRESS6"), (PodAddress(), "POD"), (ServiceAddress(), "SERVICE"), (Veth(), "$1NAME"), (Netns(), "link-netns NETNS"), (NetnsId(), "link-netnsid N"),
        (EndpointChain(), "KUBE-$1-HASH"), (ReplicaPod(), "$1-HASH-NAME"), (DaemonPod(), "$1-NAME"), (SliceName(), "$1-NAME"), (PolicyMap(), "cilium_policy_v2_N"), (NumericIdentity(), "identity=N"), (Picture(), ""), (TemplateHash(), "pod-template-hash=HASH"), (RevisionHash(), "controller-revision-hash=HASH"),
        (Counters(), "[N:N]"), (Comment(), "# $1 at TIME"), (LinkIndex(), "N: "), (PairIndex(), "@ifN"), (Time(), "TIME"), (Date(), "TIME"), (LongTime(), "TIME"), (Milliseconds(), "N ms"), (Rest(), "Nsec"),
        (Ago(), "AGE ago"), (Age(), "AGE"), (Port(), "$1:PORT"), (Container(), "CONTAINER"), (Identity(), "IDENTITY"), (Blanks(), " "),
    ];

    /// <summary>The masked lines without empty ones.</summary>
    public static IReadOnlyList<string> Lines(string text)
    {
        text = KubectlNoise.Remove(text.ReplaceLineEndings("\n"));
        foreach (var (pattern, instead) in Masks)
            text = pattern.Replace(text, instead);
        return [.. text.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0)];
    }

    [GeneratedRegex("\\x1b\\[[0-9;]*[A-Za-z]")]
    private static partial Regex Colour();

    [GeneratedRegex("\\b([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}\\b")]
    private static partial Regex Mac();

    [GeneratedRegex("\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b")]
    private static partial Regex Uuid();

    [GeneratedRegex("\\b[0-9a-f]{32}\\b")]
    private static partial Regex MachineId();

    [GeneratedRegex("https://(127\\.0\\.0\\.1:\\d+|192\\.168\\.10\\.100:6443)")]
    private static partial Regex Server();

    [GeneratedRegex("kube-api-access-[0-9a-z]{5}")]
    private static partial Regex TokenVolume();

    [GeneratedRegex("\\b(fe80|fd17)(:[0-9a-f]{0,4})+(:(ff|fe)[0-9a-f]{0,4})?(:[0-9a-f]{0,4})*")]
    private static partial Regex NodeAddress6();

    [GeneratedRegex("\\b(10\\.244\\.[012]|172\\.20\\.[012])\\.([1-9][0-9]*)\\b(?!/24)")]
    private static partial Regex PodAddress();

    [GeneratedRegex("\\b10\\.96\\.(?!0\\.)\\d+\\.\\d+\\b")]
    private static partial Regex ServiceAddress();

    [GeneratedRegex("\\b(webpod|kube-dns|hubble-peer|cilium-envoy)-[0-9bcdfghjklmnpqrstvwxz]{5}\\b")]
    private static partial Regex SliceName();

    [GeneratedRegex("cilium_policy_v2_\\d{5}")]
    private static partial Regex PolicyMap();

    [GeneratedRegex("identity=\\d{4,5}\\b")]
    private static partial Regex NumericIdentity();

    // hostnamectl's picture of a machine, on terminals that can show one.
    [GeneratedRegex("\uD83D\uDDB4")]
    private static partial Regex Picture();

    [GeneratedRegex("\\b(veth|lxc|tmp)[0-9a-f]{5,12}\\b")]
    private static partial Regex Veth();

    [GeneratedRegex("link-netns [-\\w]+")]
    private static partial Regex Netns();

    [GeneratedRegex("link-netnsid \\d+")]
    private static partial Regex NetnsId();

    [GeneratedRegex("KUBE-(SEP|SVC|EXT|FW)-[A-Z0-9]{16}")]
    private static partial Regex EndpointChain();

    [GeneratedRegex("\\b(coredns|webpod|cilium-operator)-[0-9a-f]{6,10}(-[0-9a-z]{5})?\\b")]
    private static partial Regex ReplicaPod();

    [GeneratedRegex("\\b(kube-proxy|kube-flannel-ds|cilium-envoy|cilium)-[0-9bcdfghjklmnpqrstvwxz]{5}\\b")]
    private static partial Regex DaemonPod();

    [GeneratedRegex("pod-template-hash=\\w+")]
    private static partial Regex TemplateHash();

    [GeneratedRegex("controller-revision-hash=\\w+")]
    private static partial Regex RevisionHash();

    [GeneratedRegex("\\[\\d+:\\d+\\]")]
    private static partial Regex Counters();

    [GeneratedRegex("# ((?:Generated|Completed).*) on .*")]
    private static partial Regex Comment();

    [GeneratedRegex("(?m)^\\d+: ")]
    private static partial Regex LinkIndex();

    [GeneratedRegex("@if\\d+")]
    private static partial Regex PairIndex();

    [GeneratedRegex("\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z?([+-]\\d{4}( UTC)?| \\+\\d{4} \\w+)?")]
    private static partial Regex Time();

    [GeneratedRegex("\\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (\\w{3} +\\d+|\\d+ \\w{3}( \\d{4})?) [\\d:]+( \\+\\d{4})?( \\d{4})?")]
    private static partial Regex Date();

    [GeneratedRegex("Last login:.*")]
    private static partial Regex LongTime();

    [GeneratedRegex("\\d+(\\.\\d+)?(/\\d+\\.\\d+)* ?ms")]
    private static partial Regex Milliseconds();

    [GeneratedRegex("\\b\\d+sec\\b")]
    private static partial Regex Rest();

    [GeneratedRegex("(About )?(an?|\\d+) (second|minute|hour|day)s? ago")]
    private static partial Regex Ago();

    [GeneratedRegex("(?<=[\\s(])(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?(?<=\\d[smhd])(?=[\\s)]|$)")]
    private static partial Regex Age();

    [GeneratedRegex("\\b(POD|192\\.168\\.10\\.10[0-2]):\\d{5}\\b")]
    private static partial Regex Port();

    [GeneratedRegex("\\b([0-9a-f]{64}|[0-9a-f]{13})\\b")]
    private static partial Regex Container();

    [GeneratedRegex("(?<=\\s)\\d{2,5}(?=\\s|$)")]
    private static partial Regex Identity();

    [GeneratedRegex("[ \\t]+")]
    private static partial Regex Blanks();
}
