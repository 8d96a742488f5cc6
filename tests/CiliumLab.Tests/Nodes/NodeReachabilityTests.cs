using System.Net;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Tests.Nodes;

public sealed class NodeReachabilityTests
{
    private const string Kubelet = "/var/lib/kubelet/kubeadm-flags.env";

    [Fact]
    public async Task The_source_s_hosts_file_comes_first_and_loopback_names_do_not_count()
    {
        var source = new RecordedShell("k8s-ctr")
            .Answer("cat /etc/hosts", "127.0.2.1 k8s-w2\n" + Fixture.Read("transcript/010-cat-etc-hosts.txt"))
            .Answer(Ping("192.168.10.101"), Fixture.Read("transcript/011-ping-c-1-k8s-w1.txt"))
            .Answer(Ping("192.168.10.102"), Fixture.Read("ping/iputils-loss.txt"), 0);

        var results = await TestAsync(source, new RecordedShell("k8s-w1"), new RecordedShell("k8s-w2"));

        Assert.Equal(["k8s-w1", "k8s-w2"], results.Select(result => result.To));
        Assert.Equal(
            new NodeConnectivity
            {
                From = "k8s-ctr",
                To = "k8s-w1",
                Address = IPAddress.Parse("192.168.10.101"),
                Sent = 1,
                Received = 1,
                MinRtt = TimeSpan.FromMicroseconds(421),
                AvgRtt = TimeSpan.FromMicroseconds(421),
                MaxRtt = TimeSpan.FromMicroseconds(421),
            },
            results[0]);
        Assert.True(results[0].Succeeded);
        Assert.False(results[1].Succeeded);
        Assert.Equal("3 of 6 were lost", results[1].Failure);
    }

    [Fact]
    public async Task Without_a_name_the_target_is_asked_for_its_kubelet_s_address_then_for_the_interface_beside_the_default_route()
    {
        var source = new RecordedShell("k8s-ctr")
            .Answer(Ping("192.168.10.101"), Fixture.Read("ping/iputils-three.txt"))
            .Answer(Ping("192.168.10.102"), Fixture.Read("ping/iputils-host-unreachable.txt"), 1);
        var first = new RecordedShell("k8s-w1") { Files = { [Kubelet] = Fixture.Read("transcript/026-cat-var-lib-kubelet-kubeadm-flags-env.txt") } };
        var second = new RecordedShell("k8s-w2")
            .Answer("ip -j -d -s addr show", """
                [{"ifindex":1,"ifname":"eth0","addr_info":[{"family":"inet","local":"10.0.2.15","prefixlen":24,"scope":"global"}]},{"ifindex":2,"ifname":"eth1","addr_info":[{"family":"inet","local":"192.168.10.102","prefixlen":24,"scope":"global"}]},
                 {"ifindex":3,"ifname":"cni0","addr_info":[{"family":"inet","local":"10.244.2.1","prefixlen":24,"scope":"global"}]},{"ifindex":4,"ifname":"cilium_host","addr_info":[{"family":"inet","local":"172.20.1.1","prefixlen":24,"scope":"global"}]}]
                """)
            .Answer("ip -j -4 route show default", """[{"dst":"default","gateway":"10.0.2.2","dev":"eth0"}]""");

        var results = await TestAsync(source, first, second);

        Assert.True(results[0].Succeeded);
        Assert.Equal("Destination Host Unreachable", results[1].Failure);
        Assert.Equal(2, results[1].Sent);
    }

    [Fact]
    public async Task A_target_with_several_addresses_is_a_failure_that_lists_them()
    {
        var target = new RecordedShell("k8s-w1")
            .Answer("ip -j -d -s addr show", """[{"ifindex":5,"ifname":"a","addr_info":[{"family":"inet","local":"10.1.0.1","prefixlen":24,"scope":"global"}]},{"ifindex":6,"ifname":"b","addr_info":[{"family":"inet","local":"10.2.0.1","prefixlen":24,"scope":"global"}]}]""")
            .Answer("ip -j -4 route show default", "");

        var result = Assert.Single(await TestAsync(new RecordedShell("k8s-ctr"), target));

        Assert.Equal((0, false), (result.Sent, result.Succeeded));
        Assert.Contains("a 10.1.0.1, b 10.2.0.1", result.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Destinations_are_pinged_as_they_are_given_and_ping_s_own_words_are_told()
    {
        var source = new RecordedShell("k8s-ctr").Answer(Ping("nobody"), "", 2, "ping: nobody: Name or service not known\n");

        var result = Assert.Single(await TestAsync(source, ["nobody"]));

        Assert.Equal(("nobody", null, "nobody: Name or service not known"), (result.To, result.Address, result.Failure));
    }

    [Fact]
    public async Task A_source_without_ping_says_so()
    {
        var error = await Assert.ThrowsAsync<LabException>(() => TestAsync(new RecordedShell("k8s-ctr"), ["10.0.0.1"]));

        Assert.Equal("NodeCommandNotFound", error.ErrorId);
    }

    private static string Ping(string address) => $"ping -n -c 2 -i 0.2 -W 2 -- {address}";

    private static Task<List<NodeConnectivity>> TestAsync(RecordedShell source, params RecordedShell[] targets) => TestAsync(source, null, targets);

    private static async Task<List<NodeConnectivity>> TestAsync(RecordedShell source, string[]? destinations, params RecordedShell[] targets)
    {
        var shells = targets.Append(source).ToDictionary(shell => shell.Node);
        var description = new LabDescription
        {
            Name = "test",
            Nodes = [.. shells.Keys.Order(StringComparer.Ordinal).Select(name => new NodeDescription { Node = name, Host = "127.0.0.1", User = "vagrant" })],
        };
        await using var session = new LabSession(description, "", node => shells[node.Node]);
        var results = new List<NodeConnectivity>();
        await foreach (var result in new NodeReachability(session, count: 2).TestAsync(source, destinations, Unexpected.Warning, TestContext.Current.CancellationToken))
            results.Add(result);
        return [.. results.OrderBy(result => result.To, StringComparer.Ordinal)];
    }
}
