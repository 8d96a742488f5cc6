using System.Text;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace CiliumLab.Tests.Simulator.Api;

/// <summary>The client library that the engine uses, against the simulator's server.</summary>
public class KubernetesClientTests
{
    [Fact]
    public async Task The_client_library_creates_lists_patches_watches_and_deletes()
    {
        await using var lab = await ApiLab.StartAsync();
        using var config = new MemoryStream(Encoding.UTF8.GetBytes(lab.Server.AdminKubeConfig()));
        using var client = new Kubernetes(await KubernetesClientConfiguration.BuildConfigFromConfigFileAsync(config));
        var token = TestContext.Current.CancellationToken;

        var pod = await client.CoreV1.CreateNamespacedPodAsync(new V1Pod
        {
            Metadata = new V1ObjectMeta { GenerateName = "web-" },
            Spec = new V1PodSpec { NodeName = "k8s-w1", Containers = [new V1Container { Name = "c", Image = "traefik/whoami" }] },
        }, "default", cancellationToken: token);
        Assert.Matches("^web-[bcdfghjklmnpqrstvwxz2456789]{5}$", pod.Name());
        var patch = new V1Patch("""{"metadata":{"labels":{"a":"b"}}}""", V1Patch.PatchType.StrategicMergePatch);
        await client.CoreV1.PatchNamespacedPodAsync(patch, pod.Name(), "default", cancellationToken: token);
        var list = await client.CoreV1.ListNamespacedPodAsync("default", labelSelector: "a=b", cancellationToken: token);
        Assert.Equal(pod.Uid(), Assert.Single(list.Items).Uid());
        var gone = await client.CoreV1.DeleteNamespacedPodAsync(pod.Name(), "default", cancellationToken: token);
        Assert.NotNull(gone.Metadata.DeletionTimestamp);
        var error = await Assert.ThrowsAsync<HttpOperationException>(() => client.CoreV1.ReadNamespacedPodAsync("nobody", "default", cancellationToken: token));

        Assert.Equal("pods \"nobody\" not found", KubernetesJson.Deserialize<V1Status>(error.Response.Content).Message);
        Assert.Equal("v1.33.2", (await client.Version.GetCodeAsync(token)).GitVersion);
    }
}
