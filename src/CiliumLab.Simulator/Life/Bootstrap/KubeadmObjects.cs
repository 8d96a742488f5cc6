using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Life;

/// <summary>The objects that kubeadm uploads.</summary>
internal static class KubeadmObjects
{
    /// <summary>What is there before any node is.</summary>
    public static IEnumerable<(ResourceType Type, JsonObject Object)> Basics(SimulatedClusterSettings settings, IPAddress address)
    {
        foreach (var map in KubeadmConfigMaps.All(settings, address))
            yield return (ResourceTypes.ConfigMaps, map);
        foreach (var item in KubeadmRoles.All())
            yield return item;
    }

    /// <summary>kube-proxy and CoreDNS.</summary>
    public static IEnumerable<(ResourceType Type, JsonObject Object)> Addons(SimulatedClusterSettings settings, IPAddress address)
    {
        foreach (var account in (string[])["coredns", "kube-proxy"])
            yield return (ResourceTypes.ServiceAccounts, Json($$"""{"metadata":{"name":"{{account}}","namespace":"kube-system"} }"""));
        yield return (ResourceTypes.ConfigMaps, KubeadmConfigMaps.CoreDns(settings));
        yield return (ResourceTypes.ConfigMaps, KubeadmConfigMaps.KubeProxy(settings, address));
        yield return (ResourceTypes.Services, Json($$"""
            {"metadata":{"name":"kube-dns","namespace":"kube-system","annotations":{"prometheus.io/port":"9153","prometheus.io/scrape":"true"},
              "labels":{"k8s-app":"kube-dns","kubernetes.io/cluster-service":"true","kubernetes.io/name":"CoreDNS"} },
             "spec":{"clusterIP":"{{Host(settings.Api.ServiceCidr, 10)}}","selector":{"k8s-app":"kube-dns"},"ports":[
              {"name":"dns","port":53,"protocol":"UDP","targetPort":53},{"name":"dns-tcp","port":53,"protocol":"TCP","targetPort":53},
              {"name":"metrics","port":9153,"protocol":"TCP","targetPort":9153}]} }
            """));
        yield return (ResourceTypes.Deployments, CoreDns(settings));
        yield return (ResourceTypes.DaemonSets, KubeProxy(settings));
    }

    /// <summary>The address so many behind the first of a network.</summary>
    internal static IPAddress Host(IPNetwork network, int number) => new IpPrefix(network.BaseAddress, network.PrefixLength)[number];

    private static JsonObject CoreDns(SimulatedClusterSettings settings) => Json($$"""
        {"metadata":{"name":"coredns","namespace":"kube-system","labels":{"k8s-app":"kube-dns"} },
         "spec":{"replicas":2,"selector":{"matchLabels":{"k8s-app":"kube-dns"} },"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":1} },
          "template":{"metadata":{"labels":{"k8s-app":"kube-dns"} },"spec":{
           "affinity":{"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":100,"podAffinityTerm":{"topologyKey":"kubernetes.io/hostname",
            "labelSelector":{"matchExpressions":[{"key":"k8s-app","operator":"In","values":["kube-dns"]}]} } }]} },
           "containers":[{"name":"coredns","image":"{{WellKnownImages.OfKubeadm("coredns", settings.Api.Version)}}","imagePullPolicy":"IfNotPresent",
            "args":["-conf","/etc/coredns/Corefile"],
            "resources":{"limits":{"memory":"170Mi"},"requests":{"cpu":"100m","memory":"70Mi"} },
            "ports":[{"containerPort":53,"name":"dns","protocol":"UDP"},{"containerPort":53,"name":"dns-tcp","protocol":"TCP"},{"containerPort":9153,"name":"metrics","protocol":"TCP"}],
            "livenessProbe":{"httpGet":{"path":"/health","port":8080,"scheme":"HTTP"},"initialDelaySeconds":60,"timeoutSeconds":5,"successThreshold":1,"failureThreshold":5},
            "readinessProbe":{"httpGet":{"path":"/ready","port":8181,"scheme":"HTTP"} },
            "securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"add":["NET_BIND_SERVICE"],"drop":["ALL"]},"readOnlyRootFilesystem":true},
            "volumeMounts":[{"name":"config-volume","mountPath":"/etc/coredns","readOnly":true}]}],
           "dnsPolicy":"Default","nodeSelector":{"kubernetes.io/os":"linux"},"priorityClassName":"system-cluster-critical","serviceAccountName":"coredns",
           "tolerations":[{"key":"CriticalAddonsOnly","operator":"Exists"},{"key":"node-role.kubernetes.io/control-plane","effect":"NoSchedule"}],
           "volumes":[{"name":"config-volume","configMap":{"name":"coredns","items":[{"key":"Corefile","path":"Corefile"}]} }]} } } }
        """);

    private static JsonObject KubeProxy(SimulatedClusterSettings settings) => Json($$"""
        {"metadata":{"name":"kube-proxy","namespace":"kube-system","labels":{"k8s-app":"kube-proxy"} },
         "spec":{"selector":{"matchLabels":{"k8s-app":"kube-proxy"} },"updateStrategy":{"type":"RollingUpdate"},
          "template":{"metadata":{"labels":{"k8s-app":"kube-proxy"} },"spec":{
           "containers":[{"name":"kube-proxy","image":"{{WellKnownImages.OfKubeadm("kube-proxy", settings.Api.Version)}}","imagePullPolicy":"IfNotPresent",
            "command":["/usr/local/bin/kube-proxy","--config=/var/lib/kube-proxy/config.conf","--hostname-override=$(NODE_NAME)"],
            "env":[{"name":"NODE_NAME","valueFrom":{"fieldRef":{"fieldPath":"spec.nodeName"} } }],
            "securityContext":{"privileged":true},
            "volumeMounts":[{"mountPath":"/var/lib/kube-proxy","name":"kube-proxy"},{"mountPath":"/run/xtables.lock","name":"xtables-lock"},{"mountPath":"/lib/modules","name":"lib-modules","readOnly":true}]}],
           "hostNetwork":true,"nodeSelector":{"kubernetes.io/os":"linux"},"priorityClassName":"system-node-critical","serviceAccountName":"kube-proxy",
           "tolerations":[{"operator":"Exists"}],
           "volumes":[{"name":"kube-proxy","configMap":{"name":"kube-proxy"} },{"name":"xtables-lock","hostPath":{"path":"/run/xtables.lock","type":"FileOrCreate"} },
            {"name":"lib-modules","hostPath":{"path":"/lib/modules"} }]} } } }
        """);

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();
}
