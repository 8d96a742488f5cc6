using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Charts.Cilium;

/// <summary>Computes the agent's and the operator's configuration (ConfigMap cilium-config) from the chart's values.</summary>
internal static class CiliumConfiguration
{
    // Keys that show a value whenever it has one, an empty string included.
    private static readonly (string Key, string Value)[] Shown =
    [
        ("agent-not-ready-taint-key", "agentNotReadyTaintKey"),
        ("arping-refresh-period", "l2NeighDiscovery.refreshPeriod"),
        ("auto-direct-node-routes", "autoDirectNodeRoutes"),
        ("bpf-distributed-lru", "bpf.distributedLRU.enabled"),
        ("bpf-events-drop-enabled", "bpf.events.drop.enabled"),
        ("bpf-events-policy-verdict-enabled", "bpf.events.policyVerdict.enabled"),
        ("bpf-events-trace-enabled", "bpf.events.trace.enabled"),
        ("bpf-lb-acceleration", "loadBalancer.acceleration"),
        ("bpf-lb-algorithm", "loadBalancer.algorithm"),
        ("bpf-lb-algorithm-annotation", "bpf.lbAlgorithmAnnotation"),
        ("bpf-lb-external-clusterip", "bpf.lbExternalClusterIP"),
        ("bpf-lb-map-max", "bpf.lbMapMax"),
        ("bpf-lb-mode", "loadBalancer.mode"),
        ("bpf-lb-mode-annotation", "bpf.lbModeAnnotation"),
        ("bpf-lb-sock", "socketLB.enabled"),
        ("bpf-lb-sock-hostns-only", "socketLB.hostNamespaceOnly"),
        ("bpf-lb-source-range-all-types", "bpf.lbSourceRangeAllTypes"),
        ("bpf-policy-map-max", "bpf.policyMapMax"),
        ("bpf-root", "bpf.root"),
        ("cgroup-root", "cgroup.hostRoot"),
        ("cilium-endpoint-gc-interval", "operator.endpointGCInterval"),
        ("cluster-id", "cluster.id"),
        ("cluster-name", "cluster.name"),
        ("clustermesh-enable-endpoint-sync", "clustermesh.enableEndpointSliceSynchronization"),
        ("clustermesh-enable-mcs-api", "clustermesh.enableMCSAPISupport"),
        ("custom-cni-conf", "cni.customConf"),
        ("datapath-mode", "bpf.datapathMode"),
        ("debug", "debug.enabled"),
        ("default-lb-service-ipam", "defaultLBServiceIPAM"),
        ("devices", "devices"),
        ("direct-routing-device", "nodePort.directRoutingDevice"),
        ("direct-routing-skip-unreachable", "directRoutingSkipUnreachable"),
        ("dnsproxy-socket-linger-timeout", "dnsProxy.socketLingerTimeout"),
        ("egress-gateway-reconciliation-trigger-interval", "egressGateway.reconciliationTriggerInterval"),
        ("enable-auto-protect-node-port-range", "nodePort.autoProtectPortRange"),
        ("enable-bpf-clock-probe", "bpfClockProbe"),
        ("enable-bpf-tproxy", "bpf.tproxy"),
        ("enable-endpoint-lockdown-on-policy-overflow", "endpointLockdownOnMapOverflow"),
        ("enable-experimental-lb", "loadBalancer.experimental"),
        ("enable-health-check-loadbalancer-ip", "nodePort.enableHealthCheckLoadBalancerIP"),
        ("enable-health-check-nodeport", "nodePort.enableHealthCheck"),
        ("enable-health-checking", "healthChecking"),
        ("enable-host-legacy-routing", "bpf.hostLegacyRouting"),
        ("enable-hubble", "hubble.enabled"),
        ("enable-internal-traffic-policy", "enableInternalTrafficPolicy"),
        ("enable-ipv4", "ipv4.enabled"),
        ("enable-ipv4-big-tcp", "enableIPv4BIGTCP"),
        ("enable-ipv4-masquerade", "enableIPv4Masquerade"),
        ("enable-ipv6", "ipv6.enabled"),
        ("enable-ipv6-big-tcp", "enableIPv6BIGTCP"),
        ("enable-ipv6-masquerade", "enableIPv6Masquerade"),
        ("enable-k8s-networkpolicy", "k8sNetworkPolicy.enabled"),
        ("enable-k8s-terminating-endpoint", "enableK8sTerminatingEndpoint"),
        ("enable-l2-neigh-discovery", "l2NeighDiscovery.enabled"),
        ("enable-l7-proxy", "l7Proxy"),
        ("enable-lb-ipam", "enableLBIPAM"),
        ("enable-local-redirect-policy", "localRedirectPolicy"),
        ("enable-masquerade-to-route-source", "enableMasqueradeRouteSource"),
        ("enable-node-selector-labels", "nodeSelectorLabels"),
        ("enable-non-default-deny-policies", "enableNonDefaultDenyPolicies"),
        ("enable-policy", "policyEnforcementMode"),
        ("enable-sctp", "sctp.enabled"),
        ("enable-source-ip-verification", "daemon.enableSourceIPVerification"),
        ("enable-tcx", "bpf.enableTCX"),
        ("enable-vtep", "vtep.enabled"),
        ("enable-well-known-identities", "wellKnownIdentities.enabled"),
        ("enable-xt-socket-fallback", "enableXTSocketFallback"),
        ("envoy-access-log-buffer-size", "envoy.log.accessLogBufferSize"),
        ("envoy-base-id", "envoy.baseID"),
        ("envoy-keep-cap-netbindservice", "envoy.securityContext.capabilities.keepCapNetBindService"),
        ("http-retry-count", "envoy.httpRetryCount"),
        ("identity-allocation-mode", "identityAllocationMode"),
        ("identity-gc-interval", "operator.identityGCInterval"),
        ("identity-heartbeat-timeout", "operator.identityHeartbeatTimeout"),
        ("install-no-conntrack-iptables-rules", "installNoConntrackIptablesRules"),
        ("iptables-random-fully", "iptablesRandomFully"),
        ("k8s-require-ipv4-pod-cidr", "k8s.requireIPv4PodCIDR"),
        ("k8s-require-ipv6-pod-cidr", "k8s.requireIPv6PodCIDR"),
        ("kube-proxy-replacement-healthz-bind-address", "kubeProxyReplacementHealthzBindAddr"),
        ("max-connected-clusters", "clustermesh.maxConnectedClusters"),
        ("mesh-auth-enabled", "authentication.enabled"),
        ("mesh-auth-gc-interval", "authentication.gcInterval"),
        ("mesh-auth-queue-size", "authentication.queueSize"),
        ("mesh-auth-rotated-identities-queue-size", "authentication.rotatedIdentitiesQueueSize"),
        ("monitor-aggregation", "bpf.monitorAggregation"),
        ("monitor-aggregation-flags", "bpf.monitorFlags"),
        ("monitor-aggregation-interval", "bpf.monitorInterval"),
        ("nat-map-stats-entries", "nat.mapStatsEntries"),
        ("nat-map-stats-interval", "nat.mapStatsInterval"),
        ("node-port-bind-protection", "nodePort.bindProtection"),
        ("node-port-range", "nodePort.range"),
        ("nodes-gc-interval", "operator.nodeGCInterval"),
        ("preallocate-bpf-maps", "bpf.preallocateMaps"),
        ("proxy-connect-timeout", "envoy.connectTimeoutSeconds"),
        ("proxy-idle-timeout-seconds", "envoy.idleTimeoutDurationSeconds"),
        ("proxy-initial-fetch-timeout", "envoy.initialFetchTimeoutSeconds"),
        ("proxy-max-concurrent-retries", "envoy.maxConcurrentRetries"),
        ("proxy-max-connection-duration-seconds", "envoy.maxConnectionDurationSeconds"),
        ("proxy-max-requests-per-connection", "envoy.maxRequestsPerConnection"),
        ("proxy-xff-num-trusted-hops-egress", "envoy.xffNumTrustedHopsL7PolicyEgress"),
        ("proxy-xff-num-trusted-hops-ingress", "envoy.xffNumTrustedHopsL7PolicyIngress"),
        ("synchronize-k8s-nodes", "synchronizeK8sNodes"),
        ("tofqdns-enable-dns-compression", "dnsProxy.enableDnsCompression"),
        ("vtep-cidr", "vtep.cidr"),
        ("vtep-endpoint", "vtep.endpoint"),
        ("vtep-mac", "vtep.mac"),
        ("vtep-mask", "vtep.mask"),
    ];

    // Keys that are there only when the value says something.
    private static readonly (string Key, string Value)[] ShownWhenOn =
    [
        ("api-rate-limit", "apiRateLimit"),
        ("annotate-k8s-node", "annotateK8sNode"),
        ("bpf-auth-map-max", "bpf.authMapMax"),
        ("bpf-ct-global-any-max", "bpf.ctAnyMax"),
        ("bpf-ct-global-tcp-max", "bpf.ctTcpMax"),
        ("bpf-nat-global-max", "bpf.natMax"),
        ("bpf-neigh-global-max", "bpf.neighMax"),
        ("bpf-node-map-max", "bpf.nodeMapMax"),
        ("clean-cilium-bpf-state", "cleanBpfState"),
        ("clean-cilium-state", "cleanState"),
        ("cni-chaining-target", "cni.chainingTarget"),
        ("cni-uninstall", "cni.uninstall"),
        ("conntrack-gc-interval", "conntrackGCInterval"),
        ("conntrack-gc-max-interval", "conntrackGCMaxInterval"),
        ("enable-bandwidth-manager", "bandwidthManager.enabled"),
        ("enable-bgp-control-plane", "bgpControlPlane.enabled"),
        ("enable-endpoint-routes", "endpointRoutes.enabled"),
        ("enable-host-firewall", "hostFirewall.enabled"),
        ("enable-ip-masq-agent", "ipMasqAgent.enabled"),
        ("enable-ipv4-egress-gateway", "egressGateway.enabled"),
        ("enable-l2-announcements", "l2announcements.enabled"),
        ("enable-node-ipam", "nodeIPAM.enabled"),
        ("enable-pmtu-discovery", "pmtuDiscovery.enabled"),
        ("enable-runtime-device-detection", "enableRuntimeDeviceDetection"),
        ("enable-svc-source-range-check", "svcSourceRangeCheck"),
        ("force-device-detection", "forceDeviceDetection"),
        ("health-check-icmp-failure-threshold", "healthCheckICMPFailureThreshold"),
        ("identity-change-grace-period", "identityChangeGracePeriod"),
        ("ipam-cilium-node-update-rate", "ipam.ciliumNodeUpdateRate"),
        ("ipam-multi-pool-pre-allocation", "ipam.multiPoolPreAllocation"),
        ("ipv4-native-routing-cidr", "ipv4NativeRoutingCIDR"),
        ("ipv6-native-routing-cidr", "ipv6NativeRoutingCIDR"),
        ("k8s-client-burst", "k8sClientRateLimit.burst"),
        ("k8s-client-qps", "k8sClientRateLimit.qps"),
        ("k8s-kubeconfig-path", "kubeConfigPath"),
        ("mtu", "MTU"),
        ("pprof", "pprof.enabled"),
        ("remove-cilium-node-taints", "operator.removeNodeTaints"),
        ("service-no-backend-response", "serviceNoBackendResponse"),
        ("set-cilium-is-up-condition", "operator.setNodeNetworkStatus"),
        ("skip-crd-creation", "operator.skipCRDCreation"),
        ("tofqdns-dns-reject-response-code", "dnsProxy.dnsRejectResponseCode"),
        ("tofqdns-endpoint-max-ip-per-hostname", "dnsProxy.endpointMaxIpPerHostname"),
        ("tofqdns-idle-connection-grace-period", "dnsProxy.idleConnectionGracePeriod"),
        ("tofqdns-max-deferred-connection-deletes", "dnsProxy.maxDeferredConnectionDeletes"),
        ("tofqdns-min-ttl", "dnsProxy.minTtl"),
        ("tofqdns-pre-cache", "dnsProxy.preCache"),
        ("tofqdns-proxy-port", "dnsProxy.proxyPort"),
        ("tofqdns-proxy-response-max-delay", "dnsProxy.proxyResponseMaxDelay"),
        ("tunnel-port", "tunnelPort"),
        ("tunnel-source-port-range", "tunnelSourcePortRange"),
    ];

    /// <summary>Computes the data.</summary>
    public static SortedDictionary<string, string> Compute(JsonObject values)
    {
        var data = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in Shown)
        {
            if (values.At(value) is not null)
                data[key] = values.Word(value);
        }

        foreach (var (key, value) in ShownWhenOn)
        {
            if (values.IsOn(value))
                data[key] = values.Word(value);
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
