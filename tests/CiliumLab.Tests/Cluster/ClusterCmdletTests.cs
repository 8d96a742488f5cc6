using System.Management.Automation;
using System.Net;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Cluster;

/// <summary>The cluster's cmdlets at a prompt, in a lab made by New-LabCluster.</summary>
public sealed class ClusterCmdletTests : IDisposable
{
    private readonly string _name = "api-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Prompt _prompt = new();

    public void Dispose()
    {
        _prompt.Run("Get-LabCluster $args[0] -ErrorAction Ignore | Remove-LabCluster -Confirm:$false", _name);
        _prompt.Dispose();
    }

    [Fact]
    public void A_fresh_lab_shows_what_waits_for_a_network_and_why()
    {
        Make();

        var network = Assert.IsType<ClusterNetwork>(_prompt.Get("Get-LabClusterNetwork").Single().BaseObject);
        Assert.Equal((_name, CniKind.None, true, IPNetwork.Parse("10.244.0.0/16")), (network.Lab, network.Cni, network.KubeProxy, network.PodCidr));
        var dns = Get<LabPod>("Get-LabPod -Namespace kube-* -Label k8s-app=kube-dns");
        Assert.Equal(2, dns.Count);
        Assert.All(dns, pod => Assert.StartsWith("Unschedulable: 0/3 nodes are available: ", pod.Reason, StringComparison.Ordinal));
        var ours = Get<LabPod>("Get-LabNode k8s-w1 | Get-LabPod");
        Assert.All(ours, pod => Assert.Equal(("k8s-w1", true), (pod.Node, pod.HostNetwork)));
        Assert.NotEmpty(ours);
        Assert.Equal(Get<LabPod>("Get-LabPod kube-proxy-*").Count, Get<LabPod>("Get-LabPod kube-proxy-* | Get-LabPod").Count);
        var service = Assert.Single(Get<LabService>("Get-LabService kube-dns"));
        Assert.Equal((IPAddress.Parse("10.96.0.10"), 0), (service.ClusterIp, service.ReadyEndpoints.Count()));
    }

    [Theory]
    [InlineData("Get-LabPod nobody -Namespace default", "PodNotFound", ErrorCategory.ObjectNotFound, "There is no pod 'nobody' in namespace 'default'. There are none at all.")]
    [InlineData("Get-LabService web", "ServiceNotFound", ErrorCategory.ObjectNotFound, "There is no service 'web'. There are: kubernetes, kube-dns.")]
    [InlineData("Get-LabPod -Namespace team", "NamespaceNotFound", ErrorCategory.ObjectNotFound, "has no namespace 'team'. It has: default, kube-node-lease, kube-public, kube-system.")]
    [InlineData("Get-LabService -Namespace team", "NamespaceNotFound", ErrorCategory.ObjectNotFound, "has no namespace 'team'.")]
    [InlineData("Install-LabWorkload -Namespace team", "NamespaceNotFound", ErrorCategory.ObjectNotFound, "has no namespace 'team'.")]
    [InlineData("Restart-LabWorkload -Namespace team -Confirm:$false", "NamespaceNotFound", ErrorCategory.ObjectNotFound, "has no namespace 'team'.")]
    [InlineData("Restart-LabWorkload webpodx -Confirm:$false", "PodNotFound", ErrorCategory.ObjectNotFound, "There is no pod or Deployment 'webpodx' in namespace 'default'. There are none at all.")]
    [InlineData("Get-CiliumNode", "CiliumNotInstalled", ErrorCategory.ObjectNotFound, "has no Cilium: its cluster knows no CiliumNode.")]
    [InlineData("Install-Cni Flannel -Interface eth9 -Confirm:$false", "InterfaceNotFound", ErrorCategory.ObjectNotFound, "Node 'k8s-ctr' has no interface 'eth9'. It has: eth0 10.0.2.15, ")]
    [InlineData("Get-LabPod -Label 'app in'", "ClusterRequestInvalid", ErrorCategory.InvalidArgument, "unable to parse requirement")]
    [InlineData("Test-PodConnectivity webpod", "PodNotFound", ErrorCategory.ObjectNotFound, "Namespace 'default' has no pod 'curl-pod'. It has none at all.")]
    [InlineData("Test-PodConnectivity webpod -From team/curl", "NamespaceNotFound", ErrorCategory.ObjectNotFound, "has no namespace 'team'.")]
    public void What_is_not_there_is_an_error_that_says_what_is(string line, string errorId, ErrorCategory category, string words)
    {
        Make();

        var error = Assert.Single(_prompt.Run(line).Errors);

        Assert.StartsWith(errorId + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Contains(words, error.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void WhatIf_changes_nothing_in_the_cluster()
    {
        Make();

        Assert.Empty(_prompt.Get("Install-LabWorkload -WhatIf; Uninstall-LabWorkload -WhatIf; Restart-LabWorkload -Namespace kube-system -WhatIf"));
        Assert.Empty(Get<LabPod>("Get-LabPod -Namespace default"));
    }

    [Fact]
    public void The_internal_address_is_waited_for_until_the_cluster_reports_it()
    {
        Make();
        Assert.All(Get<NodeInternalIp>("Get-NodeInternalIp k8s-w*"), node => Assert.Equal("10.0.2.15", node.Reported!.ToString()));

        var set = Get<NodeInternalIp>("Set-NodeInternalIp eth1");
        var again = Get<NodeInternalIp>("Set-NodeInternalIp eth1");

        Assert.All(set, node => Assert.Equal((true, Assert.Single(node.Configured)), (node.Changed, node.Reported)));
        Assert.All(again, node => Assert.Equal((false, Assert.Single(node.Configured)), (node.Changed, node.Reported)));
        Assert.Equal(
            ["192.168.10.100 10.244.0.0/24", "192.168.10.101 10.244.1.0/24", "192.168.10.102 10.244.2.0/24"],
            Get<LabNode>("Get-LabNode").Select(node => $"{node.InternalIp} {Assert.Single(node.PodCidrs)}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nodes_answer_also_when_the_API_does_not()
    {
        Make();
        var file = (string)_prompt.Get("(Get-LabCluster $args[0]).KubeConfig", _name).Single().BaseObject;
        File.WriteAllText(file, File.ReadAllText(file).Replace("server: https://127.0.0.1:", "server: https://127.0.0.1:1#", StringComparison.Ordinal));

        var outcome = _prompt.Run("Get-LabNode");

        Assert.Empty(outcome.Errors);
        Assert.Equal(3, outcome.Output.Count);
        Assert.StartsWith("What the cluster knows about its nodes is missing. The API server of lab", Assert.Single(outcome.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Tab_offers_namespaces_pods_and_services()
    {
        Make();

        Assert.Equal(["kube-node-lease", "kube-public", "kube-system"], Offered("Get-LabPod -Namespace kube-"));
        Assert.Contains("etcd-k8s-ctr", Offered("Get-LabPod -Namespace kube-system etcd"));
        Assert.Equal(["kube-dns"], Offered("Get-LabService kube-d"));
        Assert.Equal(["kubernetes"], Offered("Test-PodConnectivity kub"));
    }

    private void Make() => _prompt.Get("New-LabCluster $args[0] -Provider Simulator", _name);

    private List<T> Get<T>(string line) => [.. _prompt.Get(line).Select(item => Assert.IsType<T>(item.BaseObject))];

    // A first press waits a moment only; what comes later is there for the next one.
    private IReadOnlyList<string> Offered(string line)
    {
        var limit = DateTime.UtcNow + TimeSpan.FromSeconds(20);
        IReadOnlyList<string> offered;
        do
        {
            offered = _prompt.Complete(line);
        }
        while (offered.Count == 0 && DateTime.UtcNow < limit);
        return offered;
    }
}
