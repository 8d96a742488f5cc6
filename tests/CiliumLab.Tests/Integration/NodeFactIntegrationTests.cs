using System.Management.Automation;
using System.Net;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Integration;

/// <summary>The cmdlets of node facts on three real nodes, from the prompt to the nodes' kernels and back.</summary>
public sealed class NodeFactIntegrationTests(NodeLab lab) : NodeLabTests(lab)
{
    private const string KubeadmFile = "/var/lib/kubelet/kubeadm-flags.env";

    [Fact]
    public void Every_node_says_what_it_is()
    {
        using var prompt = Connected();

        var nodes = prompt.Get("Get-NodeInfo").Select(Record<NodeInfo>).OrderBy(node => node.Node).ToList();

        Assert.Equal(Lab.Nodes, nodes.Select(node => node.Node));
        Assert.Equal(Lab.Nodes, nodes.Select(node => node.Hostname));
        Assert.All(nodes, node => Assert.StartsWith("Debian GNU/Linux", node.OperatingSystem, StringComparison.Ordinal));
        Assert.All(nodes, node => Assert.NotNull(node.BootTime));
    }

    [Fact]
    public void Every_node_reaches_every_other()
    {
        using var prompt = Connected();

        var results = prompt.Get("Test-NodeConnectivity -Count 1").Select(Record<NodeConnectivity>).ToList();

        Assert.Equal(6, results.Count);
        Assert.All(results, result => Assert.True(result.Succeeded, $"{result}"));
        Assert.All(results, result => Assert.StartsWith("192.168.10.", $"{result.Address}", StringComparison.Ordinal));
        Assert.Equal([true], prompt.Get("Test-NodeConnectivity -Quiet").Select(item => item.BaseObject));
        Assert.Equal([false], prompt.Get("Test-NodeConnectivity -Node k8s-w1 -Destination 192.168.10.177 -Count 1 -Quiet").Select(item => item.BaseObject));
    }

    [Fact]
    public void The_connection_that_asks_is_among_the_connections()
    {
        using var prompt = Connected();

        var sockets = prompt.Get("Get-NodeConnection -Node k8s-w1 -State Established -LocalPort 22 -Process ssh*").Select(Record<NodeConnection>).ToList();

        Assert.Contains(sockets, socket => socket.LocalAddress!.Equals(IPAddress.Parse("10.0.2.15")));
    }

    [Fact]
    public async Task Set_twice_changes_once_and_a_wrong_value_is_replaced()
    {
        await using var repair = await KeepKubeletFile();
        await Lab.ScriptOnNode("k8s-w1", $"sed -i 's/--node-ip=[^ \"]* *//' {KubeadmFile}");
        using var prompt = Connected();
        var process = await Lab.RunOnNode("k8s-w1", "systemctl", "show", "kubelet", "--property=MainPID");

        var tried = prompt.Run("Set-NodeInternalIp -Node k8s-w1 -Interface eth1 -WhatIf");
        Assert.Empty(tried.Output);
        Assert.Equal(process, await Lab.RunOnNode("k8s-w1", "systemctl", "show", "kubelet", "--property=MainPID"));

        var first = Record<NodeInternalIp>(prompt.Get("Set-NodeInternalIp -Node k8s-w1 -Interface eth1").Single());
        Assert.True(first.Changed);
        Assert.Equal([IPAddress.Parse("192.168.10.101")], first.Configured);
        var restarted = await Lab.RunOnNode("k8s-w1", "systemctl", "show", "kubelet", "--property=MainPID");
        Assert.NotEqual(process, restarted);
        Assert.NotNull(first.Backup);
        Assert.DoesNotContain("--node-ip", await Lab.RunOnNode("k8s-w1", "cat", first.Backup), StringComparison.Ordinal);

        Assert.False(Record<NodeInternalIp>(prompt.Get("Set-NodeInternalIp -Node k8s-w1 -Interface eth1").Single()).Changed);
        Assert.Equal(restarted, await Lab.RunOnNode("k8s-w1", "systemctl", "show", "kubelet", "--property=MainPID"));

        await Lab.ScriptOnNode("k8s-w1", $"sed -i 's/--node-ip=192.168.10.101/--node-ip=10.0.2.15/' {KubeadmFile}");
        var third = Record<NodeInternalIp>(prompt.Get("Set-NodeInternalIp -Node k8s-w1 -Interface eth1").Single());
        Assert.Equal([IPAddress.Parse("10.0.2.15")], third.Before!);
        var text = await Lab.RunOnNode("k8s-w1", "cat", KubeadmFile);
        Assert.Equal(2, text.Split("--node-ip=").Length);
        Assert.Contains("--node-ip=192.168.10.101 ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interface_that_is_not_there_is_an_error_for_each_node_that_lists_what_is()
    {
        using var prompt = Connected();

        var outcome = prompt.Run("Set-NodeInternalIp -Interface eth9");

        Assert.Empty(outcome.Output);
        Assert.Equal(Lab.Nodes, outcome.Errors.Select(error => (string)error.TargetObject).Order());
        Assert.All(outcome.Errors, error => Assert.StartsWith("InterfaceNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.All(outcome.Errors, error => Assert.Contains("eth1 192.168.10.10", error.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Flannel_s_configuration_is_in_effect_while_it_is_there()
    {
        using var prompt = Connected();
        await using (await Lab.WithFlannel())
        {
            var configs = prompt.Get("Get-NodeCniConfig").Select(Record<CniConfig>).ToList();

            Assert.Equal(Lab.Nodes, configs.Select(config => config.Node).Order());
            Assert.All(configs, config => Assert.Equal(CniConfigStatus.InEffect, config.Status));
            Assert.All(configs, config => Assert.Equal("flannel", config.Plugins[0].Type));
        }

        Assert.Empty(prompt.Get("Get-NodeCniConfig"));
    }

    [Fact]
    public void A_kernel_without_loadable_modules_says_so_and_still_knows_what_is_built_in()
    {
        using var prompt = Connected();
        if (File.Exists("/proc/modules"))
            Assert.Skip("this kernel can load modules");

        var built = Record<KernelModule>(prompt.Get("Enable-NodeKernelModule -Node k8s-w1 -Name bridge").Single());
        Assert.Equal((KernelModuleState.BuiltIn, false), (built.State, built.Changed));
        Assert.StartsWith("KernelModulesUnavailable,", Assert.Single(prompt.Run("Get-NodeKernelModule -Node k8s-w1").Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_without_crictl_says_so()
    {
        using var prompt = Connected();

        Assert.StartsWith("CrictlNotFound,", Assert.Single(prompt.Run("Get-NodeContainer -Node k8s-w1").Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_are_resolved_as_resolved_says_and_without_it_as_resolv_conf_does()
    {
        using var prompt = Connected();

        var eth0 = Record<NodeDns>(prompt.Get("Get-NodeDns -Node k8s-w1 -Interface eth0").Single());
        Assert.Equal((NodeDnsSource.Resolved, "10.0.2.3"), (eth0.Source, eth0.Servers.Single().ToString()));

        await Lab.ScriptOnNode("k8s-w1", "systemctl mask --now --runtime systemd-resolved; rm /etc/resolv.conf; echo 'nameserver 10.0.2.4' > /etc/resolv.conf");
        await using var repair = new Repair(async () => await Lab.ScriptOnNode(
            "k8s-w1",
            "ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf; systemctl unmask --runtime systemd-resolved; systemctl start systemd-resolved; "
            + "resolvectl dns eth0 10.0.2.3; resolvectl domain eth0 lab.example; resolvectl default-route eth1 no"));
        var dns = Record<NodeDns>(prompt.Get("Get-NodeDns -Node k8s-w1").Single());
        Assert.Equal((NodeDnsSource.ResolvConf, "10.0.2.4"), (dns.Source, dns.Servers.Single().ToString()));
    }

    [Fact]
    public async Task A_kubelet_that_does_not_come_up_gets_its_old_file_back_and_its_words_are_told()
    {
        await using var repair = await KeepKubeletFile();
        await Lab.ScriptOnNode("k8s-w1", $"sed -i 's/=\"--/=\"--bogus --/' {KubeadmFile}");
        var before = await Lab.RunOnNode("k8s-w1", "cat", KubeadmFile);
        using var prompt = Connected();

        var error = Assert.Single(prompt.Run("Set-NodeInternalIp -Node k8s-w1 -Address 192.168.10.101").Errors);

        Assert.StartsWith("KubeletRestartFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("k8s-w1", error.TargetObject);
        Assert.Contains("--bogus", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, await Lab.RunOnNode("k8s-w1", "cat", KubeadmFile));
    }

    private static T Record<T>(PSObject item) => Assert.IsType<T>(item.BaseObject);

    private Prompt Connected()
    {
        var prompt = new Prompt();
        prompt.Get("$null = Connect-LabCluster -Inventory $args[0]", Lab.InventoryFile());
        return prompt;
    }

    private async Task<IAsyncDisposable> KeepKubeletFile()
    {
        await Lab.RunOnNode("k8s-w1", "cp", "-p", KubeadmFile, "/root/kubeadm-flags.kept");
        return new Repair(async () =>
        {
            await Lab.ScriptOnNode("k8s-w1", $"mv /root/kubeadm-flags.kept {KubeadmFile}; rm -f {KubeadmFile}.ciliumlab-*.bak; systemctl restart kubelet");
        });
    }
}
