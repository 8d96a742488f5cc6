using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text.Cilium;

/// <summary>What an agent lists: identities, addresses, services, devices.</summary>
public sealed class AgentListTests
{
    [Fact]
    public void Reads_the_identities_of_the_lab()
    {
        var identities = CiliumIdentityText.Parse(Fixture.Open("transcript/166-c0-identity-list.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal([1u, 2, 3, 4, 5, 6, 7, 8, 9, 10, 8254, 13136, 39751], identities.Select(identity => identity.IdentityId));
        Assert.Equal(["reserved:host", "reserved:kube-apiserver"], identities[0].Labels.Texts);
        Assert.Equal(("world-ipv6", "8254"), (identities[9].Identity, identities[10].Identity));
        Assert.Equal("webpod", identities[10].Labels["k8s:app"]);
    }

    [Fact]
    public void Counts_endpoints_of_identities_in_text_and_json()
    {
        var fromText = CiliumIdentityText.Parse(Fixture.Open("cilium/identity-list-endpoints-1.17.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal([(4u, 1), (8254u, 3)], fromText.Select(identity => (identity.IdentityId, identity.EndpointCount!.Value)));
        Assert.Equal(fromText, CiliumIdentityText.Parse(Fixture.Open("cilium/identity-list-endpoints-1.17.json"), null, Unexpected.Warning));
    }

    [Fact]
    public void Reads_the_addresses_of_the_lab_with_and_without_labels()
    {
        var named = CiliumIpListText.Parse(Fixture.Open("transcript/164-c0-ip-list.txt"), null, Unexpected.Warning).ToList();
        var numbered = CiliumIpListText.Parse(Fixture.Open("transcript/165-c0-ip-list-n.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal(16, named.Count);
        Assert.Equal(numbered.Select(entry => entry.Prefix), named.Select(entry => entry.Prefix));
        Assert.All(named.Zip(numbered), pair => Assert.True(pair.First.IdentityId is null || pair.First.IdentityId == pair.Second.IdentityId, $"{pair}"));
        Assert.Equal((1u, "host", 2), (named[1].IdentityId, named[1].Identity, named[1].Labels.Count));
        Assert.Equal((39751u, "custom-resource"), (numbered[2].IdentityId, named[2].Source));
        Assert.Equal("kube-dns", named[2].Labels["k8s:k8s-app"]);
    }

    [Fact]
    public void Reads_hosts_and_keys_of_addresses()
    {
        var verbose = CiliumIpListText.Parse(Fixture.Open("cilium/ip-list-v-1.17.txt"), null, Unexpected.Warning).ToList();
        var json = CiliumIpListText.Parse(Fixture.Open("cilium/ip-list-1.17.json"), null, Unexpected.Warning).ToList();

        Assert.Equal((IPNetwork.Parse("fd02::1a/128"), IPAddress.Parse("192.168.10.101"), (byte)3, 2), (verbose[0].Prefix, verbose[0].HostAddress, verbose[0].EncryptKey, verbose[0].Labels.Count));
        Assert.Equal((7u, "kube-apiserver"), (verbose[1].IdentityId, verbose[1].Identity));
        Assert.Equal((8254u, "default", "webpod-x", IPAddress.Parse("192.168.10.102")), (json[0].IdentityId, json[0].Namespace, json[0].Pod, json[0].HostAddress));
        Assert.Null(json[1].Source);
    }

    [Fact]
    public void Reads_the_services_of_the_lab()
    {
        var services = CiliumServiceText.Parse(Fixture.Open("transcript/169-c0-service-list.txt"), "k8s-ctr", Unexpected.Warning).ToList();

        Assert.Equal(["10.96.0.1:443/TCP", "10.96.33.91:80/TCP", "10.96.239.219:443/TCP", "10.96.0.10:53/UDP", "10.96.0.10:53/TCP", "10.96.0.10:9153/TCP"], services.Select(service => service.Frontend));
        Assert.Equal(((ushort?)2, CiliumServiceType.ClusterIP), (services[1].ServiceId, services[1].Type));
        Assert.Equal("172.20.2.124:80/TCP 172.20.1.88:80/TCP", string.Join(' ', services[1].Backends));
    }

    [Fact]
    public void Reads_every_kind_of_service()
    {
        var services = CiliumServiceText.Parse(Fixture.Open("cilium/service-list-1.18.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal(
            [CiliumServiceType.NodePort, CiliumServiceType.LoadBalancer, CiliumServiceType.LoadBalancer, CiliumServiceType.ClusterIP, CiliumServiceType.ClusterIP, CiliumServiceType.LocalRedirect],
            services.Select(service => service.Type));
        Assert.Equal([CiliumBackendState.Active, CiliumBackendState.Terminating], services[0].Backends.Select(backend => backend.State));
        Assert.Equal((CiliumBackendState.Quarantined, CiliumBackendState.Maintenance), (services[1].Backends[0].State, services[2].Backends[0].State));
        Assert.Equal((false, true), (services[1].IsInternal, services[2].IsInternal));
        Assert.Equal((IPAddress.Parse("fd00::a"), true, null), (services[3].Address, services[3].Backends[0].IsPreferred, services[3].ServiceId));
        Assert.Empty(services[4].Backends);
    }

    [Fact]
    public void Reads_services_without_protocols_and_from_json()
    {
        var old = CiliumServiceText.Parse(Fixture.Open("cilium/service-list-1.14.txt"), null, Unexpected.Warning).ToList();
        var json = Assert.Single(CiliumServiceText.Parse(Fixture.Open("cilium/service-list-1.17.json"), null, Unexpected.Warning));

        Assert.Equal(("10.96.0.1:443", TransportProtocol.Any, "172.18.0.4:6443"), (old[0].Frontend, old[0].Protocol, $"{old[0].Backends[0]}"));
        Assert.Equal((0, CiliumServiceType.HostPort), (old[1].Backends.Count, old[2].Type));
        Assert.Equal(("shop", "web", (ushort?)9, "0.0.0.0:31000/TCP/i"), (json.Namespace, json.Name, json.ServiceId, json.Frontend));
        Assert.Equal((ServiceTrafficPolicy.Local, ServiceTrafficPolicy.Cluster, (ushort?)32000), (json.ExternalTrafficPolicy, json.InternalTrafficPolicy, json.HealthCheckNodePort));
        Assert.Equal(("w1", "z1", 100, true), (json.Backends[0].NodeName, json.Backends[0].Zone, json.Backends[0].Weight, json.Backends[0].IsPreferred));
        Assert.Equal((CiliumBackendState.TerminatingNotServing, TransportProtocol.Tcp), (json.Backends[1].State, json.Backends[1].Protocol));
    }

    [Theory]
    [InlineData("177-c0-shell-db-show-devices.txt", 8, "192.168.10.100")]
    [InlineData("178-c1-shell-db-show-devices.txt", 7, "192.168.10.101")]
    [InlineData("179-c2-shell-db-show-devices.txt", 8, "192.168.10.102")]
    public void Reads_the_devices_of_the_lab(string file, int count, string address)
    {
        var devices = CiliumDeviceText.Parse(Fixture.Open($"transcript/{file}"), null, Unexpected.Warning).ToList();

        Assert.Equal(count, devices.Count);
        Assert.Equal(["eth0", "eth1"], devices.Where(device => device.IsSelected).Select(device => device.Interface));
        Assert.Equal((65536, null, LinkFlags.Up | LinkFlags.Loopback | LinkFlags.Running), (devices[0].Mtu, devices[0].Mac, devices[0].Flags));
        Assert.Contains(IPAddress.Parse(address), devices[2].Addresses);
        Assert.Equal("veth", devices[^1].Type);
    }
}
