using System.Net;

namespace CiliumLab.Simulator.Api;

/// <summary>What the API server was told when it was set up.</summary>
internal sealed record ClusterSettings
{
    /// <summary>The version that the server says it is.</summary>
    public string Version { get; init; } = "v1.33.2";

    /// <summary>Where service addresses come from.</summary>
    public IPNetwork ServiceCidr { get; init; } = IPNetwork.Parse("10.96.0.0/16");

    /// <summary>Addresses for which the server's certificate is good, beside the loopback ones.</summary>
    public IPAddress[] ServerAddresses { get; init; } = [IPAddress.Parse("10.96.0.1"), IPAddress.Parse("192.168.10.100")];

    /// <summary>The first node port.</summary>
    public int NodePortFirst { get; init; } = 30000;

    /// <summary>The last node port.</summary>
    public int NodePortLast { get; init; } = 32767;

    /// <summary>The name of the cluster in kubeconfig files.</summary>
    public string Name { get; init; } = "kubernetes";

    /// <summary>How many changes of one type a watch can go back.</summary>
    public int HistoryLength { get; init; } = 20_000;
}
