using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Datapath;
using CiliumLab.Simulator.Life;
using CiliumLab.Tests.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Life;

/// <summary>Pods that are deleted at any moment of their start end all the same.</summary>
public sealed class HastyDeletionTests
{
    [Theory]
    [InlineData("flannel")]
    [InlineData("cilium")]
    public async Task Whatever_is_deleted_while_the_network_starts_is_gone_in_the_end(string chart)
    {
        for (var seed = 1UL; seed <= 5; seed++)
        {
            await using var test = await TestCluster.CreateAsync(seed: seed);
            await LabNetworking.AddToAsync(test.Cluster);
            var chance = new Random((int)seed);
            Install(test, chart);
            for (var number = 0; number < 40; number++)
            {
                Disturb(test, chance, number);
                await StepAsync(test, chance);
            }

            foreach (var node in test.Cluster.Nodes)
                node.Faults.DiskFull = false;
            await test.AdvanceAsync(TimeSpan.FromSeconds(90));

            Assert.Empty(test.Store.List(ResourceTypes.Pods).Items.Where(static pod => pod.IsTerminating).Select(pod => $"seed {seed}: {pod.Name}"));
            Assert.Empty(test.Store.List(ResourceTypes.Pods, "default").Items.Where(static pod => pod.Phase() != "Running").Select(pod => $"seed {seed}: {pod.Name} {pod.Json["status"]}"));
        }
    }

    private static void Install(TestCluster test, string chart)
    {
        var control = test.Cluster.Nodes[0];
        var url = chart == "flannel" ? "https://flannel-io.github.io/flannel/" : "https://helm.cilium.io/";
        Assert.Equal(0, control.Run(["helm", "repo", "add", "it", url], null).ExitCode);
        Assert.Equal(0, control.Run(["helm", "install", chart, "it/" + chart, "--namespace", chart == "flannel" ? "kube-flannel" : "kube-system", "--create-namespace"], null).ExitCode);
    }

    private static void Disturb(TestCluster test, Random chance, int number)
    {
        var worker = test.Cluster.Nodes[chance.Next(1, 3)];
        switch (chance.Next(8))
        {
            case 0:
                test.Create(ResourceTypes.Pods, $$$$"""
                    {"metadata":{"name":"bare-{{{{number}}}}","namespace":"default"},"spec":{"nodeName":"k8s-w{{{{chance.Next(1, 3)}}}}","terminationGracePeriodSeconds":{{{{chance.Next(3)}}}},
                     "containers":[{"name":"a","image":"nicolaka/netshoot","command":["tail"],"args":["-f","/dev/null"]},{"name":"b","image":"traefik/whoami"}] } }
                    """);
                break;
            case 1:
                test.Create(ResourceTypes.Deployments, $$$$"""
                    {"metadata":{"name":"web-{{{{number}}}}","namespace":"default"},"spec":{"replicas":3,"selector":{"matchLabels":{"app":"web-{{{{number}}}}"} },
                     "template":{"metadata":{"labels":{"app":"web-{{{{number}}}}"} },"spec":{"containers":[{"name":"web","image":"traefik/whoami"}] } } } }
                    """);
                break;
            case 2:
                if (number > 3 && test.Store.Find(ResourceTypes.DaemonSets, "kube-system", "kube-proxy") is { } proxies)
                    test.Store.Delete(proxies.Type, proxies.Namespace, proxies.Name, new() { Propagation = chance.Next(2) == 0 ? Propagation.Foreground : Propagation.Background });
                break;
            case 3:
                test.Create(ResourceTypes.Namespaces, $$$$"""{"metadata":{"name":"ns-{{{{number}}}}"} }""");
                test.Create(ResourceTypes.Pods, $$$$"""
                    {"metadata":{"name":"inside","namespace":"ns-{{{{number}}}}"},"spec":{"nodeName":"{{{{worker.Name}}}}","containers":[{"name":"a","image":"traefik/whoami"}] } }
                    """);
                break;
            case 4 when test.Store.List(ResourceTypes.Namespaces).Items.FirstOrDefault(static one => one.Name.StartsWith("ns-", StringComparison.Ordinal) && !one.IsTerminating) is { } place:
                test.Store.Delete(ResourceTypes.Namespaces, null, place.Name);
                break;
            case 5:
                worker.Faults.DiskFull = !worker.Faults.DiskFull;
                break;
            case 6:
                worker.Output("systemctl", "restart", "kubelet");
                break;
        }

        var pods = test.Store.List(ResourceTypes.Pods).Items.Where(static pod => !pod.IsMirror()).ToList();
        if (pods.Count == 0)
            return;
        var pod = pods[chance.Next(pods.Count)];
        test.Store.Delete(ResourceTypes.Pods, pod.Namespace, pod.Name, new() { GracePeriodSeconds = chance.Next(4) switch { 0 => 0, 1 => 1, _ => null } });
    }

    // To the next thing that happens, or into the middle of what is under way.
    private static async Task StepAsync(TestCluster test, Random chance)
    {
        if (chance.Next(3) == 0)
            return;
        var due = test.Cluster.Loop.NextDue is { } at ? at - test.Clock.GetUtcNow() : TimeSpan.Zero;
        await test.AdvanceAsync(chance.Next(2) == 0 ? due : TimeSpan.FromMilliseconds(chance.Next(1, 1500)));
    }
}
