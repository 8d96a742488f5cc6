using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Tests.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Life;

/// <summary>What becomes of a pod on a node.</summary>
public sealed class KubeletTests
{
    [Fact]
    public async Task A_pod_waits_for_the_network_and_says_why()
    {
        await using var lab = await TestCluster.CreateAsync();
        lab.Create(ResourceTypes.Pods, Pod("p", """ "nodeName":"k8s-w1", """));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(5));
        var pod = lab.Pods("default").Single();
        Assert.Equal("Pending", pod.Phase());
        Assert.Equal("ContainerCreating", pod.Json.Objects("status", "containerStatuses").Single().Text("state", "waiting", "reason"));
        Assert.Contains("Warning NetworkNotReady kubelet: network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized", lab.EventsAbout("p"));
        await lab.InstallNetworkAsync();
        Assert.True(lab.Pods("default").Single().IsReady());
    }

    [Fact]
    public async Task A_plugin_that_is_missing_or_fails_is_reported_and_tried_again()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        var node = lab.Cluster.Nodes[1];
        node.Files.Remove("/opt/cni/bin/test-bridge", NodeUser.Root);
        lab.Create(ResourceTypes.Pods, Pod("p", """ "nodeName":"k8s-w1", """));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.Contains(lab.EventsAbout("p"), e => e.StartsWith("Warning FailedCreatePodSandBox kubelet: Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox \"", StringComparison.Ordinal)
            && e.EndsWith("\": failed to find plugin \"test-bridge\" in path [/opt/cni/bin]", StringComparison.Ordinal));
        Assert.Single(node.Kernel.Namespaces, n => n == node.Kernel.Network);
        await lab.InstallNetworkAsync();
        Assert.True(lab.Pods("default").Single().IsReady());
    }

    [Fact]
    public async Task A_running_pod_has_a_namespace_a_container_and_a_whole_status()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        await lab.DeployWebpodAsync();
        var pod = lab.Store.Get(ResourceTypes.Pods, "default", "curl-pod");
        var node = lab.Cluster.Nodes[0];
        var status = pod.Json.Objects("status", "containerStatuses").Single();
        var container = node.Containers.Containers.Single(c => c.PodName == "curl-pod");
        Assert.Equal("containerd://" + container.Id, status.Text("containerID"));
        Assert.StartsWith("docker.io/nicolaka/netshoot@sha256:", status.Text("imageID"), StringComparison.Ordinal);
        Assert.Equal("docker.io/nicolaka/netshoot:latest", status.Text("image"));
        Assert.Equal(["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"], pod.Json.Objects("status", "conditions").Select(c => c.Text("type")));
        Assert.Equal("10.0.2.15", pod.Json.Text("status", "hostIP"));
        Assert.Contains(node.Kernel.Namespaces, n => n.Name is not null && n.OwnerOf(System.Net.IPAddress.Parse(pod.Address()!)) is not null);
        Assert.Contains("curl-pod", node.Output("crictl", "ps"), StringComparison.Ordinal);
        Assert.StartsWith("e747d861ab8fd", container.ImageId["sha256:".Length..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_pod_ends_within_its_grace_period_and_leaves_nothing()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        lab.Create(ResourceTypes.Pods, Pod("slow", """ "nodeName":"k8s-w1","terminationGracePeriodSeconds":20, """, """ ,"command":["sleep","infinity"] """));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(10));
        var node = lab.Cluster.Nodes[1];
        var namespaces = node.Kernel.Namespaces.Count;
        var links = node.Kernel.Network.Links.Count;
        lab.Store.Delete(ResourceTypes.Pods, "default", "slow");
        await lab.AdvanceAsync(TimeSpan.FromSeconds(19));
        Assert.True(lab.Pods("default").Single().IsTerminating);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Empty(lab.Pods("default"));
        Assert.Equal((namespaces - 1, links - 1), (node.Kernel.Namespaces.Count, node.Kernel.Network.Links.Count));
        Assert.DoesNotContain(node.Containers.Sandboxes, s => s.Name == "slow");
        Assert.Contains("Normal Killing kubelet: Stopping container c", lab.EventsAbout("slow"));
    }

    [Fact]
    public async Task An_image_that_cannot_be_pulled_backs_off_until_it_can()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        lab.Cluster.Images.PullRefusal = name => $"failed to resolve reference \"{name}\": not found";
        lab.Create(ResourceTypes.Pods, Pod("p", """ "nodeName":"k8s-w1", """));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal("ErrImagePull", Waiting(lab, "p"));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(4));
        Assert.Equal("ImagePullBackOff", Waiting(lab, "p"));
        Assert.Contains("Warning Failed kubelet: Error: ImagePullBackOff", lab.EventsAbout("p"));
        Assert.Contains("Warning Failed kubelet: Failed to pull image \"busybox\": failed to pull and unpack image \"docker.io/library/busybox:latest\": failed to resolve reference \"docker.io/library/busybox:latest\": not found", lab.EventsAbout("p"));
        lab.Cluster.Images.PullRefusal = _ => null;
        await lab.AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.True(lab.Pods("default").Single().IsReady());
    }

    [Fact]
    public async Task A_container_that_fails_is_started_again_ever_later()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        lab.Create(ResourceTypes.Pods, Pod("p", """ "nodeName":"k8s-w1", """, """ ,"command":["sh","-c","exit 3"] """));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(8));
        Assert.Equal("CrashLoopBackOff", Waiting(lab, "p"));
        var status = lab.Pods("default").Single().Json.Objects("status", "containerStatuses").Single();
        Assert.Equal(1, status.Number("restartCount"));
        Assert.Equal(3, status.Number("lastState", "terminated", "exitCode"));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(40));
        Assert.Equal(3, lab.Pods("default").Single().Json.Objects("status", "containerStatuses").Single().Number("restartCount"));
    }

    [Fact]
    public async Task A_pod_that_is_done_has_succeeded()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        lab.Create(ResourceTypes.Pods, Pod("p", """ "nodeName":"k8s-w1","restartPolicy":"Never","initContainers":[{"name":"i","image":"busybox","command":["sleep","2"]}], """, """ ,"command":["sleep","5"] """));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(3));
        Assert.Equal("ContainersNotInitialized", lab.Pods("default").Single().Json.Condition("Initialized").Text("reason"));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(10));
        var pod = lab.Pods("default").Single();
        Assert.Equal("Succeeded", pod.Phase());
        Assert.Equal("Completed", pod.Json.Objects("status", "containerStatuses").Single().Text("state", "terminated", "reason"));
        Assert.Equal("PodCompleted", pod.Json.Condition("Ready").Text("reason"));
    }

    [Fact]
    public async Task A_manifest_that_goes_takes_its_mirror_with_it_and_comes_back_with_it()
    {
        await using var lab = await TestCluster.CreateAsync();
        var files = lab.Cluster.Nodes[0].Files;
        var text = files.ReadText("/etc/kubernetes/manifests/kube-scheduler.yaml");
        files.Remove("/etc/kubernetes/manifests/kube-scheduler.yaml", NodeUser.Root);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(25));
        Assert.Null(lab.Store.Find(ResourceTypes.Pods, "kube-system", "kube-scheduler-k8s-ctr"));
        files.Put("/etc/kubernetes/manifests/kube-scheduler.yaml", text);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(25));
        Assert.True(lab.Store.Get(ResourceTypes.Pods, "kube-system", "kube-scheduler-k8s-ctr").IsReady());
        lab.Store.Delete(ResourceTypes.Pods, "kube-system", "kube-scheduler-k8s-ctr", new() { GracePeriodSeconds = 0 });
        await lab.AdvanceAsync(TimeSpan.FromSeconds(25));
        Assert.Equal(0, lab.Get(ResourceTypes.Pods, "kube-system", "kube-scheduler-k8s-ctr").Objects("status", "containerStatuses").Single().Number("restartCount"));
    }

    [Fact]
    public async Task A_machine_that_was_off_starts_its_pods_again()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        await lab.DeployWebpodAsync();
        var node = lab.Cluster.Nodes[1];
        await lab.Cluster.SetPowerAsync(node, false);
        Assert.Empty(node.Containers.Containers);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(10));
        await lab.Cluster.SetPowerAsync(node, true);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(10));
        var pod = lab.Pods("default", "app=webpod").Single(p => p.NodeName() == "k8s-w1");
        Assert.True(pod.IsReady());
        Assert.Equal(1, pod.Json.Objects("status", "containerStatuses").Single().Number("restartCount"));
    }

    [Fact]
    public async Task Exec_runs_what_the_image_has_and_says_what_it_has_not()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        await lab.DeployWebpodAsync();
        var web = lab.Pods("default", "app=webpod")[0];
        var (output, error, code) = await lab.ExecAsync("curl-pod", "curl", web.Address()!);
        Assert.Equal((0, ""), (code, error));
        var said = output.ReplaceLineEndings("\n").Split('\n');
        Assert.Equal($"Hostname: {web.Name}", said[0]);
        Assert.Equal(["IP: 127.0.0.1", "IP: ::1", $"IP: {web.Address()}"], said[1..4]);
        var recorded = Recorded.Lines(69);
        Assert.Equal(recorded[^4..].Where(l => !l.StartsWith("Host:", StringComparison.Ordinal)), said.Where(l => l.StartsWith("GET", StringComparison.Ordinal) || l.StartsWith("User-Agent", StringComparison.Ordinal) || l.StartsWith("Accept", StringComparison.Ordinal)));
        Assert.Contains($"Host: {web.Address()}", said);
        Assert.Contains(said, l => l.StartsWith("RemoteAddr: 10.244.0.", StringComparison.Ordinal));
        Assert.Contains("Hostname: webpod-", (await lab.ExecAsync("curl-pod", "curl", "-s", "webpod")).Output, StringComparison.Ordinal);
        Assert.Equal((6, "curl: (6) Could not resolve host: nowhere\n"), await Short(lab, "curl", "nowhere"));
        Assert.Equal((7, $"curl: (7) Failed to connect to {web.Address()} port 81 after 0 ms: Could not connect to server\n"), await Short(lab, "curl", $"{web.Address()}:81"));
        Assert.Equal((28, "curl: (28) Connection timed out after 3000 milliseconds\n"), await Short(lab, "curl", "--connect-timeout", "3", "10.244.9.9"));
        var refusal = await Assert.ThrowsAsync<PodExecException>(() => lab.ExecAsync(web.Name, "bash"));
        Assert.Contains("exec: \"bash\": executable file not found in $PATH", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shell_in_a_container_runs_plain_commands_and_ends_processes()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        await lab.DeployWebpodAsync();

        Assert.Equal(("a  b\nc d\n", "2 x\n", 3), await lab.ExecAsync("curl-pod", "sh", "-c", "echo 'a  b'; echo $$ $1 >&2; exec \"$@\"", "sh", "sh", "-c", "echo c d; exit 3") is var (said, told, code)
            ? (said, told.Replace("sh", "x", StringComparison.Ordinal), code)
            : default);
        Assert.Equal(("", "sh: kill: No such process\n", 1), await lab.ExecAsync("curl-pod", "sh", "-c", "kill 77"));
        Assert.Equal(("", "sh: only plain commands are simulated, without pipes, conditions and most expansions\n", 2), await lab.ExecAsync("curl-pod", "sh", "-c", "echo a | cat"));
        var sleeping = lab.ExecAsync("curl-pod", "sh", "-c", "exec sleep 100000");

        // Which number it gets depends on how many shells that kill were there before it.
        for (var last = 6; !sleeping.IsCompleted; last++)
        {
            foreach (var process in Enumerable.Range(5, last - 4))
                await lab.ExecAsync("curl-pod", "sh", "-c", $"kill {process}");
        }

        Assert.Equal(143, (await sleeping).Code);
    }

    [Fact]
    public async Task Logs_are_read_and_followed_to_the_end()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        await lab.DeployWebpodAsync();
        var web = lab.Pods("default", "app=webpod")[0];
        await using var log = new ContainerAccess(lab.Cluster)
            .ReadAsync(new PodLogRequest(web, "webpod", true, false), TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);

        Assert.True(await log.MoveNextAsync());
        Assert.EndsWith("Starting up on port 80", log.Current.Text, StringComparison.Ordinal);
        var more = log.MoveNextAsync().AsTask();
        lab.Store.Delete(ResourceTypes.Pods, "default", web.Name);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(5));

        Assert.False(await more.WaitAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<(int, string)> Short(TestCluster lab, params string[] command)
    {
        var (_, error, code) = await lab.ExecAsync("curl-pod", command);
        return (code, error);
    }

    private static string? Waiting(TestCluster lab, string pod) =>
        lab.Get(ResourceTypes.Pods, "default", pod).Objects("status", "containerStatuses").Single().Text("state", "waiting", "reason");

    private static string Pod(string name, string spec, string container = "") =>
        $$"""{"metadata":{"name":"{{name}}","namespace":"default"},"spec":{ {{spec}} "containers":[{"name":"c","image":"busybox"{{container}} }]} }""";
}
