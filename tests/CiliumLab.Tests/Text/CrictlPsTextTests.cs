using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text;

public sealed class CrictlPsTextTests
{
    private const string Json = """
        {
          "containers": [
            {
              "id": "3690a55e4d3fa0b7a8a2f8b4a4d4f0c64de8df6f4f0f4d9b6c5a0a1b2c3d4e5f",
              "podSandboxId": "7802b00f4ec67d2d2b0a3e7c3e0b6f0b8c5a1d2e3f4a5b6c7d8e9f0a1b2c3d4e",
              "metadata": { "name": "curl", "attempt": 2 },
              "image": { "image": "e747d861ab8fd", "annotations": {}, "userSpecifiedImage": "nicolaka/netshoot" },
              "imageRef": "sha256:e747d861ab8fd",
              "state": "CONTAINER_RUNNING",
              "createdAt": "1752987587929229605",
              "labels": { "io.kubernetes.container.name": "curl", "io.kubernetes.pod.name": "curl-pod", "io.kubernetes.pod.namespace": "default" },
              "annotations": {}
            },
            { "id": "1", "metadata": { "name": "old" }, "state": "CONTAINER_EXITED", "createdAt": "0", "labels": {} }
          ]
        }
        """;

    [Fact]
    public void Reads_the_control_plane_of_the_lab()
    {
        var containers = CrictlPsText.Parse(Fixture.Open("transcript/057-crictl-ps.txt"), "k8s-ctr", Unexpected.Warning).ToList();

        Assert.Equal(9, containers.Count);
        Assert.Equal(
            new NodeContainer
            {
                Node = "k8s-ctr",
                ContainerId = "3690a55e4d3fa",
                Image = "e747d861ab8fd",
                Age = TimeSpan.FromMinutes(1),
                State = NodeContainerState.Running,
                Name = "curl",
                Attempt = 0,
                PodId = "7802b00f4ec67",
                Pod = "curl-pod",
                Namespace = "default",
            },
            containers[0]);
        Assert.Equal(("kube-scheduler-k8s-ctr", "kube-system", TimeSpan.FromHours(2)), (containers[5].Pod, containers[5].Namespace, containers[5].Age));
        Assert.Equal("kube-flannel", containers[3].Namespace);
    }

    [Fact]
    public void Reads_one_node_of_the_loop_over_the_workers()
    {
        var text = Fixture.Read("transcript/058-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt");
        var worker = text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..text.IndexOf(">> node : k8s-w2", StringComparison.Ordinal)];

        var containers = CrictlPsText.Parse(new StringReader(worker), "k8s-w1", Unexpected.Warning).ToList();

        Assert.Equal(["webpod", "kube-flannel", "kube-proxy"], containers.Select(container => container.Name));
        Assert.Equal(TimeSpan.FromMinutes(35), containers[1].Age);
    }

    [Fact]
    public void Reads_json()
    {
        var containers = CrictlPsText.Parse(new StringReader(Json), "k8s-ctr", Unexpected.Warning).ToList();

        var curl = containers[0];
        Assert.Equal(("curl", "curl-pod", "default", 2), (curl.Name, curl.Pod, curl.Namespace, curl.Attempt));
        Assert.Equal(("nicolaka/netshoot", "sha256:e747d861ab8fd"), (curl.Image, curl.ImageId));
        Assert.Equal(DateTimeOffset.Parse("2025-07-20T04:59:47.9292296Z", System.Globalization.CultureInfo.InvariantCulture), curl.CreatedAt);
        Assert.Equal(NodeContainerState.Exited, containers[1].State);
        Assert.Null(containers[1].CreatedAt);
        Assert.Null(containers[1].Pod);
    }

    [Fact]
    public void A_runtime_without_containers_is_an_empty_list()
    {
        Assert.Empty(CrictlPsText.Parse(new StringReader("{\n  \"containers\": []\n}\n"), null, Unexpected.Warning));
        Assert.Empty(CrictlPsText.Parse(new StringReader("CONTAINER           IMAGE               CREATED             STATE               NAME                ATTEMPT             POD ID              POD\n"), null, Unexpected.Warning));
    }

    [Fact]
    public void Warnings_of_crictl_itself_are_handed_on_and_older_versions_have_no_namespace()
    {
        var warnings = new List<TextWarning>();
        var text = "WARN[0000] runtime connect using default endpoints: [unix:///run/containerd/containerd.sock].\n"
            + "CONTAINER           IMAGE               CREATED                  STATE               NAME                ATTEMPT             POD ID              POD\n"
            + "1fda477f80ac4       747b002efa646       Less than a second ago   Exited              kube-flannel        3                   db9d5eb73c3c3       kube-flannel-ds-9qdxf\n";

        var container = Assert.Single(CrictlPsText.Parse(new StringReader(text), null, warnings.Add));

        Assert.Equal(1, Assert.Single(warnings).Line);
        Assert.Equal((NodeContainerState.Exited, 3, TimeSpan.Zero), (container.State, container.Attempt, container.Age));
        Assert.Equal(("kube-flannel-ds-9qdxf", null), (container.Pod, container.Namespace));
    }

    [Fact]
    public void A_runtime_that_is_down_is_an_error_that_quotes_crictl()
    {
        var error = Assert.Throws<LabException>(() => CrictlPsText.Parse(
            new StringReader("FATA[0000] validate service connection: rpc error: code = Unavailable desc = connection error\n"), null, Unexpected.Warning).ToList());

        Assert.Contains("validate service connection", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Endures_garbled_text()
    {
        Garbling.Survives(CrictlPsText.Parse, Fixture.Read("transcript/057-crictl-ps.txt"));
        Garbling.Survives(CrictlPsText.Parse, Json);
    }
}
