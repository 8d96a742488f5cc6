using System.Net;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;

namespace CiliumLab.Tests.Labs;

public sealed class LabPlanTests
{
    [Fact]
    public void Reads_every_field()
    {
        const string text = """
            name: week1
            provider: vagrant
            topology:
              workerCount: 4
              kubernetesVersion: 1.32.6
              containerdVersion: 2.0.5
              podCidr: 172.20.0.0/16
              serviceCidr: 10.50.0.0/16
              nodeNetwork: 192.168.57.0/24
              cpu: 3
              memory: 4096
              box: debian/bookworm64
              boxVersion: ">= 12"
              sshPort: 2300
              keepNatNodeIp: true
              seed: 7
            """;

        Assert.Equal(
            new LabPlan("week1", LabProvider.Vagrant, new LabTopology
            {
                WorkerCount = 4,
                KubernetesVersion = "1.32.6",
                ContainerdVersion = "2.0.5",
                PodCidr = IPNetwork.Parse("172.20.0.0/16"),
                ServiceCidr = IPNetwork.Parse("10.50.0.0/16"),
                NodeNetwork = IPNetwork.Parse("192.168.57.0/24"),
                Cpu = 3,
                Memory = 4096,
                Box = "debian/bookworm64",
                BoxVersion = ">= 12",
                SshPort = 2300,
                KeepNatNodeIp = true,
                Seed = 7,
            }),
            LabPlan.Read(text, "lab.yaml"));
    }

    [Fact]
    public void What_is_left_out_is_as_usual() =>
        Assert.Equal(new LabPlan(null, null, new LabTopology()), LabPlan.Read("topology: {}\n", "lab.yaml"));

    [Fact]
    public void The_file_of_the_help_topic_is_the_usual_lab()
    {
        var topic = File.ReadAllText(Path.Combine(Repository.Root, "docs", "en-US", "about_CiliumLab_LabFile.md"));
        var example = topic.Split("```yaml\n")[1].Split("```")[0];

        Assert.Equal(new LabPlan("week1", LabProvider.Vagrant, new LabTopology { BoxVersion = new LabTopology().WantedBoxVersion }), LabPlan.Read(example, "lab.yaml"));
    }

    [Theory]
    [InlineData("topology:\n  workersCount: 2\n", "line 2: field 'topology.workersCount': unknown field; did you mean 'workerCount'?")]
    [InlineData("nodes: []\n", "line 1: field 'nodes': unknown field")]
    [InlineData("provider: Existing\n", "line 1: field 'provider': expected Vagrant or Simulator, found 'Existing'")]
    [InlineData("topology:\n  keepNatNodeIp: maybe\n", "line 2: field 'topology.keepNatNodeIp': expected true or false, found 'maybe'")]
    [InlineData("topology:\n  cpu: 2\n  sshPort: 70000\n", "line 3: field 'topology.sshPort': expected a port from 1 to 65535, found '70000'")]
    [InlineData("provder: Vagrant\n", "line 1: field 'provder': unknown field; did you mean 'provider'?")]
    [InlineData("name: x\n\n# comment\ntopology:\n  cpu: 2\n  memroy: 4096\n", "line 6: field 'topology.memroy': unknown field; did you mean 'memory'?")]
    [InlineData("topology:\n  containerd: 2.0.5\n", "line 2: field 'topology.containerd': unknown field; known are workerCount,")]
    [InlineData("topology:\n  workerCount: two\n", "line 2: field 'topology.workerCount': expected a number from 0 to 250, found 'two'")]
    [InlineData("topology:\n  memory: 128\n", "line 2: field 'topology.memory': expected a number from 256 to 1048576, found '128'")]
    [InlineData("topology:\n  podCidr: 10.244.0.0\n", "line 2: field 'topology.podCidr': expected a network such as 10.244.0.0/16, found '10.244.0.0'")]
    [InlineData("topology:\n  box: [a, b]\n", "line 2: field 'topology.box': expected a text, found a list")]
    [InlineData("name: a\n\ttopology: {}\n", "line 2: not valid YAML: a tab where only blanks may indent")]
    [InlineData("topology:\n  cpu: 2\n  cpu: 4\n", "line 3: not valid YAML")]
    [InlineData("- provider: Vagrant\n", "line 1: expected fields (name, provider, topology), found a list")]
    [InlineData("topology: 3\n", "line 1: field 'topology': expected fields (workerCount,")]
    [InlineData("", "is empty")]
    public void A_wrong_file_names_the_line_and_the_field(string text, string message)
    {
        var error = Assert.Throws<LabException>(() => LabPlan.Read(text, "/labs/lab.yaml"));

        Assert.Equal("LabFileInvalid", error.ErrorId);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("about_CiliumLab_LabFile", error.RecommendedAction, StringComparison.Ordinal);
    }
}
