using CiliumLab.Simulator.Api;

namespace CiliumLab.Tests.Simulator.Api;

/// <summary>A session of the real kubectl: a client that nobody here wrote.</summary>
public class KubectlTests
{
    private const string Manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: webpod}
        spec:
          replicas: 2
          selector: {matchLabels: {app: webpod}}
          template:
            metadata: {labels: {app: webpod}}
            spec:
              containers:
              - {name: webpod, image: traefik/whoami, ports: [{containerPort: 80}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: webpod}
        spec: {selector: {app: webpod}, ports: [{port: 80}]}
        """;

    [Fact]
    public async Task A_session_of_kubectl()
    {
        await using var lab = await ApiLab.StartAsync();
        using var kubectl = Kubectl.For(lab.Server);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kubectl.Config));
        Task<string> K(string arguments, string? input = null, int code = 0) => kubectl.RunAsync(arguments, input, code);

        Assert.Equal("deployment.apps/webpod created\nservice/webpod created\n", await K("apply -f -", Manifest));
        Assert.Equal("deployment.apps/webpod unchanged\nservice/webpod unchanged\n", await K("apply -f -", Manifest));
        Assert.Equal("deployment.apps/webpod configured\nservice/webpod unchanged\n", await K("apply -f -", Manifest.Replace("replicas: 2", "replicas: 3", StringComparison.Ordinal)));
        Assert.Equal("deployment.apps/webpod scaled\n", await K("scale deployment webpod --replicas=4"));
        Assert.Equal("deployment.apps/webpod labeled\n", await K("label deployment webpod tier=front"));
        Assert.Equal("deployment.apps/webpod annotated\n", await K("annotate deployment webpod note=x"));
        Assert.Equal("deployment.apps/webpod patched\n", await K("""patch deployment webpod -p {"spec":{"template":{"spec":{"containers":[{"name":"webpod","env":[{"name":"A","value":"1"}]}]}}}}"""));
        Assert.Equal("4 1 traefik/whoami", await K("get deployment webpod -o jsonpath={.spec.replicas}{\"\\u0020\"}{.spec.template.spec.containers[0].env[0].value}{\"\\u0020\"}{.spec.template.spec.containers[0].image}"));
        Assert.Contains("webpod   0/4     0            0           0s    webpod       traefik/whoami   app=webpod", await K("get deployment -o wide"), StringComparison.Ordinal);
        Assert.Contains("\"replicas\": 4", await K("get deployment webpod -o json"), StringComparison.Ordinal);
        Assert.Equal("deployment.apps/webpod restarted\n", await K("rollout restart deployment webpod"));
        Assert.Contains("conflict with \"kubectl\" with subresource \"scale\" using apps/v1: .spec.replicas", await K("apply --server-side -f -", Manifest, 1), StringComparison.Ordinal);
        Assert.Contains("deployment.apps/webpod serverside-applied", await K("apply --server-side --force-conflicts -f -", Manifest), StringComparison.Ordinal);
        Assert.Contains("deployment.apps/web created", await K("create deployment web --image=nginx"), StringComparison.Ordinal);
        Assert.Contains("Replicas:               2 desired", await K("describe deployment webpod"), StringComparison.Ordinal);
        Assert.Equal("pod/curl-pod created\n", await K("run curl-pod --image=nicolaka/netshoot --command -- tail -f /dev/null"));
        lab.Store.EditStatus(ResourceTypes.Pods, "default", "curl-pod", p => p.Ensure("status").EnsureArray("conditions").Add((System.Text.Json.Nodes.JsonNode)new System.Text.Json.Nodes.JsonObject { ["type"] = "Ready", ["status"] = "True" }));
        Assert.Equal("pod/curl-pod condition met\n", await K("wait --for=condition=Ready pod/curl-pod --timeout=5s"));
        Assert.Contains("containerPort\t<integer> -required-", await K("explain pod.spec.containers.ports"), StringComparison.Ordinal);
        Assert.Contains("endpointslices", await K("api-resources"), StringComparison.Ordinal);
        Assert.Equal("yes\n", await K("auth can-i create pods"));
        Assert.Contains("pods \"missing\" not found", await K("get pod missing", code: 1), StringComparison.Ordinal);
        Assert.Contains("strict decoding error: unknown field \"spec.portz\"", await K("apply -f -", "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {portz: []}}", 1), StringComparison.Ordinal);
        Assert.Equal("pod \"curl-pod\" deleted\n", await K("delete pod curl-pod"));
        Assert.Equal("deployment.apps \"web\" deleted\ndeployment.apps \"webpod\" deleted\n", await K("delete deployment web webpod"));
        Assert.Contains("readyz check passed", await K("get --raw /readyz?verbose"), StringComparison.Ordinal);
    }
}
