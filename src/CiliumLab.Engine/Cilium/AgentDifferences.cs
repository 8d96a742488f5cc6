using CiliumLab.Model;

namespace CiliumLab.Engine.Cilium;

/// <summary>In what agents differ that should be alike.</summary>
internal static class AgentDifferences
{
    /// <summary>Compares what agents say of their versions, their datapaths and their options.</summary>
    public static IEnumerable<CiliumDifference> Between(IReadOnlyCollection<AgentReport> reports)
    {
        var settings = reports.Where(report => report.Status is not null).ToDictionary(report => report.Node, report => Settings(report));
        foreach (var name in settings.Values.SelectMany(all => all.Keys).Distinct().Order(StringComparer.Ordinal))
        {
            var values = settings.Where(pair => pair.Value.ContainsKey(name)).ToDictionary(pair => pair.Key, pair => pair.Value[name]);
            if (values.Values.Distinct().Skip(1).Any())
                yield return new CiliumDifference(name, values);
        }
    }

    private static Dictionary<string, string> Settings(AgentReport report)
    {
        var status = report.Status!;
        var found = new Dictionary<string, string>(report.Options);
        void Add(string name, object? value)
        {
            if (value?.ToString() is { Length: > 0 } text)
                found[name] = text;
        }

        Add("Version", status.Version);
        Add("KubeProxyReplacement", status.KubeProxyReplacement);
        Add("Routing", status.Routing == CiliumRoutingMode.Unknown ? null : status.Routing);
        Add("TunnelProtocol", status.TunnelProtocol);
        Add("HostRouting", status.HostRouting);
        Add("AttachMode", status.AttachMode);
        Add("DeviceMode", status.DeviceMode);
        Add("Masquerading", status.Masquerading);
        Add("NativeRoutingCidr", status.NativeRoutingCidr);
        Add("Encryption", status.Encryption);
        Add("HostFirewall", status.HostFirewall);
        Add("BandwidthManager", status.BandwidthManager);
        return found;
    }
}
