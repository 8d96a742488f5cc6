using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Cilium;

/// <summary>
/// A simulated lab that moves from Flannel to Cilium as the recorded one did, with every line of about_CiliumLab_Transcript run in the
/// order of the page.
/// </summary>
public sealed class ClosingTableLab : IDisposable
{
    private readonly string _lab = "table-" + Guid.NewGuid().ToString("N")[..8];
    private readonly CliRelease _release = new("v0.18.9");

    public ClosingTableLab()
    {
        Prompt.Get(
            """
            $null = New-LabCluster $args[0] -Provider Simulator -Speed 20
            $null = Set-NodeInternalIp eth1 -Confirm:$false
            $null = Install-Cni Flannel -Confirm:$false
            $null = Install-LabWorkload -Confirm:$false
            $null = Uninstall-Cni Flannel -Confirm:$false
            $null = Remove-FlannelArtifacts -Confirm:$false
            $null = Remove-KubeProxy -Confirm:$false
            $global:ConfirmPreference = 'None'
            $global:PSDefaultParameterValues = @{ 'Install-CiliumCli:Repository' = $args[1] }
            """,
            _lab,
            _release.Address);
        foreach (var row in ClosingTable.Rows)
        {
            // Agents that were restarted are found by the probes of the others, by and by.
            if (row.Numbers.Contains(147))
                Prompt.Get("Invoke-LabStep Probes { } -Until { (Get-CiliumStatus).HealthMeshComplete }");
            Outcomes[row.Line] = Prompt.Run(row.Line);
        }
    }

    internal Prompt Prompt { get; } = new();

    /// <summary>What each line of the page gave.</summary>
    internal Dictionary<string, Outcome> Outcomes { get; } = [];

    public void Dispose()
    {
        Prompt.Run("Remove-LabCluster $args[0] -Confirm:$false", _lab);
        Prompt.Dispose();
        _release.Dispose();
    }
}

/// <summary>The page about_CiliumLab_Transcript.</summary>
internal static class ClosingTable
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "en-US", "about_CiliumLab_Transcript.md");

    /// <summary>The rows in the order of the page: the numbers of the recorded commands, and the line that answers them.</summary>
    public static IReadOnlyList<(IReadOnlyList<int> Numbers, string Line)> Rows { get; } = [.. Read()];

    /// <summary>The line that answers a recorded command; null when the page has none.</summary>
    public static string? LineOf(int number) => Rows.FirstOrDefault(row => row.Numbers.Contains(number)).Line;

    private static IEnumerable<(IReadOnlyList<int> Numbers, string Line)> Read()
    {
        List<int> numbers = [];
        foreach (var line in File.ReadLines(Page).SkipWhile(line => line != "```powershell"))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2]))
                numbers = [.. line[2..line.IndexOf(':', StringComparison.Ordinal)].Split(", ").Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
            else if (line.Contains('-', StringComparison.Ordinal) && line[0] is not ('#' or '-'))
                yield return (numbers, line);
        }
    }
}

/// <summary>Every command of the stages in which Cilium is installed and looked at has a line that answers it with objects.</summary>
public sealed class ClosingTableTests(ClosingTableLab lab) : IClassFixture<ClosingTableLab>
{
    private static readonly string[] Nodes = ["k8s-ctr", "k8s-w1", "k8s-w2"];
    private static readonly IPNetwork Pods = IPNetwork.Parse("172.20.0.0/16");

    /// <summary>The recorded commands of the stages, by number.</summary>
    public static TheoryData<int, string> Recorded =>
    [
        .. JsonNode.Parse(Fixture.Read("transcript/index.json"))!.AsArray()
            .Where(command => int.Parse(((string)command!["stage"]!)[..2], CultureInfo.InvariantCulture) is >= 80 and <= 92)
            .Select(command => new TheoryDataRow<int, string>((int)command!["id"]!, (string)command["command"]!)),
    ];

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Every_recorded_command_has_a_line_that_answers_without_error(int number, string typed)
    {
        var line = ClosingTable.LineOf(number);
        Assert.True(line is not null, $"{number} has no line: {typed}");
        var outcome = lab.Outcomes[line];
        Assert.True(outcome.Errors.Count == 0, $"{number}: {line}\n{string.Join("\n", outcome.Errors)}");
        Assert.NotEmpty(outcome.Output);
    }

    [Fact]
    public void Installation_and_its_release()
    {
        var installed = One<CniInstallation>(111);
        Assert.Equal((CniKind.Cilium, "1.17.5", 3, 3, true), (installed.Name, installed.Version, installed.Ready, installed.Wanted, installed.InCharge));
        Assert.Equal(true, All<CniValue>(112).Single(value => value.Key == "kubeProxyReplacement").Value);
        Assert.Equal("172.20.0.0/16", All<CniValue>(112).Single(value => value.Key == "ipv4NativeRoutingCIDR").Value);
        Assert.Superset(new HashSet<string> { "ciliumendpoints.cilium.io", "ciliumidentities.cilium.io", "ciliumnodes.cilium.io" }, All<string>(113).ToHashSet());
        Assert.Equal(3, All<LabPod>(114).Count(pod => pod.Ready && pod.Labels.GetValueOrDefault("k8s-app") == "cilium"));
    }

    [Fact]
    public void Datapath_and_rules_after_the_installation()
    {
        var status = One<CiliumAgentStatus>(115);
        Assert.Equal((CiliumHealthState.Ok, true, CiliumRoutingMode.Native, Pods), (status.State, status.KubeProxyReplacement, status.Routing, status.NativeRoutingCidr));
        Assert.Equal(["k8s-ctr"], All<IptablesRule>(116).Select(rule => rule.Node).Distinct());
        Assert.Equal(["k8s-w1", "k8s-w2"], All<IptablesRule>(117).Select(rule => rule.Node!).Distinct().Order());
        Assert.DoesNotContain(All<IptablesRule>(116).Concat(All<IptablesRule>(117)), rule => rule.Chain.StartsWith("KUBE-S", StringComparison.Ordinal));
        Assert.Equal(["default/kubernetes", "default/webpod", "kube-system/cilium-envoy", "kube-system/hubble-peer", "kube-system/kube-dns"], All<LabService>(118).Select(service => $"{service.Namespace}/{service.Service}").Order());
        Assert.All(All<IptablesRule>(119), rule => Assert.Equal(IptablesOwner.Cilium, rule.Owner));
        Assert.Contains(All<IptablesRule>(119), rule => rule is { Table: "mangle", Chain: "CILIUM_PRE_mangle" });
    }

    [Fact]
    public void Networks_of_the_nodes_side_by_side()
    {
        Assert.Equal(Nodes, All<CiliumNode>(122).Select(node => node.Node));
        Assert.All(All<CiliumNode>(122), node => Assert.True(node.Differs));
        Assert.Equal(["10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"], All<IPNetwork>(120).Select(network => network.ToString()).Order());
        Assert.Equal(["172.20.0.0/24", "172.20.1.0/24", "172.20.2.0/24"], All<IPNetwork>(123).Select(network => network.ToString()).Order());
    }

    [Fact]
    public void Pods_before_and_after_their_restart()
    {
        Assert.Equal(3, All<LabPod>(121).Count);
        Assert.All(All<LabPod>(121), pod => Assert.False(Pods.Contains(pod.Address!)));
        Assert.All(All<LabPod>(124), pod => Assert.True(pod.Changed));
        Assert.Equal(All<LabPod>(124).Select(pod => pod.Pod).Order(), All<LabPod>(125).Select(pod => pod.Pod).Order());
        Assert.All(All<LabPod>(125), pod => Assert.Equal((true, true), (pod.Managed, Pods.Contains(pod.Address!))));
        var client = One<LabPod>(127);
        Assert.Equal(("curl-pod", false), (client.Pod, Pods.Contains(client.PreviousAddress!)));
        Assert.Equal(client.Address, One<LabPod>(128).Address);
        Assert.Equal(3, All<LabPod>(153).Count(pod => pod.Managed == true));
        Assert.True(All<LabPod>(158).Count > 10);
    }

    [Fact]
    public void Endpoints_of_the_namespace_and_of_each_node()
    {
        var pods = All<LabPod>(153).Select(pod => pod.Address!.ToString()).Order().ToList();
        Assert.Equal(pods, All<CiliumEndpoint>(129).Select(endpoint => endpoint.IPv4!.ToString()).Order());
        Assert.All(All<CiliumEndpoint>(129), endpoint => Assert.Equal("default", endpoint.Namespace));
        Assert.Superset(pods.ToHashSet(), All<CiliumEndpoint>(154).Select(endpoint => endpoint.IPv4!.ToString()).ToHashSet());
        foreach (var (number, node) in new[] { (130, "k8s-ctr"), (160, "k8s-ctr"), (161, "k8s-w1"), (162, "k8s-w2") })
        {
            var endpoints = All<CiliumEndpoint>(number);
            Assert.All(endpoints, endpoint => Assert.Equal((node, CiliumEndpointState.Ready), (endpoint.Node, endpoint.State)));
            Assert.Contains(endpoints, endpoint => endpoint.IdentityId == 1);
            Assert.Contains(endpoints, endpoint => endpoint.IdentityId == 4);
        }

        Assert.Equal(("k8s-ctr", 4u), (One<CiliumEndpoint>(148).Node, One<CiliumEndpoint>(148).IdentityId));
    }

    [Fact]
    public void The_service_answers_from_its_pods()
    {
        var test = One<PodConnectivity>(133);
        Assert.Equal((3, 3, 200), (test.Sent, test.Answered, test.Status));
        Assert.Subset(All<LabPod>(125).Select(pod => pod.Pod).ToHashSet(), test.RespondedBy.Select(responder => responder.Name).ToHashSet());
    }

    [Fact]
    public void Cli_status_and_configuration()
    {
        Assert.Equal(("k8s-ctr", "v0.18.9", "/usr/local/bin/cilium"), (One<ToolInstallation>(135).Node, One<ToolInstallation>(135).Version, One<ToolInstallation>(135).Path));
        var status = One<CiliumStatus>(136);
        Assert.Equal((CiliumHealthState.Ok, 3), (status.State, status.Components.Single(component => component.Name == "cilium").Ready));
        Assert.Equal("172.20.0.0/16", All<CiliumConfigEntry>(138).Single(entry => entry.Key == "ipv4-native-routing-cidr").Value);
        var changed = One<CiliumConfigEntry>(139);
        Assert.Equal(("debug", "false", "true", true), (changed.Key, changed.Before, changed.Value, changed.Changed));
        Assert.Equal(Nodes, changed.RestartedNodes.Order());
    }

    [Fact]
    public void Interfaces_of_Cilium()
    {
        Assert.Contains(All<NodeInterface>(140), one => one is { Interface: "eth1", Node: "k8s-ctr" });
        Assert.Equal(["k8s-w1", "k8s-w2"], All<NodeInterface>(141).Select(one => one.Node!).Distinct().Order());
        Assert.Equal(["cilium_host", "cilium_net"], All<NodeInterface>(142).Select(one => one.Interface).Order());
        Assert.All(All<NodeInterface>(143), one => Assert.Equal("cilium_host", one.Peer));
        Assert.Equal(["k8s-w1", "k8s-w2"], All<NodeInterface>(143).Select(one => one.Node!).Order());
        Assert.All(All<NodeInterface>(144), one => Assert.Contains(one.Addresses, address => Pods.Contains(address.Address)));
        Assert.Equal(("k8s-ctr", "lxc_health"), (One<NodeInterface>(145).Node, One<NodeInterface>(145).Interface));
        Assert.Equal(["k8s-w1 lxc_health", "k8s-w2 lxc_health"], All<NodeInterface>(146).Select(one => $"{one.Node} {one.Interface}").Order());
    }

    [Fact]
    public void Health_addresses_and_tables_of_connections()
    {
        Assert.Equal(Nodes, All<CiliumHealth>(147).Select(path => path.Target).Distinct().Order());
        Assert.All(All<CiliumHealth>(147), path => Assert.True(path.IsReachable));
        Assert.Contains(All<CiliumAllocation>(149), one => one is { Owner: "router" });
        Assert.Contains(All<CiliumAllocation>(149), one => one.Owner.StartsWith("default/curl-pod", StringComparison.Ordinal) && one.Address.Equals(One<LabPod>(128).Address));
        Assert.NotEmpty(All<ConntrackEntry>(150));
        Assert.All(All<ConntrackEntry>(150), entry => Assert.Equal(("k8s-ctr", TransportProtocol.Icmp), (entry.Node, entry.Protocol)));
        Assert.NotEmpty(All<NatEntry>(151));
        Assert.All(All<NatEntry>(151), entry => Assert.Equal(("k8s-ctr", TransportProtocol.Icmp), (entry.Node, entry.Protocol)));
    }

    [Fact]
    public void Routes_to_pods_here_and_elsewhere()
    {
        Assert.Equal(["192.168.10.101", "192.168.10.102"], All<NodeRoute>(152).Select(route => route.Gateway!.ToString()).Order());
        Assert.All(All<NodeRoute>(152), route => Assert.True(Pods.Contains(route.Destination.BaseAddress)));
        foreach (var number in new[] { 155, 156 })
        {
            var endpoints = All<CiliumEndpoint>(154).Where(endpoint => endpoint.Node == "k8s-ctr" == (number == 155)).Select(endpoint => $"{endpoint.Interface} {endpoint.IPv4}");
            Assert.Superset(endpoints.ToHashSet(), All<NodeRoute>(number).Select(route => $"{route.Interface} {route.Destination.BaseAddress}").ToHashSet());
        }
    }

    [Fact]
    public void What_the_agents_know()
    {
        var all = All<NodeCommandResult>(159);
        Assert.Equal(Nodes, all.Select(result => result.Node).Order());
        Assert.All(all, result => Assert.Contains("1.17.5", result.Output, StringComparison.Ordinal));
        Assert.Equal(3, All<MonitorEvent>(163).Count);
        var pod = All<LabPod>(125)[0].Address!;
        var web = Assert.Single(All<CiliumIpCacheEntry>(164), entry => entry.Prefix.BaseAddress.Equals(pod));
        Assert.Equal("webpod", web.Labels["k8s:app"]);
        Assert.Equal(("default", All<LabPod>(125)[0].Pod, "custom-resource"), (web.Namespace, web.Pod, web.Source));
        Assert.Equal("webpod", Assert.Single(All<CiliumIdentity>(166), identity => identity.IdentityId == web.IdentityId).Labels["k8s:app"]);
        Assert.Contains(All<CiliumIdentity>(166), identity => identity is { IdentityId: 1, Identity: "host" });
        Assert.Equal(("k8s-ctr", "/sys/fs/bpf"), (One<BpfMount>(167).Node, One<BpfMount>(167).MountPoint));
        Assert.Contains(Output(168).Select(one => one.BaseObject).OfType<BpfPin>(), pin => pin.MapName == "cilium_ipcache");
    }

    [Fact]
    public void Services_and_maps()
    {
        var endpoints = All<LabServiceEndpoint>(171).Select(endpoint => endpoint.ToString()).Order().ToList();
        Assert.Equal(2, endpoints.Count);
        Assert.Contains(All<LabService>(170), service => service.Service == "webpod");
        Assert.Equal(endpoints, Assert.Single(All<CiliumService>(169), service => service.Name == "webpod").Backends.Select(backend => new IPEndPoint(backend.Address, backend.Port).ToString()).Order());
        Assert.Contains(All<CiliumBpfMap>(172), map => map.MapName.StartsWith("cilium_ipcache", StringComparison.Ordinal) && map.EntryCount > 0);
        Assert.Contains(All<BpfMapEvent>(173), written => written is { Node: "k8s-w1", Action: BpfMapAction.Update });
    }

    [Fact]
    public void Policies_and_devices()
    {
        foreach (var (policy, device, endpoints, node) in new[] { (174, 177, 160, "k8s-ctr"), (175, 178, 161, "k8s-w1"), (176, 179, 162, "k8s-w2") })
        {
            Assert.Equal(All<CiliumEndpoint>(endpoints).Select(endpoint => endpoint.EndpointId).Order(), All<BpfPolicyEntry>(policy).Select(entry => entry.EndpointId!.Value).Distinct().Order());
            Assert.Contains(All<BpfPolicyEntry>(policy), entry => entry.IdentityId == 1 && entry.Labels.ContainsKey("reserved:host"));
            Assert.All(All<BpfPolicyEntry>(policy), entry => Assert.Equal((node, BpfPolicyVerdict.Allow), (entry.Node, entry.Verdict)));
            Assert.Equal((true, node), All<CiliumDevice>(device).Where(one => one.Interface == "eth1").Select(one => (one.IsSelected, one.Node)).Single());
        }
    }

    private IReadOnlyList<PSObject> Output(int number) => lab.Outcomes[ClosingTable.LineOf(number)!].Output;

    private List<T> All<T>(int number) => [.. Output(number).Select(item => Assert.IsType<T>(item.BaseObject, exactMatch: false))];

    private T One<T>(int number) => Assert.Single(All<T>(number));
}
