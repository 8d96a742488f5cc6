using System.Globalization;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>What the ConfigMap cilium-config says; agent and operator read it when they start.</summary>
/// <param name="Values">The keys.</param>
internal sealed record CiliumConfiguration(IReadOnlyDictionary<string, string> Values)
{
    /// <summary>The ConfigMap's name.</summary>
    public const string Name = "cilium-config";

    /// <summary>Where everything of Cilium is.</summary>
    public const string Namespace = "kube-system";

    /// <summary>Reads the ConfigMap; without one everything has its default.</summary>
    public static CiliumConfiguration Of(ObjectStore store)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in store.Find(ResourceTypes.ConfigMaps, Namespace, Name)?.Json.Object("data") ?? [])
            values[key] = value.AsText() ?? "";
        return new CiliumConfiguration(values);
    }

    public string Text(string key, string otherwise = "") => Values.TryGetValue(key, out var value) && value.Length > 0 ? value : otherwise;

    public bool Flag(string key, bool otherwise = false) => Values.TryGetValue(key, out var value) ? value is "true" or "1" or "t" or "TRUE" or "True" : otherwise;

    public int Number(string key, int otherwise) => int.TryParse(Text(key), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    /// <summary>A duration in Go's form: <c>5m0s</c>; a plain number is seconds.</summary>
    public TimeSpan Duration(string key, TimeSpan otherwise)
    {
        var text = Text(key);
        if (int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var seconds))
            return TimeSpan.FromSeconds(seconds);
        var total = TimeSpan.Zero;
        var start = 0;
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] is not ('h' or 'm' or 's') || !double.TryParse(text.AsSpan(start, index - start), CultureInfo.InvariantCulture, out var number))
                continue;
            if (text[index] == 'm' && index + 1 < text.Length && text[index + 1] == 's')
            {
                total += TimeSpan.FromMilliseconds(number);
                index++;
            }
            else
            {
                total += text[index] switch { 'h' => TimeSpan.FromHours(number), 'm' => TimeSpan.FromMinutes(number), _ => TimeSpan.FromSeconds(number) };
            }

            start = index + 1;
        }

        return total > TimeSpan.Zero ? total : otherwise;
    }

    public string ClusterName => Text("cluster-name", "default");

    public bool IsNative => Text("routing-mode", "tunnel") == "native";

    public string TunnelProtocol => Text("tunnel-protocol", "vxlan");

    public bool HasDirectRoutes => IsNative && Flag("auto-direct-node-routes");

    public bool HasEndpointRoutes => Flag("enable-endpoint-routes");

    public bool ReplacesKubeProxy => Flag("kube-proxy-replacement");

    public bool HasHealthEndpoint => Flag("enable-health-checking", true) && Flag("enable-endpoint-health-checking", true);

    public bool MasqueradesInBpf => Flag("enable-bpf-masquerade");

    public bool MasqueradesIpv4 => Flag("enable-ipv4-masquerade", true);

    /// <summary>The prefixes that nodes' pod networks come from.</summary>
    public IReadOnlyList<IpPrefix> Pools =>
        [.. Text("cluster-pool-ipv4-cidr", "10.0.0.0/8").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Where(text => IpPrefix.TryParse(text, out _)).Select(IpPrefix.Parse)];

    /// <summary>The length of a node's pod network.</summary>
    public int PoolMaskSize => Number("cluster-pool-ipv4-mask-size", 24);

    /// <summary>Where packets go without a tunnel and without masquerading; null when nobody says.</summary>
    public IpPrefix? NativeRoutingCidr => IpPrefix.TryParse(Text("ipv4-native-routing-cidr"), out var prefix) ? prefix : null;
}
