using System.Text.Json.Nodes;
using CiliumLab.Engine.Cni;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Charts.Cilium;

/// <summary>Computes the agent's and the operator's configuration (ConfigMap cilium-config) from the chart's values.</summary>
internal static class CiliumConfiguration
{
    /// <summary>Computes the data.</summary>
    public static SortedDictionary<string, string> Compute(JsonObject values)
    {
        var data = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var setting in CiliumChartSettings.All)
        {
            if (setting.OnlyWhenOn ? values.IsOn(setting.Value) : values.At(setting.Value) is not null)
                data[setting.Key] = values.Word(setting.Value);
        }

        AddChoices(values, data);
        AddCni(values, data);
        AddAddresses(values, data);
        if (values.IsOn("hubble.enabled"))
            AddHubble(values, data);
        foreach (var (key, value) in values.Object("extraConfig") ?? [])
            data[key] = value.AsDisplay();
        return data;
    }

    private static void AddChoices(JsonObject values, SortedDictionary<string, string> data)
    {
        data["debug-verbose"] = values.Word("debug.verbose");
        data["policy-cidr-match-mode"] = values.Word("policyCIDRMatchMode");
        data["nodeport-addresses"] = values.Word("nodePort.addresses").Replace(' ', ',');
        data["bpf-map-dynamic-size-ratio"] = values.IsOn("bpf.mapDynamicSizeRatio") ? values.Word("bpf.mapDynamicSizeRatio") : "0.0025";
        data["enable-bpf-masquerade"] = values.At("bpf.masquerade") is null ? "false" : values.Word("bpf.masquerade");
        if (values.At("bpf.masquerade") is null)
            data.Remove("enable-bpf-masquerade");
        data["kube-proxy-replacement"] = values.IsOn("kubeProxyReplacement") ? values.Word("kubeProxyReplacement") : "false";
        if (data["kube-proxy-replacement"] == "false")
            data["enable-node-port"] = values.Word("nodePort.enabled");
        data["routing-mode"] = values.IsOn("routingMode") ? values.Word("routingMode") : "tunnel";
        data["tunnel-protocol"] = values.IsOn("tunnelProtocol") ? values.Word("tunnelProtocol") : "vxlan";
        data["enable-policy"] = data["enable-policy"].ToLowerInvariant();
        data["external-envoy-proxy"] = CiliumChart.HasEnvoy(values) ? "true" : "false";
        data["operator-api-serve-addr"] = values.IsOn("ipv4.enabled") ? "127.0.0.1:9234" : "[::1]:9234";
        data["unmanaged-pod-watcher-interval"] = values.IsOn("operator.unmanagedPodWatcher.restart") ? values.Word("operator.unmanagedPodWatcher.intervalSeconds") : "0";
        data["dnsproxy-enable-transparent-mode"] = values.At("dnsProxy.enableTransparentMode") is null ? "true" : values.Word("dnsProxy.enableTransparentMode");
        if (values.IsOn("operator.setNodeTaints") || (values.At("operator.setNodeTaints") is null && values.IsOn("operator.removeNodeTaints")))
            data["set-cilium-node-taints"] = "true";
        if (values.Word("healthPort") != "9879")
            data["agent-health-port"] = values.Word("healthPort");
        if (values.IsOn("operator.prometheus.enabled"))
        {
            data["operator-prometheus-serve-addr"] = ":" + values.Word("operator.prometheus.port");
            data["enable-metrics"] = "true";
        }

        if (values.IsOn("prometheus.enabled"))
        {
            data["prometheus-serve-addr"] = ":" + values.Word("prometheus.port");
            data["controller-group-metrics"] = values.Word("prometheus.controllerGroupMetrics");
        }

        if (values.IsOn("bandwidthManager.enabled"))
            data["enable-bbr"] = values.Word("bandwidthManager.bbr");
        if (!values.IsOn("securityContext.privileged"))
            data["procfs"] = "/host/proc";
        if (values.At("tls.readSecretsOnlyFromSecretsNamespace") is null || values.IsOn("tls.readSecretsOnlyFromSecretsNamespace"))
        {
            data["policy-secrets-only-from-secrets-namespace"] = "true";
            data["policy-secrets-namespace"] = values.Word("tls.secretsNamespace.name");
            if (values.At("tls.secretSync.enabled") is null || values.IsOn("tls.secretSync.enabled"))
                data["enable-policy-secrets-sync"] = "true";
        }

        if (values.IsOn("encryption.enabled"))
            data[values.Word("encryption.type") == "wireguard" ? "enable-wireguard" : "enable-ipsec"] = "true";
    }

    private static void AddCni(JsonObject values, SortedDictionary<string, string> data)
    {
        var chaining = values.At("cni.chainingMode") is not null ? values.Word("cni.chainingMode") : values.At("cni.chainingTarget") is not null ? "generic-veth" : "none";
        if (chaining != "none")
        {
            data["cni-chaining-mode"] = chaining;
            data["install-no-conntrack-iptables-rules"] = "false";
            data.TryAdd("enable-host-legacy-routing", "true");
            if (chaining != "portmap")
                data["enable-local-node-route"] = "false";
        }

        data["enable-endpoint-health-checking"] = values.IsOn("endpointHealthChecking.enabled") && chaining is "none" or "portmap" ? "true" : "false";
        if (values.IsOn("cni.customConf") || !values.IsOn("cni.install"))
            return;
        data["write-cni-conf-when-ready"] = values.Word("cni.hostConfDirMountPath") + "/05-cilium.conflist";
        data["cni-exclusive"] = values.Word("cni.exclusive");
        data["cni-log-file"] = values.Word("cni.logFile");
    }

    private static void AddAddresses(JsonObject values, SortedDictionary<string, string> data)
    {
        data["ipam"] = values.IsOn("ipam.mode") ? values.Word("ipam.mode") : "cluster-pool";
        if (data["ipam"] != "cluster-pool")
            return;
        foreach (var (family, version) in (ReadOnlySpan<(string, string)>)[("ipv4", "IPv4"), ("ipv6", "IPv6")])
        {
            if (!values.IsOn(family + ".enabled"))
                continue;
            data[$"cluster-pool-{family}-cidr"] = values.Word($"ipam.operator.clusterPool{version}PodCIDRList");
            data[$"cluster-pool-{family}-mask-size"] = values.Word($"ipam.operator.clusterPool{version}MaskSize");
        }
    }

    private static void AddHubble(JsonObject values, SortedDictionary<string, string> data)
    {
        data["hubble-socket-path"] = values.Word("hubble.socketPath");
        data["hubble-export-file-max-size-mb"] = values.Word("hubble.export.fileMaxSizeMb");
        data["hubble-export-file-max-backups"] = values.Word("hubble.export.fileMaxBackups");
        if (values.IsOn("hubble.metrics.enabled"))
        {
            data["hubble-metrics-server"] = ":" + values.Word("hubble.metrics.port");
            data["hubble-metrics-server-enable-tls"] = values.Word("hubble.metrics.tls.enabled");
            data["enable-hubble-open-metrics"] = values.Word("hubble.metrics.enableOpenMetrics");
            data["hubble-metrics"] = values.Word("hubble.metrics.enabled");
        }

        if (values.At("hubble.listenAddress") is null)
            return;
        data["hubble-listen-address"] = values.Word("hubble.listenAddress");
        data["hubble-disable-tls"] = values.IsOn("hubble.tls.enabled") ? "false" : "true";
        if (!values.IsOn("hubble.tls.enabled"))
            return;
        data["hubble-tls-cert-file"] = "/var/lib/cilium/tls/hubble/server.crt";
        data["hubble-tls-key-file"] = "/var/lib/cilium/tls/hubble/server.key";
        data["hubble-tls-client-ca-files"] = "/var/lib/cilium/tls/hubble/client-ca.crt";
    }
}
