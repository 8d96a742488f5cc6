using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Which parser reads which kind of output.</summary>
public static class LabOutputKinds
{
    private static readonly Dictionary<LabOutputKind, LabOutputParser> Parsers = new()
    {
        [LabOutputKind.BpfConntrack] = ConntrackText.Parse,
        [LabOutputKind.BpfFilesystem] = BpfFilesystemText.Parse,
        [LabOutputKind.BpfIpCache] = IpCacheText.Parse,
        [LabOutputKind.BpfLoadBalancer] = LoadBalancerText.Parse,
        [LabOutputKind.BpfNat] = NatText.Parse,
        [LabOutputKind.BpfPolicy] = PolicyText.Parse,
        [LabOutputKind.BpftoolMap] = BpftoolMapText.Parse,
        [LabOutputKind.BpftoolNet] = BpftoolNetText.Parse,
        [LabOutputKind.BpftoolProgram] = BpftoolProgramText.Parse,
        [LabOutputKind.BridgeShow] = BridgeShowText.Parse,
        [LabOutputKind.CiliumDevices] = CiliumDeviceText.Parse,
        [LabOutputKind.CiliumEndpointList] = CiliumEndpointText.Parse,
        [LabOutputKind.CiliumHealth] = CiliumHealthText.Parse,
        [LabOutputKind.CiliumIdentityList] = CiliumIdentityText.Parse,
        [LabOutputKind.CiliumIpList] = CiliumIpListText.Parse,
        [LabOutputKind.CiliumMapEvents] = MapEventText.Parse,
        [LabOutputKind.CiliumMapGet] = MapGetText.Parse,
        [LabOutputKind.CiliumMapList] = MapListText.Parse,
        [LabOutputKind.CiliumMonitor] = MonitorText.Parse,
        [LabOutputKind.CiliumServiceList] = CiliumServiceText.Parse,
        [LabOutputKind.CiliumStatus] = CiliumStatusText.Parse,
        [LabOutputKind.CrictlPs] = CrictlPsText.Parse,
        [LabOutputKind.HelmList] = HelmText.ParseList,
        [LabOutputKind.HelmStatus] = HelmText.ParseStatus,
        [LabOutputKind.Hostnamectl] = HostnamectlText.Parse,
        [LabOutputKind.HostsFile] = HostsFileText.Parse,
        [LabOutputKind.IpAddress] = IpAddressText.Parse,
        [LabOutputKind.IpLink] = IpLinkText.Parse,
        [LabOutputKind.IpNeighbor] = IpNeighborText.Parse,
        [LabOutputKind.IpRoute] = IpRouteText.Parse,
        [LabOutputKind.IptablesSave] = IptablesText.Parse,
        [LabOutputKind.KernelConfig] = KernelConfigText.Parse,
        [LabOutputKind.KubeadmFlags] = KubeadmFlagsText.Parse,
        [LabOutputKind.Lsmod] = LsmodText.Parse,
        [LabOutputKind.Ping] = PingText.Parse,
        [LabOutputKind.Resolvectl] = ResolvectlText.Parse,
        [LabOutputKind.SocketStatistics] = SocketStatisticsText.Parse,
        [LabOutputKind.Strace] = StraceText.Parse,
        [LabOutputKind.StraceSummary] = StraceSummaryText.Parse,
        [LabOutputKind.Tcpdump] = TcpdumpText.Parse,
        [LabOutputKind.VagrantSshConfig] = static (text, _, warn) => VagrantSshConfigText.Parse(text, warn),
        [LabOutputKind.VagrantStatus] = static (text, _, warn) => VagrantStatusText.Parse(text, warn),
    };

    /// <summary>The parser of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="mapName">The map that the output is of, for outputs that do not tell; null when it is not known, or the output is of no map.</param>
    public static LabOutputParser Parser(LabOutputKind kind, string? mapName = null) => kind switch
    {
        LabOutputKind.CiliumMapGet when mapName is not null => (text, node, warn) => MapGetText.Parse(text, node, warn, mapName),
        LabOutputKind.CiliumMapEvents when mapName is not null => (text, node, warn) => MapEventText.Parse(text, node, warn, mapName),
        _ => Parsers[kind],
    };
}

/// <summary>Reads a tool's output.</summary>
/// <param name="text">The output.</param>
/// <param name="node">The node that it comes from; null when that is not known.</param>
/// <param name="warn">Is told of each line that was not understood.</param>
/// <returns>The records, each as soon as it is known.</returns>
/// <exception cref="LabException"><c>OutputNotUnderstood</c> when the text is something else altogether.</exception>
public delegate IEnumerable<object> LabOutputParser(TextReader text, string? node, Action<TextWarning> warn);
