using System.Text.Json.Nodes;
using CiliumLab.Engine.Cilium;
using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using CiliumLab.Tests.Cluster;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Cilium;

/// <summary>A simulated lab with Cilium and the sample application, made once for all tests of a class.</summary>
public sealed class CiliumLabFixture : IDisposable
{
    public CiliumLabFixture()
    {
        Prompt.Get(
            """
            $null = New-LabCluster $args[0] -Provider Simulator -Speed 20
            $null = Set-NodeInternalIp eth1 -Confirm:$false
            $null = Remove-KubeProxy -Confirm:$false
            $null = Install-Cni Cilium -Confirm:$false
            $null = Install-LabWorkload -Confirm:$false
            """,
            Name);
    }

    internal string Name { get; } = "agents-" + Guid.NewGuid().ToString("N")[..8];

    internal Prompt Prompt { get; } = new();

    /// <summary>The kubeconfig of the lab's API.</summary>
    internal string KubeConfig => (string)Prompt.Get("(Get-LabCluster $args[0]).KubeConfig", Name)[0].BaseObject;

    /// <summary>Runs a line that returns records of one type.</summary>
    internal List<T> Records<T>(string script) => [.. Prompt.Get(script).Select(item => Assert.IsType<T>(item.BaseObject, exactMatch: false))];

    public void Dispose()
    {
        Prompt.Run("Remove-LabCluster $args[0] -Confirm:$false", Name);
        Prompt.Dispose();
    }
}

/// <summary>The cmdlets that ask Cilium's agents, over the API server and exec.</summary>
public sealed class AgentCmdletTests(CiliumLabFixture lab) : IClassFixture<CiliumLabFixture>
{
    private static readonly string[] Nodes = ["k8s-ctr", "k8s-w1", "k8s-w2"];

    [Fact]
    public void Every_agent_says_that_it_is_well_and_replaces_kube_proxy()
    {
        var all = Records<CiliumAgentStatus>("Get-CiliumStatus -Detailed");

        Assert.Equal(Nodes, all.Select(status => status.Node).Order());
        Assert.All(all, status => Assert.Equal((CiliumHealthState.Ok, true, CiliumRoutingMode.Native), (status.State, status.KubeProxyReplacement, status.Routing)));
    }

    [Fact]
    public void Waiting_ends_when_all_is_well_and_says_what_is_missing_when_it_is_not()
    {
        Assert.Equal(Nodes, Records<CiliumStatus>("Wait-CiliumStatus").Single().Agents.Select(status => status.Node).Order());
        _ = lab.Prompt.Get("Set-LabFault -Kind CiliumAgentNotReady -Node k8s-w1 -Confirm:$false; Invoke-LabStep Notice { } -Until { (Get-Cni Cilium).Ready -eq 2 }");
        try
        {
            var error = Assert.Single(lab.Prompt.Run("Wait-CiliumStatus 2").Errors);
            Assert.StartsWith("CniNotReady,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains("cilium is ready on 2 of 3 nodes", error.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            _ = lab.Prompt.Get("Clear-LabFault -Confirm:$false; Wait-CiliumStatus");
        }
    }

    [Fact]
    public void Nodes_show_Ciliums_networks_beside_Kubernetes_and_what_is_used()
    {
        var nodes = Records<CiliumNode>("Get-CiliumNode");

        Assert.Equal(Nodes, nodes.Select(node => node.Node));
        Assert.Equal(["10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"], nodes.SelectMany(node => node.NodePodCidrs).Select(network => network.ToString()).Order());
        Assert.Equal(["172.20.0.0/24", "172.20.1.0/24", "172.20.2.0/24"], nodes.SelectMany(node => node.PodCidrs).Select(network => network.ToString()).Order());
        Assert.All(nodes, node => Assert.Equal((true, 254, 0), (node.Differs, node.Used + node.Free, node.UnmanagedPods.Count)));
        Assert.All(nodes, node => Assert.StartsWith("Pods get Cilium's addresses", node.Remark, StringComparison.Ordinal));
        var web = Records<LabPod>("Get-LabPod webpod*")[0];
        Assert.Contains(Records<CiliumNode>($"Get-LabNode {web.Node} | Get-CiliumNode").Single().PodCidrs, network => network.Contains(web.Address!));
    }

    [Fact]
    public void A_pod_leads_to_its_endpoint_and_the_endpoint_to_its_policy_and_identity()
    {
        var pods = Records<LabPod>("Get-LabPod webpod*").ToDictionary(pod => pod.Pod);
        var endpoints = Records<CiliumEndpoint>("Get-LabPod webpod* | Get-CiliumEndpoint");

        Assert.Equal(pods.Keys.Order(), endpoints.Select(endpoint => endpoint.Pod!).Order());
        Assert.All(endpoints, endpoint => Assert.Equal((pods[endpoint.Pod!].Address, pods[endpoint.Pod!].Node), (endpoint.IPv4, endpoint.Node)));
        var identity = Assert.Single(endpoints.Select(endpoint => endpoint.IdentityId).Distinct());
        Assert.Equal("webpod", Records<CiliumIdentity>($"Get-CiliumIdentity k8s-ctr -IdentityId {identity}").Single().Labels["k8s:app"]);
        Assert.Equal(
            endpoints.Select(endpoint => endpoint.EndpointId).Order(),
            Records<BpfPolicyEntry>("Get-LabPod webpod* | Get-CiliumEndpoint | Get-CiliumBpfPolicy").Select(entry => entry.EndpointId!.Value).Distinct().Order());
    }

    [Fact]
    public void A_service_has_the_pods_as_backends_and_the_ipcache_knows_where_they_are()
    {
        var addresses = Records<LabPod>("Get-LabPod webpod*").Select(pod => pod.Address!).ToList();
        var service = Assert.Single(Records<CiliumService>("Get-CiliumService k8s-w1"), service => service.Port == 80);

        Assert.Equal(Records<LabService>("Get-LabService webpod").Single().ClusterIp, service.Address);
        Assert.Equal(addresses.Select(address => address.ToString()).Order(), service.Backends.Select(backend => backend.Address.ToString()).Order());
        Assert.Equal(service.Backends.Select(backend => backend.Address), Records<CiliumServiceBackend>("Get-CiliumService k8s-w1 -Name webpod | ForEach-Object Backends").Select(backend => backend.Address));
        var cached = Records<CiliumIpCacheEntry>("Get-CiliumIpCache k8s-ctr").Where(entry => addresses.Contains(entry.Prefix.BaseAddress)).ToList();
        Assert.Equal(2, cached.Count);
        Assert.Single(cached.Select(entry => entry.IdentityId).Distinct());
    }

    [Fact]
    public void Connections_and_translations_come_right_side_round()
    {
        _ = lab.Prompt.Get("Test-PodConnectivity -From curl-pod -To webpod -Count 4");

        var addresses = Records<LabPod>("Get-LabPod webpod*").Select(pod => pod.Address!).ToList();
        var client = Records<LabPod>("Get-LabPod curl-pod").Single().Address;
        var tracked = Records<ConntrackEntry>("Get-CiliumBpfConntrack k8s-ctr -Protocol Tcp -Direction Out").Where(entry => Equals(entry.SourceAddress, client) && addresses.Contains(entry.DestinationAddress)).ToList();
        Assert.NotEmpty(tracked);
        Assert.All(tracked, entry => Assert.Equal(80, entry.DestinationPort));
        Assert.Equal(Nodes, Records<NatEntry>("Get-CiliumBpfNat").Select(entry => entry.Node!).Distinct().Order());
    }

    [Fact]
    public void Attachments_lead_to_programs_and_programs_to_maps()
    {
        var attached = Records<BpfAttachment>("Get-BpfAttachment k8s-w1 -Interface lxc*");

        Assert.NotEmpty(attached);
        Assert.All(attached, one => Assert.StartsWith("cil_", one.ProgramName, StringComparison.Ordinal));
        var programs = Records<BpfProgram>("Get-BpfAttachment k8s-w1 -Interface lxc* | Get-BpfProgram");
        Assert.Equal(attached.Select(one => one.ProgramId).Distinct().Order(), programs.Select(program => (uint?)program.ProgramId).Distinct().Order());
        Assert.NotEmpty(Records<BpfMap>("Get-BpfAttachment k8s-w1 -Interface lxc* | Get-BpfProgram | Get-BpfMap"));
    }

    [Theory]
    [InlineData("[pscustomobject]@{ Node = 'k8s-w1'; ProgramId = $null } | Get-BpfProgram")]
    [InlineData("[pscustomobject]@{ Node = 'k8s-w1'; MapId = $null } | Get-BpfMap")]
    [InlineData("[pscustomobject]@{ Node = 'k8s-w1'; Interface = $null } | Get-BpfAttachment")]
    [InlineData("[pscustomobject]@{ Node = 'k8s-w1'; Pod = $null; Namespace = $null } | Get-CiliumEndpoint")]
    [InlineData("[pscustomobject]@{ Node = 'k8s-w1'; EndpointId = $null } | Get-CiliumBpfPolicy")]
    [InlineData("[pscustomobject]@{ Node = 'k8s-w1'; IdentityId = $null } | Get-CiliumIdentity")]
    [InlineData("[pscustomobject]@{ Node = 'k8s-w1'; IdentityId = $null } | Get-CiliumIpCache")]
    [InlineData("[pscustomobject]@{ Node = 'k8s-w1'; Namespace = $null } | Get-CiliumService")]
    public void An_object_that_has_nothing_to_look_for_finds_nothing(string script) => Assert.Empty(lab.Prompt.Get(script));

    [Fact]
    public void Devices_and_health_are_each_nodes_own()
    {
        Assert.Contains(Records<CiliumDevice>("Get-CiliumDevice k8s-w2"), device => device is { Interface: "eth1", Node: "k8s-w2" });
        Assert.Equal(Nodes, Records<CiliumHealth>("Get-CiliumHealth").Select(health => health.Node!).Distinct().Order());
    }

    [Fact]
    public void The_agents_own_words_and_exit_code_come_back()
    {
        var result = Records<NodeCommandResult>("Invoke-CiliumCommand -Node k8s-w1 -Command no-such-command").Single();

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("no-such-command", result.Error + result.Output, StringComparison.Ordinal);
    }

    private List<T> Records<T>(string script) => lab.Records<T>(script);
}

/// <summary>What is said where there is no agent.</summary>
public sealed class NoAgentTests : IDisposable
{
    private readonly string _lab = "noagent-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Prompt _prompt = new();

    public void Dispose()
    {
        _prompt.Run("Remove-LabCluster $args[0] -Confirm:$false", _lab);
        _prompt.Dispose();
    }

    [Fact]
    public void A_lab_without_Cilium_is_one_error_that_says_how_to_get_it()
    {
        _prompt.Get("$null = New-LabCluster $args[0] -Provider Simulator -WorkerCount 1", _lab);

        var outcome = _prompt.Run("Get-CiliumEndpoint");

        Assert.Empty(outcome.Output);
        var error = Assert.Single(outcome.Errors);
        Assert.StartsWith("CiliumNotInstalled,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal((_lab, $"Lab '{_lab}' has no Cilium: there is no pod with the label k8s-app=cilium in kube-system."), ((string)error.TargetObject, error.Exception.Message));
        Assert.EndsWith("install Cilium with: Install-Cni Cilium", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_without_an_agent_beside_one_that_has_one_is_named()
    {
        await using var lab = await ClusterLab.StartAsync();
        lab.Store.Create(ResourceTypes.Pods, JsonNode.Parse("""
            {"metadata":{"name":"cilium-1","namespace":"kube-system","labels":{"k8s-app":"cilium"}},"spec":{"nodeName":"k8s-w1","containers":[{"name":"cilium-agent","image":"i"}]}}
            """)!.AsObject());

        var error = await Assert.ThrowsAsync<LabException>(() => new CiliumAgents(lab.Client).RunAsync("k8s-w2", ["status"], TestContext.Current.CancellationToken));

        Assert.Equal(("CiliumAgentNotFound", "k8s-w2"), (error.ErrorId, error.Target));
    }
}
