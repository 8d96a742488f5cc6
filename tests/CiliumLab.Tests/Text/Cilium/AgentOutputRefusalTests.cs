using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text.Cilium;

/// <summary>Every parser of Cilium, eBPF, Helm and traces is given every recorded output: it reads its own, and refuses the others instead of misreading them.</summary>
public sealed class AgentOutputRefusalTests
{
    private static readonly Dictionary<LabOutputKind, string[]> Own = new()
    {
        [LabOutputKind.BpfConntrack] = ["transcript/150", "cilium/ct-"],
        [LabOutputKind.BpfFilesystem] = ["transcript/167", "transcript/168"],
        [LabOutputKind.BpfIpCache] = ["cilium/ipcache-"],
        [LabOutputKind.BpfLoadBalancer] = ["cilium/lb-"],
        [LabOutputKind.BpfNat] = ["transcript/151", "cilium/nat-"],
        [LabOutputKind.BpfPolicy] = ["transcript/174", "transcript/175", "transcript/176", "cilium/policy-"],
        [LabOutputKind.BpftoolMap] = ["transcript/187", "cilium/bpftool-map"],
        [LabOutputKind.BpftoolNet] = ["transcript/184", "cilium/bpftool-net"],
        [LabOutputKind.BpftoolProgram] = ["transcript/185", "transcript/186", "cilium/bpftool-prog"],
        [LabOutputKind.CiliumDevices] = ["transcript/177", "transcript/178", "transcript/179"],
        [LabOutputKind.CiliumEndpointList] = ["transcript/130", "transcript/148", "transcript/160", "transcript/161", "transcript/162", "cilium/endpoint-"],
        // A status holds the health that a node sees.
        [LabOutputKind.CiliumHealth] = ["transcript/147", "cilium/health-", "cilium/status-"],
        [LabOutputKind.CiliumIdentityList] = ["transcript/166", "cilium/identity-"],
        [LabOutputKind.CiliumIpList] = ["transcript/164", "transcript/165", "cilium/ip-list"],
        [LabOutputKind.CiliumMapEvents] = ["transcript/173", "cilium/map-events"],
        [LabOutputKind.CiliumMapGet] = ["transcript/181", "transcript/182", "cilium/map-get", "cilium/map-list-verbose"],
        [LabOutputKind.CiliumMapList] = ["transcript/172", "cilium/map-list"],
        [LabOutputKind.CiliumMonitor] = ["transcript/163", "cilium/monitor-"],
        [LabOutputKind.CiliumServiceList] = ["transcript/169", "cilium/service-"],
        [LabOutputKind.CiliumStatus] = ["transcript/115", "transcript/149", "cilium/status-"],
        [LabOutputKind.HelmList] = ["cilium/helm-list"],
        // helm install prints the same.
        [LabOutputKind.HelmStatus] = ["transcript/037", "transcript/111", "cilium/helm-status"],
        [LabOutputKind.Strace] = ["transcript/192", "transcript/194", "transcript/195", "strace/network", "strace/processes"],
        [LabOutputKind.StraceSummary] = ["transcript/191", "strace/summary"],
        [LabOutputKind.Tcpdump] = ["tcpdump/"],
    };

    public static TheoryData<LabOutputKind> Kinds => [.. Own.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Refuses_what_is_another_commands(LabOutputKind kind)
    {
        var misread = new List<string>();
        foreach (var file in Files().Where(file => !Own[kind].Any(own => file.StartsWith(own, StringComparison.Ordinal))))
        {
            try
            {
                var records = LabOutputKinds.Parser(kind)(new StringReader(Fixture.Read(file)), null, _ => { }).ToList();
                if (records.Count > 0)
                    misread.Add($"{file}: {records[0]}");
            }
            catch (LabException error)
            {
                Assert.Equal("OutputNotUnderstood", error.ErrorId);
            }
        }

        Assert.True(misread.Count == 0, string.Join('\n', misread));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Reads_its_own_and_endures_it_damaged(LabOutputKind kind)
    {
        foreach (var file in Files().Where(file => Own[kind].Any(own => file.StartsWith(own, StringComparison.Ordinal))))
        {
            var text = Fixture.Read(file);
            Assert.True(LabOutputKinds.Parser(kind)(new StringReader(text), null, _ => { }).Any(), file);
            Garbling.Survives((reader, node, warn) => LabOutputKinds.Parser(kind)(reader, node, warn), text);
        }
    }

    // kubectl's remarks come out between any two lines of the output, and change nothing of it.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Remarks_between_the_lines_change_nothing(LabOutputKind kind)
    {
        foreach (var file in Files().Where(file => Own[kind].Any(own => file.StartsWith(own, StringComparison.Ordinal)) && !file.StartsWith("transcript/111", StringComparison.Ordinal) && !file.StartsWith("transcript/037", StringComparison.Ordinal)))
        {
            var lines = Fixture.Read(file).Split('\n');
            var noisy = string.Join('\n', lines.SelectMany(line => new[] { "E0717 22:11:58.172602   44099 websocket.go:297] Unknown stream id 1, discarding message", "Defaulted container \"cilium-agent\" out of: cilium-agent, config (init)", line }));

            var quiet = LabOutputKinds.Parser(kind)(new StringReader(string.Join('\n', lines)), null, _ => { }).ToList();
            var read = LabOutputKinds.Parser(kind)(new StringReader(noisy), null, _ => { }).ToList();

            Assert.Equal(Records.Print(quiet), Records.Print(read));
        }
    }

    private static IEnumerable<string> Files() => Directory.EnumerateFiles(Fixture.Folder, "*", SearchOption.AllDirectories)
        .Where(file => Path.GetExtension(file) is ".txt" or ".json")
        .Select(file => Path.GetRelativePath(Fixture.Folder, file).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);
}
