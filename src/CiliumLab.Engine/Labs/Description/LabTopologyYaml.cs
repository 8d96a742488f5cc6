using System.Globalization;

namespace CiliumLab.Engine.Labs.Description;

/// <summary>The YAML form of a topology: the <c>topology:</c> part of lab.yaml.</summary>
internal static class LabTopologyYaml
{
    /// <summary>The fields that it may have.</summary>
    public static readonly string[] Fields =
    [
        "workerCount", "kubernetesVersion", "containerdVersion", "podCidr", "serviceCidr", "nodeNetwork", "cpu", "memory", "box", "boxVersion",
        "sshPort", "keepNatNodeIp", "seed", "speed", "detached",
    ];

    public static LabTopology Read(YamlFields fields)
    {
        var usual = new LabTopology();
        return new LabTopology
        {
            WorkerCount = (int)(fields.Number("workerCount", 0, 250) ?? usual.WorkerCount),
            KubernetesVersion = fields.Text("kubernetesVersion") ?? usual.KubernetesVersion,
            ContainerdVersion = fields.Text("containerdVersion") ?? usual.ContainerdVersion,
            PodCidr = fields.Network("podCidr") ?? usual.PodCidr,
            ServiceCidr = fields.Network("serviceCidr") ?? usual.ServiceCidr,
            NodeNetwork = fields.Network("nodeNetwork") ?? usual.NodeNetwork,
            Cpu = (int)(fields.Number("cpu", 1, 256) ?? usual.Cpu),
            Memory = (int)(fields.Number("memory", 256, 1024 * 1024) ?? usual.Memory),
            Box = fields.Text("box") ?? usual.Box,
            BoxVersion = fields.Text("boxVersion"),
            SshPort = fields.Port("sshPort") ?? usual.SshPort,
            KeepNatNodeIp = fields.Flag("keepNatNodeIp") ?? usual.KeepNatNodeIp,
            Seed = fields.Number("seed", long.MinValue, long.MaxValue) ?? usual.Seed,
            Speed = (int)(fields.Number("speed", 1, 60) ?? usual.Speed),
            Detached = fields.Flag("detached") ?? usual.Detached,
        };
    }

    public static IEnumerable<(string Field, string? Value)> Write(LabTopology topology) =>
    [
        ("workerCount", Text(topology.WorkerCount)),
        ("kubernetesVersion", topology.KubernetesVersion),
        ("containerdVersion", topology.ContainerdVersion),
        ("podCidr", topology.PodCidr.ToString()),
        ("serviceCidr", topology.ServiceCidr.ToString()),
        ("nodeNetwork", topology.NodeNetwork.ToString()),
        ("cpu", Text(topology.Cpu)),
        ("memory", Text(topology.Memory)),
        ("box", topology.Box),
        ("boxVersion", topology.BoxVersion),
        ("sshPort", Text(topology.SshPort)),
        ("keepNatNodeIp", topology.KeepNatNodeIp ? "true" : "false"),
        ("seed", Text(topology.Seed)),
        ("speed", Text(topology.Speed)),
        ("detached", topology.Detached ? "true" : "false"),
    ];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
