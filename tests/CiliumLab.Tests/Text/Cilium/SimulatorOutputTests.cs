using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.Tests.Simulator.Cilium;

namespace CiliumLab.Tests.Text.Cilium;

/// <summary>Text and JSON of one state of the simulated lab are the same records, as far as both carry the data.</summary>
public sealed class SimulatorOutputTests
{
    [Fact]
    public async Task Text_and_json_of_the_same_lab_are_the_same_records()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();

        async Task Same(LabOutputKind kind, string command, string json, params string[] onlyInOne)
        {
            var text = LabOutputKinds.Parser(kind)(new StringReader(await lab.OutputAsync(1, command)), "k8s-w1", Unexpected.Warning).ToList();
            var raw = LabOutputKinds.Parser(kind)(new StringReader(await lab.OutputAsync(1, $"{command} {json}")), "k8s-w1", Unexpected.Warning).ToList();
            Assert.NotEmpty(text);
            Assert.Equal(Printed(text), Printed(raw));

            // The agent's own node comes first in text only.
            string Printed(IEnumerable<object> records) => string.Join('\n', records.Select(record => Records.Print([record], onlyInOne)).Order(StringComparer.Ordinal));
        }

        await Same(LabOutputKind.BpfConntrack, "cilium bpf ct list global", "-o json");
        await Same(LabOutputKind.BpfNat, "cilium bpf nat list", "-o json", nameof(NatEntry.Age), nameof(NatEntry.CreatedTick));
        await Same(LabOutputKind.BpfPolicy, "cilium bpf policy get --all -n", "-o json", nameof(BpfPolicyEntry.Cookie));
        await Same(LabOutputKind.BpfIpCache, "cilium bpf ipcache list", "-o json");
        await Same(LabOutputKind.BpfLoadBalancer, "cilium bpf lb list", "-o json");
        await Same(LabOutputKind.BpfLoadBalancer, "cilium bpf lb list --frontends", "-o json");
        await Same(LabOutputKind.BpfLoadBalancer, "cilium bpf lb list --backends", "-o json");
        await Same(LabOutputKind.BpfLoadBalancer, "cilium bpf lb list --revnat", "-o json");
        await Same(LabOutputKind.BpfFilesystem, "cilium bpf fs show", "-o json");
        await Same(LabOutputKind.BpftoolNet, "bpftool net show", "-j");
        await Same(LabOutputKind.BpftoolProgram, "bpftool prog show", "-j");
        await Same(LabOutputKind.BpftoolMap, "bpftool map show", "-j");
        await Same(LabOutputKind.CiliumIdentityList, "cilium identity list", "-o json");
        await Same(LabOutputKind.CiliumIdentityList, "cilium identity list --endpoints", "-o json");
        await Same(LabOutputKind.CiliumIpList, "cilium ip list -n", "-o json", nameof(CiliumIpCacheEntry.HostAddress), nameof(CiliumIpCacheEntry.EncryptKey), nameof(CiliumIpCacheEntry.Namespace), nameof(CiliumIpCacheEntry.Pod));
        await Same(
            LabOutputKind.CiliumServiceList, "cilium service list", "-o json", nameof(CiliumService.Namespace), nameof(CiliumService.Name), nameof(CiliumService.ExternalTrafficPolicy),
            nameof(CiliumService.InternalTrafficPolicy), nameof(CiliumServiceBackend.NodeName), nameof(CiliumServiceBackend.Weight));
        await Same(LabOutputKind.CiliumMapEvents, "cilium map events cilium_lb4_services_v2", "-o json", nameof(BpfMapEvent.Time));
        await Same(LabOutputKind.CiliumMapGet, "cilium map get cilium_ipcache", "-o json", nameof(BpfMapEntry.MapName));
        await Same(LabOutputKind.CiliumMapGet, "cilium map get cilium_lb4_services_v2", "-o json", nameof(BpfMapEntry.MapName));
        await Same(LabOutputKind.CiliumDevices, "cilium shell -- db/show devices", "--format json", nameof(CiliumDevice.NotSelectedReason), nameof(CiliumDevice.MasterIndex));
        await Same(LabOutputKind.CiliumHealth, "cilium-health status", "-o json");
        await Same(
            LabOutputKind.CiliumEndpointList, "cilium endpoint list", "-o json", nameof(CiliumEndpoint.Namespace), nameof(CiliumEndpoint.Pod), nameof(CiliumEndpoint.Interface), nameof(CiliumEndpoint.InterfaceIndex),
            nameof(CiliumEndpoint.Mac), nameof(CiliumEndpoint.NodeMac), nameof(CiliumEndpoint.ContainerId), nameof(CiliumEndpoint.Health), nameof(CiliumEndpoint.PolicyRevision));
        await Same(
            LabOutputKind.CiliumStatus, "cilium-dbg status --verbose", "-o json", nameof(CiliumAgentStatus.Settings), nameof(CiliumAgentStatus.ReachableNodes), nameof(CiliumAgentStatus.ProbedNodes),
            nameof(CiliumAgentStatus.StoppedModules), nameof(CiliumAgentStatus.DegradedModules), nameof(CiliumAgentStatus.HealthyModules), nameof(CiliumAgentStatus.Proxy), nameof(CiliumComponentStatus.Message));
    }
}
