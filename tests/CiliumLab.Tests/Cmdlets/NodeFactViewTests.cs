using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CiliumLab.Model;

namespace CiliumLab.Tests.Cmdlets;

public sealed partial class NodeFactViewTests
{
    public static TheoryData<object, string[]> Views() => new()
    {
        { new KernelModule { Node = "k8s-ctr", Name = "ip6_udp_tunnel", State = KernelModuleState.Loaded, Size = 16384, UseCount = 2, UsedBy = ["geneve", "vxlan"] }, ["ip6_udp_tunnel", "16384", "geneve,vxlan"] },
        { new KernelOption { Node = "k8s-ctr", Name = "CONFIG_NET_SCH_INGRESS", State = KernelOptionState.Module, Value = "m" }, ["CONFIG_NET_SCH_INGRESS", "Module"] },
        { new NodeInfo { Node = "k8s-ctr", Hostname = "k8s-ctr", OperatingSystem = "Ubuntu 24.04.2 LTS", KernelVersion = "6.8.0-53-generic", BootTime = DateTimeOffset.FromUnixTimeSeconds(1752980400) }, ["Ubuntu 24.04.2 LTS", "2025-07-20 03:00Z"] },
        { new NodeDns { Node = "k8s-ctr", Interface = "eth0", Servers = [new NodeDnsServer { Address = IPAddress.Parse("10.0.2.3") }], SearchDomains = ["Davolink"], RouteDomains = ["corp.example"] }, ["10.0.2.3", "Davolink ~corp.example"] },
        { new NodeConnection { Node = "k8s-ctr", State = SocketState.Established, LocalAddress = IPAddress.Parse("10.0.2.15"), LocalPort = 22, RemoteAddress = IPAddress.Parse("fd00::1"), RemotePort = 48922, Processes = [new SocketProcess("sshd", 4947, 4)] }, ["10.0.2.15:22", "[fd00::1]:48922", "sshd(4947)"] },
        { new NodeConnection { Node = "k8s-ctr", State = SocketState.Listen, LocalPort = 2222 }, ["*:2222", "*:*"] },
        { new PingResult { Node = "k8s-ctr", Destination = "k8s-w1", Sent = 2, Received = 1, AvgRtt = TimeSpan.FromMicroseconds(421) }, ["k8s-w1", "50", "0.421"] },
        { new NodeConnectivity { From = "k8s-ctr", To = "k8s-w1", Sent = 1, Failure = "no answer" }, ["k8s-w1", "False", "no answer"] },
        { new NodeContainer { Node = "k8s-ctr", Name = "curl", State = NodeContainerState.Running, Pod = "curl-pod", Namespace = "default", ContainerId = "3690a55e4d3fa0b7a8a2" }, ["curl-pod", "Running", "3690a55e4d3fa\n"] },
        { new KubeletFlags { Node = "k8s-ctr", Variable = "KUBELET_KUBEADM_ARGS", Flags = [new KubeletFlag("v", "2")], NodeIp = [IPAddress.Parse("192.168.10.100")] }, ["192.168.10.100", "--v=2"] },
        { new NodeInternalIp { Node = "k8s-ctr", Configured = [IPAddress.Parse("192.168.10.100"), IPAddress.Parse("fd00::1")], Path = "/var/lib/kubelet/kubeadm-flags.env", Changed = true, Before = [IPAddress.Parse("10.0.2.15")] }, ["192.168.10.100,fd00::1", "True", "10.0.2.15", "/var/lib/kubelet/kubeadm-flags.env"] },
        { new LabCluster { Name = "week1", Provider = LabProvider.Simulator, State = LabState.Disconnected, Current = true, Nodes = ["k8s-ctr", "k8s-w1", "k8s-w2"], Path = "/tmp" }, ["Disconnected *"] },
        { new CniArtifact { Node = "k8s-ctr", Owner = CniArtifactOwner.Flannel, Kind = CniArtifactKind.Annotation, Name = "flannel.alpha.coreos.com/backend-data", Detail = "{}" }, ["flannel.alpha.coreos.com/backend-data"] },
        { new CniConfig { Node = "k8s-ctr", Path = "/etc/cni/net.d/10-flannel.conflist", Status = CniConfigStatus.InEffect, Name = "cbr0", Plugins = [new CniPlugin { Type = "flannel", Json = "{}", Installed = true }, new CniPlugin { Type = "portmap", Json = "{}" }] }, ["/etc/cni/net.d/10-flannel.conflist", "InEffect", "flannel portmap(!)"] },
        { new CniBinary { Node = "k8s-ctr", Name = "flannel", Path = "/opt/cni/bin/flannel", Length = 2631044, Executable = true }, ["2631044", "/opt/cni/bin/flannel"] },
    };

    [Theory]
    [MemberData(nameof(Views), DisableDiscoveryEnumeration = true)]
    public void A_table_of_120_columns_shows_what_matters(object record, string[] shown)
    {
        using var prompt = new Prompt();

        var screen = Colour().Replace(prompt.Show("$args[0]", record).Replace("\r", "", StringComparison.Ordinal), "");

        Assert.All(shown, text => Assert.Contains(text, screen, StringComparison.Ordinal));
        Assert.All(screen.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 120));
        Assert.Contains("----", screen, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_view_names_properties_that_its_type_has()
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(Repository.Module)!, "*.format.ps1xml"))
        {
            foreach (var view in XDocument.Load(file).Descendants("View"))
            {
                var name = view.Descendants("TypeName").Single().Value;
                var type = typeof(KernelModule).Assembly.GetType(name);
                Assert.True(type is not null, $"{file}: there is no type {name}");
                var wrong = view.Descendants("PropertyName").Where(property => type.GetProperty(property.Value) is null).Select(property => property.Value);
                Assert.True(!wrong.Any(), $"{file}: {name} has no {string.Join(", ", wrong)}");
            }
        }
    }

    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex Colour();
}
