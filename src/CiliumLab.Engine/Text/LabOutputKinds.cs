using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Which parser reads which kind of output.</summary>
public static class LabOutputKinds
{
    private static readonly Dictionary<LabOutputKind, LabOutputParser> Parsers = new()
    {
        [LabOutputKind.BridgeShow] = BridgeShowText.Parse,
        [LabOutputKind.CrictlPs] = CrictlPsText.Parse,
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
        [LabOutputKind.VagrantSshConfig] = static (text, _, warn) => VagrantSshConfigText.Parse(text, warn),
        [LabOutputKind.VagrantStatus] = static (text, _, warn) => VagrantStatusText.Parse(text, warn),
    };

    /// <summary>The parser of a kind.</summary>
    public static LabOutputParser Parser(LabOutputKind kind) => Parsers[kind];
}

/// <summary>Reads a tool's output.</summary>
/// <param name="text">The output.</param>
/// <param name="node">The node that it comes from; null when that is not known.</param>
/// <param name="warn">Is told of each line that was not understood.</param>
/// <returns>The records, each as soon as it is known.</returns>
/// <exception cref="LabException"><c>OutputNotUnderstood</c> when the text is something else altogether.</exception>
public delegate IEnumerable<object> LabOutputParser(TextReader text, string? node, Action<TextWarning> warn);
