using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;

namespace CiliumLab.Tests.Labs;

public sealed class LabYamlTests
{
    private const string Good = """
        name: week1
        kubeConfig: admin.conf
        defaults:
          user: vagrant
          key: keys/id_ed25519
        nodes:
          - node: k8s-ctr
            host: 127.0.0.1
            port: 60000
            role: control-plane
          - node: k8s-w1
            user: root
            key: ~/.ssh/w1
            role: worker
          - { node: k8s-w2, port: 2222 }
        """;

    [Fact]
    public void Reads_nodes_with_defaults_and_paths_beside_the_file()
    {
        var lab = LabYaml.Read(Good, "/labs/inventory.yaml");

        Assert.Equal("week1", lab.Name);
        Assert.Equal(LabProvider.Existing, lab.Provider);
        Assert.Equal("/labs/admin.conf", lab.KubeConfig);
        Assert.Equal(
            new NodeDescription { Node = "k8s-ctr", Host = "127.0.0.1", Port = 60000, User = "vagrant", Key = "/labs/keys/id_ed25519", Role = NodeRole.ControlPlane },
            lab.Nodes[0]);
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.Equal(
            new NodeDescription { Node = "k8s-w1", Host = "k8s-w1", Port = 22, User = "root", Key = home + "/.ssh/w1", Role = NodeRole.Worker }, lab.Nodes[1]);
        Assert.Equal(2222, lab.Nodes[2].Port);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var lab = LabYaml.Read(Good, "/labs/inventory.yaml");

        var again = LabYaml.Read(LabYaml.Write(lab), "/elsewhere/lab.yaml");

        Assert.Equal(lab.Nodes, again.Nodes);
        Assert.Equal(lab with { Nodes = [] }, again with { Nodes = [] });
    }

    [Fact]
    public void A_topology_is_kept()
    {
        var lab = LabYaml.Read(Good, "/labs/inventory.yaml") with
        {
            Provider = LabProvider.Simulator,
            Unfinished = true,
            Topology = new LabTopology { WorkerCount = 5, PodCidr = System.Net.IPNetwork.Parse("10.9.0.0/16"), Seed = -7 },
        };

        var again = LabYaml.Read(LabYaml.Write(lab), "/elsewhere/lab.yaml");
        Assert.Equal((lab.Topology, true), (again.Topology, again.Unfinished));
    }

    [Fact]
    public void A_lab_without_a_name_is_called_as_its_file()
    {
        Assert.Equal("home-lab", LabYaml.Read("nodes: [{node: a}]", "/labs/home-lab.yaml").Name);
        Assert.Equal("other", LabYaml.Read("nodes: [{node: a}]", "/labs/home-lab.yaml", "other").Name);
    }

    [Theory]
    [InlineData("nodes:\n  - node: a\n    hots: x\n", "line 3: field 'nodes[0].hots': unknown field; did you mean 'host'?")]
    [InlineData("nodes:\n  - node: a\n    port: 70000\n", "line 3: field 'nodes[0].port': expected a port from 1 to 65535, found '70000'")]
    [InlineData("nodes:\n  - node: a\n  - host: b\n", "line 3: field 'nodes[1].node': this field is required")]
    [InlineData("nodes:\n  - node: a\n  - node: A\n", "line 3: field 'nodes[1].node': node 'A' is listed twice")]
    [InlineData("nodes:\n  - node: a\n    role: master\n", "line 3: field 'nodes[0].role': expected control-plane or worker, found 'master'")]
    [InlineData("topology:\n  podCidr: 10.244.0.0\nnodes: [{node: a}]\n", "line 2: field 'topology.podCidr': expected a network such as 10.244.0.0/16, found '10.244.0.0'")]
    [InlineData("topology:\n  workers: 2\nnodes: [{node: a}]\n", "line 2: field 'topology.workers': unknown field; known are")]
    [InlineData("topology:\n  workerCount: -1\nnodes: [{node: a}]\n", "line 2: field 'topology.workerCount': expected a number from 0 to 250, found '-1'")]
    [InlineData("nodes: a\n", "line 1: field 'nodes': expected a list (lines that begin with '- '), found 'a'")]
    [InlineData("nodes:\n  - node: [a]\n", "line 2: field 'nodes[0].node': expected a text, found a list")]
    [InlineData("nodes:\n  - node: 'a b'\n", "line 2: field 'nodes[0].node': a node's name is made of letters, digits, '.', '_' and '-', and begins with a letter or digit: 'a b'")]
    [InlineData("nodes: []\n", "line 1: field 'nodes': a lab has at least one node")]
    [InlineData("user: x\n", "line 1: field 'user': unknown field; known are name, provider, kubeConfig, unfinished, topology, defaults, nodes")]
    [InlineData("- a\n", "line 1: expected fields (name, provider, kubeConfig, unfinished, topology, defaults, nodes), found a list")]
    [InlineData("nodes:\n\t- node: a\n", "line 2: not valid YAML")]
    [InlineData("", "is empty")]
    public void A_bad_inventory_names_the_line_and_the_field(string text, string message)
    {
        var error = Assert.Throws<LabException>(() => LabYaml.Read(text, "/labs/inventory.yaml"));

        Assert.Equal("InventoryInvalid", error.ErrorId);
        Assert.StartsWith("/labs/inventory.yaml", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RecommendedAction);
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("a b")]
    [InlineData("-x")]
    [InlineData("")]
    public void A_name_that_cannot_be_a_folder_is_refused(string name)
    {
        var error = Assert.Throws<LabException>(() => LabYaml.Read("nodes: [{node: a}]", "/labs/x.yaml", name));

        Assert.Equal("LabNameInvalid", error.ErrorId);
    }
}
