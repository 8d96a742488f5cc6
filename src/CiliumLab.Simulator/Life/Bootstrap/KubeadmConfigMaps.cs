using System.Net;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Life;

/// <summary>The ConfigMaps that kubeadm uploads.</summary>
internal static class KubeadmConfigMaps
{
    /// <summary>Those of the cluster itself.</summary>
    public static IEnumerable<JsonObject> All(SimulatedClusterSettings settings, IPAddress address)
    {
        yield return Map("kube-system", "kubeadm-config", ("ClusterConfiguration", $$"""
            apiServer: {}
            apiVersion: kubeadm.k8s.io/v1beta4
            caCertificateValidityPeriod: 87600h0m0s
            certificateValidityPeriod: 8760h0m0s
            certificatesDir: /etc/kubernetes/pki
            clusterName: {{settings.Api.Name}}
            controllerManager: {}
            dns: {}
            encryptionAlgorithm: RSA-2048
            etcd:
              local:
                dataDir: /var/lib/etcd
            imageRepository: registry.k8s.io
            kind: ClusterConfiguration
            kubernetesVersion: {{settings.Api.Version}}
            networking:
              dnsDomain: {{settings.Domain}}
              podSubnet: {{settings.PodCidr}}
              serviceSubnet: {{settings.Api.ServiceCidr}}
            proxy: {}
            scheduler: {}

            """));
        yield return Map("kube-system", "kubelet-config", ("kubelet", $$"""
            apiVersion: kubelet.config.k8s.io/v1beta1
            authentication:
              anonymous:
                enabled: false
              webhook:
                cacheTTL: 0s
                enabled: true
              x509:
                clientCAFile: /etc/kubernetes/pki/ca.crt
            cgroupDriver: systemd
            clusterDNS:
            - {{KubeadmObjects.Host(settings.Api.ServiceCidr, 10)}}
            clusterDomain: {{settings.Domain}}
            kind: KubeletConfiguration
            resolvConf: /run/systemd/resolve/resolv.conf
            rotateCertificates: true
            staticPodPath: {{StaticPods.Folder}}

            """));
        yield return Map("kube-public", "cluster-info", ("kubeconfig", $$"""
            apiVersion: v1
            clusters:
            - cluster:
                server: https://{{address}}:6443
              name: ""
            contexts: null
            current-context: ""
            kind: Config
            preferences: {}
            users: null

            """));
    }

    /// <summary>CoreDNS's Corefile.</summary>
    public static JsonObject CoreDns(SimulatedClusterSettings settings) => Map("kube-system", "coredns", ("Corefile", $$"""
        .:53 {
            errors
            health {
               lameduck 5s
            }
            ready
            kubernetes {{settings.Domain}} in-addr.arpa ip6.arpa {
               pods insecure
               fallthrough in-addr.arpa ip6.arpa
               ttl 30
            }
            prometheus :9153
            forward . /etc/resolv.conf {
               max_concurrent 1000
            }
            cache 30 {
               disable success {{settings.Domain}}
               disable denial {{settings.Domain}}
            }
            loop
            reload
            loadbalance
        }

        """));

    /// <summary>kube-proxy's configuration.</summary>
    public static JsonObject KubeProxy(SimulatedClusterSettings settings, IPAddress address)
    {
        var map = Map("kube-system", "kube-proxy",
            ("config.conf", $$"""
                apiVersion: kubeproxy.config.k8s.io/v1alpha1
                bindAddress: 0.0.0.0
                clientConnection:
                  kubeconfig: /var/lib/kube-proxy/kubeconfig.conf
                clusterCIDR: {{settings.PodCidr}}
                kind: KubeProxyConfiguration
                metricsBindAddress: ""
                mode: ""

                """),
            ("kubeconfig.conf", $$"""
                apiVersion: v1
                kind: Config
                clusters:
                - cluster:
                    certificate-authority: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
                    server: https://{{address}}:6443
                  name: default
                contexts:
                - context:
                    cluster: default
                    namespace: default
                    user: default
                  name: default
                current-context: default
                users:
                - name: default
                  user:
                    tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token

                """));
        map["metadata"]!["labels"] = new JsonObject { ["app"] = "kube-proxy" };
        return map;
    }

    private static JsonObject Map(string ns, string name, params ReadOnlySpan<(string Key, string Text)> data)
    {
        var map = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns }, ["data"] = new JsonObject() };
        foreach (var (key, text) in data)
            map["data"]![key] = text;
        return map;
    }
}
