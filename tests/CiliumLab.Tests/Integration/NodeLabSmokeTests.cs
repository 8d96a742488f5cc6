using System.Globalization;

namespace CiliumLab.Tests.Integration;

/// <summary>The nodes are what the other tests take them for, seen through OpenSSH and the nodes' own tools.</summary>
public sealed class NodeLabSmokeTests(NodeLab lab) : NodeLabTests(lab)
{
    [Fact]
    public async Task Three_nodes_answer_with_their_names()
    {
        foreach (var node in Lab.Nodes)
            Assert.Equal($"{node}\n", await Vagrant(node, "hostname"));
    }

    [Fact]
    public async Task Systemd_runs_every_node_and_the_kubelet_on_it()
    {
        foreach (var node in Lab.Nodes)
            Assert.Equal("running\nactive\n", await Vagrant(node, "systemctl is-system-running; systemctl is-active kubelet"));
    }

    [Fact]
    public async Task Vagrant_becomes_root_without_a_password() =>
        Assert.Equal("0\n", await Vagrant("k8s-w1", "sudo -n id -u"));

    [Fact]
    public async Task Alice_becomes_root_with_her_password_only()
    {
        var without = await OpenSsh.RunAsync(Lab, "k8s-w1", "alice", "sudo -n id -u", cancellationToken: Cancellation);
        Assert.Equal((1, ""), (without.ExitCode, without.Output));
        Assert.Contains("a password is required", without.Error, StringComparison.Ordinal);

        var with = await OpenSsh.RunAsync(Lab, "k8s-w1", "alice", "sudo -S -p '' id -u", Lab.AlicePassword + "\n", cancellationToken: Cancellation);
        Assert.Equal((0, "0\n"), (with.ExitCode, with.Output));
    }

    [Fact]
    public async Task Alice_logs_in_with_a_password_and_nobody_else_does()
    {
        var alice = await OpenSsh.RunWithPasswordAsync(Lab, "k8s-w2", "alice", Lab.AlicePassword, "id -un", Cancellation);
        Assert.Equal((0, "alice\n"), (alice.ExitCode, alice.Output));
        var vagrant = await OpenSsh.RunWithPasswordAsync(Lab, "k8s-w2", "vagrant", "vagrant", "id -un", Cancellation);
        Assert.Equal((255, ""), (vagrant.ExitCode, vagrant.Output));
    }

    [Fact]
    public async Task Every_node_has_the_same_nat_address_and_reaches_the_others_on_eth1()
    {
        foreach (var node in Lab.Nodes)
        {
            Assert.Contains("inet 10.0.2.15/24", await Vagrant(node, "ip -4 address show eth0"), StringComparison.Ordinal);
            foreach (var other in Lab.Nodes)
                Assert.Contains(" 0% packet loss", await Vagrant(node, $"ping -c 1 -W 2 {other}"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_node_has_its_own_iptables()
    {
        await Lab.RunOnNode("k8s-w1", "iptables", "-N", "ONLY-HERE");
        await using var repair = new Repair(() => Lab.RunOnNode("k8s-w1", "iptables", "-X", "ONLY-HERE"));
        Assert.Contains("-N ONLY-HERE", await Vagrant("k8s-w1", "sudo iptables -S"), StringComparison.Ordinal);
        Assert.DoesNotContain("ONLY-HERE", await Vagrant("k8s-w2", "sudo iptables -S"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Systemd_resolved_knows_the_name_server_of_eth0() =>
        Assert.Contains("Link 2 (eth0): 10.0.2.3", await Vagrant("k8s-ctr", "resolvectl dns"), StringComparison.Ordinal);

    [Fact]
    public async Task A_broken_flags_file_makes_the_kubelet_fail()
    {
        const string file = "/var/lib/kubelet/kubeadm-flags.env";
        await Lab.ScriptOnNode("k8s-w2", $"cp {file} /root/flags; sed -i 's/--container/--contaner/' {file}; systemctl restart kubelet");
        await using var repair = new Repair(() => Lab.ScriptOnNode("k8s-w2", $"mv /root/flags {file}; systemctl restart kubelet"));
        await Lab.RunOnNode("k8s-w2", "timeout", "10", "bash", "-c", "until [[ $(systemctl show --value -p Result kubelet) == exit-code ]]; do sleep 0.02; done");
        Assert.Contains("unknown flag: --contaner-runtime-endpoint", await Lab.RunOnNode("k8s-w2", "journalctl", "--unit=kubelet"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_flannel_pods_reach_each_other_over_vxlan_and_through_a_cluster_ip()
    {
        await using (await Lab.WithFlannel())
        {
            const string pod = "ip netns exec $(ip netns | head -n 1 | cut -d ' ' -f 1)";
            var before = await VxlanBytes();
            Assert.Contains(" 0% packet loss", await Lab.ScriptOnNode("k8s-w1", $"{pod} ping -c 1 -W 2 10.244.2.3"), StringComparison.Ordinal);
            Assert.True(await VxlanBytes() > before, "the packets did not go through flannel.1");
            Assert.StartsWith("Hostname: webpod-2-2\n", await Lab.ScriptOnNode("k8s-w1", $"{pod} curl -sS -m 5 10.244.2.2"), StringComparison.Ordinal);
            Assert.StartsWith("Hostname: webpod-", await Vagrant("k8s-ctr", "curl -sS -m 5 10.96.33.91"), StringComparison.Ordinal);
        }

        Assert.Equal("", await Lab.ScriptOnNode("k8s-w1", "ip -o link | grep -E 'flannel|cni0|veth' || true; iptables-save | grep -E 'KUBE|FLANNEL' || true; ip netns"));

        async Task<long> VxlanBytes() => long.Parse(
            await Lab.RunOnNode("k8s-w1", "cat", "/sys/class/net/flannel.1/statistics/tx_bytes"), CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task An_inventory_names_every_node_and_the_port_before_it()
    {
        await using var port = Lab.OpenPort("k8s-w1");
        Assert.Equal(
            $"""
            nodes:
              - node: k8s-ctr
                host: 127.0.0.1
                port: {Lab.Ports["k8s-ctr"]}
                user: alice
                key: {Lab.EncryptedKey}
                role: control-plane
              - node: k8s-w1
                host: 127.0.0.1
                port: {port.Port}
                user: alice
                key: {Lab.EncryptedKey}
                role: worker
              - node: k8s-w2
                host: 127.0.0.1
                port: {Lab.Ports["k8s-w2"]}
                user: alice
                key: {Lab.EncryptedKey}
                role: worker

            """,
            await File.ReadAllTextAsync(Lab.InventoryFile("alice", Lab.EncryptedKey, port), Cancellation));
    }

    /// <summary>Without TCP_NODELAY on both its legs, Nagle's algorithm and delayed acknowledgements add 40 ms to a turn.</summary>
    [Fact]
    public async Task The_forwarder_does_not_hold_small_packets_back()
    {
        var straight = await OpenSsh.CommandTimeAsync(Lab, forwarded: false, Cancellation);
        var forwarded = await OpenSsh.CommandTimeAsync(Lab, forwarded: true, Cancellation);
        TestContext.Current.SendDiagnosticMessage(
            $"a command takes {straight.TotalMilliseconds:F1} ms, through the forwarder {forwarded.TotalMilliseconds:F1} ms");
        Assert.True(forwarded < 3 * straight, $"a command takes {straight}, through the forwarder {forwarded}");
    }

    private async Task<string> Vagrant(string node, string command) =>
        (await OpenSsh.RunAsync(Lab, node, "vagrant", command, cancellationToken: Cancellation)).Succeeded($"{command} on {node}");
}
