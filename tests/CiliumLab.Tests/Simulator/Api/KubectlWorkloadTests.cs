namespace CiliumLab.Tests.Simulator.Api;

/// <summary>A session with workloads: what people do with kubectl all day.</summary>
public class KubectlWorkloadTests
{
    [Fact]
    public async Task A_deployment_is_made_exposed_rolled_out_and_back()
    {
        await using var lab = await KubectlLab.StartAsync();
        var k = lab.Kubectl;

        await k.SaysAsync("create deployment web --image=traefik/whoami --replicas=2", "deployment.apps/web created");
        await k.SaysAsync("expose deployment web --port=80", "service/web exposed");
        Assert.EndsWith("deployment \"web\" successfully rolled out\n", await k.RunAsync("rollout status deployment web --timeout=60s"), StringComparison.Ordinal);
        await k.SaysAsync("get deployment,rs,svc -l app=web", """
            NAME                  READY   UP-TO-DATE   AVAILABLE   AGE
            deployment.apps/web   2/2     2            2           *
            NAME                            DESIRED   CURRENT   READY   AGE
            replicaset.apps/web-*           2         2         2       *
            NAME          TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE
            service/web   ClusterIP   10.96.*      <none>        80/TCP    *
            """);
        await k.SaysAsync("get pods -l app=web -o wide", """
            NAME      READY   STATUS    RESTARTS   AGE   IP           NODE       NOMINATED NODE   READINESS GATES
            web-*     1/1     Running   0          *     10.244.*     k8s-w*     <none>           <none>
            web-*     1/1     Running   0          *     10.244.*     k8s-w*     <none>           <none>
            """);
        await k.SaysAsync("get deployment web -o 'go-template={{.spec.replicas}} {{range .spec.template.spec.containers}}{{.image}}{{end}}'", "2 traefik/whoami");
        await k.SaysAsync("get deployment web -o custom-columns=NAME:.metadata.name,IMAGE:.spec.template.spec.containers[*].image", "NAME IMAGE\nweb traefik/whoami");
        Assert.Contains("Endpoints:                10.244.", await k.RunAsync("describe service web"), StringComparison.Ordinal);
        await k.SaysAsync("set image deployment/web whoami=traefik/whoami:v1.10", "deployment.apps/web image updated");
        await k.RunAsync("rollout status deployment web --timeout=60s");
        await k.SaysAsync("annotate deployment web kubernetes.io/change-cause=newer", "deployment.apps/web annotated");
        await k.SaysAsync("rollout history deployment web", "deployment.apps/web\nREVISION CHANGE-CAUSE\n1 <none>\n2 newer");
        await k.SaysAsync("rollout undo deployment web", "deployment.apps/web rolled back");
        await k.RunAsync("rollout status deployment web --timeout=60s");
        await k.SaysAsync("get deployment web -o jsonpath={.spec.template.spec.containers[0].image}", "traefik/whoami");
        await k.SaysAsync("rollout restart deployment web", "deployment.apps/web restarted");
        await k.RunAsync("rollout status deployment web --timeout=60s");
        await k.SaysAsync("scale deployment web --replicas=3", "deployment.apps/web scaled");
        await k.SaysAsync("wait --for=jsonpath={.status.readyReplicas}=3 deployment/web --timeout=60s", "deployment.apps/web condition met");
        Assert.Contains("Available      True    MinimumReplicasAvailable", await k.RunAsync("describe deployment web"), StringComparison.Ordinal);
        Assert.Contains("Scaled up replica set web-", await k.RunAsync("events --for deployment/web"), StringComparison.Ordinal);
        await k.SaysAsync("delete deployment web --cascade=foreground --timeout=60s", "deployment.apps \"web\" deleted");
        await k.SaysAsync("wait --for=delete pod -l app=web --timeout=60s", "");
        await k.SaysAsync("get pods", "No resources found in default namespace.");
    }

    [Fact]
    public async Task A_pod_is_run_entered_listened_to_and_deleted()
    {
        await using var lab = await KubectlLab.StartAsync();
        var k = lab.Kubectl;

        await k.SaysAsync("run curl --image=nicolaka/netshoot --command -- tail -f /dev/null", "pod/curl created");
        await k.SaysAsync("run who --image=traefik/whoami --port=80", "pod/who created");
        await k.SaysAsync("wait --for=condition=Ready pod/curl pod/who --timeout=60s", "pod/curl condition met\npod/who condition met");
        await k.SaysAsync("exec curl -- cat /etc/hostname", "curl");
        Assert.Equal("over there\n", await k.RunAsync("exec -i curl -- cat", "over there\n"));
        await k.SaysAsync("exec curl -- sh -c 'exit 3'", "command terminated with exit code 3", code: 3);
        Assert.Contains("exec: \"nosuch\": executable file not found in $PATH", await k.RunAsync("exec curl -- nosuch", code: 1), StringComparison.Ordinal);
        await k.SaysAsync("exec curl -c other -- true", "Error from server (BadRequest): container other is not valid for pod curl", code: 1);
        await k.SaysAsync("logs who", "* Starting up on port 80");
        await k.SaysAsync("logs who --tail=1 --timestamps", "2025-07-14T* Starting up on port 80");
        Assert.Contains("pods \"nobody\" not found", await k.RunAsync("logs nobody", code: 1), StringComparison.Ordinal);
        using (var follow = k.Start("logs -f who"))
        {
            Assert.EndsWith("Starting up on port 80", await follow.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            follow.Kill();
        }
        Assert.Contains("IP:               10.244.", await k.RunAsync("describe pod curl"), StringComparison.Ordinal);
        Assert.Contains("do not forward ports", await k.RunAsync("port-forward pod/who :80", code: 1), StringComparison.Ordinal);
        await k.SaysAsync("top pods", "error: Metrics API not available", code: 1);
        await k.SaysAsync("delete pod who --grace-period=1", "pod \"who\" deleted");
        Assert.StartsWith("pod \"curl\" force deleted\n", await k.RunAsync("delete pod curl --force --grace-period=0"), StringComparison.Ordinal);
        await k.SaysAsync("get pod who", "Error from server (NotFound): pods \"who\" not found", code: 1);
    }

    [Fact]
    public async Task A_watch_shows_a_pod_come_and_go()
    {
        await using var lab = await KubectlLab.StartAsync();
        await lab.Kubectl.RunAsync("run zero --image=traefik/whoami");
        await lab.Kubectl.RunAsync("wait --for=condition=Ready pod/zero --timeout=60s");
        using var watch = lab.Kubectl.Start("get pods -w --no-headers -o custom-columns=NAME:.metadata.name,PHASE:.status.phase");

        // what is there comes first: from then on nothing is missed
        Assert.Matches("^zero +Running$", await watch.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        await lab.Kubectl.RunAsync("run one --image=traefik/whoami");
        var seen = new List<string>();
        while (seen.LastOrDefault()?.EndsWith("Running", StringComparison.Ordinal) != true)
        {
            var line = await watch.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new IOException(string.Join('\n', seen));
            if (line.StartsWith("one", StringComparison.Ordinal))
                seen.Add(line);
        }
        watch.Kill();

        Assert.Matches("^one +Pending$", seen[0]);
    }

    [Fact]
    public async Task A_node_is_tainted_closed_emptied_and_opened()
    {
        await using var lab = await KubectlLab.StartAsync();
        var k = lab.Kubectl;

        await k.SaysAsync("taint node k8s-w1 lesson=1:NoSchedule", "node/k8s-w1 tainted");
        await k.RunAsync("create deployment web --image=traefik/whoami --replicas=2");
        await k.RunAsync("rollout status deployment web --timeout=60s");
        await k.SaysAsync("get pods -l app=web -o 'jsonpath={.items[*].spec.nodeName}'", "k8s-w2 k8s-w2");
        await k.SaysAsync("taint node k8s-w1 lesson-", "node/k8s-w1 untainted");
        await k.SaysAsync("cordon k8s-w2", "node/k8s-w2 cordoned");
        await k.SaysAsync("get nodes", """
            NAME      STATUS                     ROLES           AGE   VERSION
            k8s-ctr   Ready                      control-plane   *     v1.33.2
            k8s-w1    Ready                      <none>          *     v1.33.2
            k8s-w2    Ready,SchedulingDisabled   <none>          *     v1.33.2
            """);
        Assert.Contains("node/k8s-w2 drained\n", await k.RunAsync("drain k8s-w2 --ignore-daemonsets --timeout=120s"), StringComparison.Ordinal);
        await k.RunAsync("rollout status deployment web --timeout=60s");
        await k.SaysAsync("get pods -l app=web -o 'jsonpath={.items[*].spec.nodeName}'", "k8s-w1 k8s-w1");
        await k.SaysAsync("uncordon k8s-w2", "node/k8s-w2 uncordoned");
        var node = await k.RunAsync("describe node k8s-w1");
        Assert.Contains("KubeletReady                 kubelet is posting ready status", node, StringComparison.Ordinal);
        Assert.Contains("Non-terminated Pods:", node, StringComparison.Ordinal);
    }
}
