using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text;

public sealed class HostnamectlTextTests
{
    [Fact]
    public void Reads_the_lab()
    {
        var info = Assert.Single(HostnamectlText.Parse(Fixture.Open("transcript/009-hostnamectl.txt"), "k8s-ctr", Unexpected.Warning));

        Assert.Equal(
            new NodeInfo
            {
                Node = "k8s-ctr",
                Hostname = "k8s-ctr",
                StaticHostname = "k8s-ctr",
                OperatingSystem = "Ubuntu 24.04.2 LTS",
                KernelVersion = "6.8.0-53-generic",
                Architecture = "x86-64",
                Virtualization = "oracle",
                Chassis = "vm",
                MachineId = Guid.Parse("4f9fb3fa939a46d788144548529797c4"),
                BootId = Guid.Parse("b47345bdfb114c0f99ef542366fb0ebc"),
                HardwareVendor = "innotek GmbH",
                HardwareModel = "VirtualBox",
                FirmwareVersion = "VirtualBox",
                FirmwareDate = new DateOnly(2006, 12, 1),
            },
            info);
    }

    [Fact]
    public void Reads_json_of_systemd_252()
    {
        var info = Assert.Single(HostnamectlText.Parse(Fixture.Open("hostnamectl/json-252.json"), null, Unexpected.Warning));

        Assert.Equal("vm", info.Hostname);
        Assert.Equal("6.18.44-fc-v657", info.KernelVersion);
        Assert.Equal("Debian GNU/Linux 12 (bookworm)", info.OperatingSystem);
        Assert.Equal("container", info.Chassis);
        Assert.Null(info.HardwareVendor);
    }

    [Fact]
    public void Reads_a_node_in_namespaces()
    {
        var info = Assert.Single(HostnamectlText.Parse(Fixture.Open("hostnamectl/status-252.txt"), null, Unexpected.Warning));

        Assert.Equal(("k8s-w1", "container", "container-other", "x86-64"), (info.Hostname, info.Chassis, info.Virtualization, info.Architecture));
        Assert.Equal("Debian GNU/Linux 12 (bookworm)", info.OperatingSystem);
    }

    [Fact]
    public void Reads_what_newer_json_adds()
    {
        var text = """{"Hostname":"k8s-w1","StaticHostname":null,"KernelRelease":"6.8.0","FirmwareDate":1164931200000000,"MachineID":"4f9fb3fa939a46d788144548529797c4","BootID":[1,2]}""";

        var info = Assert.Single(HostnamectlText.Parse(new StringReader(text), null, Unexpected.Warning));

        Assert.Equal(new DateOnly(2006, 12, 1), info.FirmwareDate);
        Assert.Equal(Guid.Parse("4f9fb3fa939a46d788144548529797c4"), info.MachineId);
        Assert.Null(info.BootId);
    }

    [Fact]
    public void Two_tables_in_a_row_are_two_nodes()
    {
        var text = " Static hostname: k8s-w1\n   Kernel: Linux 6.8.0\n Static hostname: (unset)\nTransient hostname: k8s-w2\n";

        var nodes = HostnamectlText.Parse(new StringReader(text), null, Unexpected.Warning).ToList();

        Assert.Equal(["k8s-w1", "k8s-w2"], nodes.Select(node => node.Hostname));
        Assert.Null(nodes[1].KernelVersion);
    }

    [Fact]
    public void A_node_without_systemd_is_an_error_that_quotes_it()
    {
        var error = Assert.Throws<LabException>(() => HostnamectlText.Parse(
            new StringReader("System has not been booted with systemd as init system (PID 1). Can't operate.\n"), null, Unexpected.Warning).ToList());

        Assert.Contains("has not been booted with systemd", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_that_is_cut_off_is_an_error()
    {
        var error = Assert.Throws<LabException>(() => HostnamectlText.Parse(new StringReader("{\n\t\"Hostname\" : \"vm\",\n"), null, Unexpected.Warning).ToList());

        Assert.Contains("cut off", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_characters_in_json_are_no_text()
    {
        var info = Assert.Single(HostnamectlText.Parse(
            new StringReader("""{"\ud83d":1,"Hostname":"vm","Chassis":"\ud83d","KernelRelease":"6.8"}"""), null, Unexpected.Warning));

        Assert.Null(info.Chassis);
        Assert.Equal("6.8", info.KernelVersion);
        Assert.Throws<LabException>(() => HostnamectlText.Parse(new StringReader("{\"Hostname\":\"\ud83d\"}"), null, Unexpected.Warning).ToList());
    }

    [Theory]
    [InlineData("transcript/009-hostnamectl.txt")]
    [InlineData("hostnamectl/json-252.json")]
    public void Endures_garbled_text(string file) => Garbling.Survives(HostnamectlText.Parse, Fixture.Read(file));
}
