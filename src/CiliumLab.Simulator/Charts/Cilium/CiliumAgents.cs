using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Charts.Cilium;

/// <summary>The DaemonSet of the agents.</summary>
internal static class CiliumAgents
{
    /// <summary>Makes the objects.</summary>
    public static IEnumerable<ChartObject> Render(ChartContext context, string checksum)
    {
        var values = context.Values;
        var image = CiliumChart.Image(values, "image");
        var pull = values.Word("image.pullPolicy");
        var host = values.IsOn("ipv4.enabled") ? "127.0.0.1" : "::1";
        var made = CiliumChart.Made("cilium-agent/daemonset.yaml", $$$$$"""
            apiVersion: apps/v1
            kind: DaemonSet
            metadata:
              name: cilium
              namespace: {{{{{context.Namespace}}}}}
              labels: {k8s-app: cilium, app.kubernetes.io/part-of: cilium, app.kubernetes.io/name: cilium-agent}
            spec:
              selector:
                matchLabels: {k8s-app: cilium}
              updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 2}}
              template:
                metadata:
                  annotations: {}
                  labels: {k8s-app: cilium, app.kubernetes.io/name: cilium-agent, app.kubernetes.io/part-of: cilium}
                spec:
                  securityContext: {appArmorProfile: {type: Unconfined}}
                  restartPolicy: Always
                  priorityClassName: system-node-critical
                  serviceAccountName: {{{{{values.Word("serviceAccounts.cilium.name")}}}}}
                  automountServiceAccountToken: true
                  terminationGracePeriodSeconds: {{{{{values.Word("terminationGracePeriodSeconds")}}}}}
                  hostNetwork: true
                  affinity:
                    podAntiAffinity:
                      requiredDuringSchedulingIgnoredDuringExecution:
                      - labelSelector: {matchLabels: {k8s-app: cilium}}
                        topologyKey: kubernetes.io/hostname
                  nodeSelector: {kubernetes.io/os: linux}
                  containers:
                  - name: cilium-agent
                    image: {{{{{image}}}}}
                    imagePullPolicy: {{{{{pull}}}}}
                    command: [cilium-agent]
                    args: [--config-dir=/tmp/cilium/config-map]
                    startupProbe: {httpGet: {host: "{{{{{host}}}}}", path: /healthz, port: {{{{{values.Word("healthPort")}}}}}, scheme: HTTP, httpHeaders: [{name: brief, value: "true"}]}, failureThreshold: 105, periodSeconds: 2, successThreshold: 1, initialDelaySeconds: 5}
                    livenessProbe: {httpGet: {host: "{{{{{host}}}}}", path: /healthz, port: {{{{{values.Word("healthPort")}}}}}, scheme: HTTP, httpHeaders: [{name: brief, value: "true"}, {name: require-k8s-connectivity, value: "false"}]}, periodSeconds: 30, successThreshold: 1, failureThreshold: 10, timeoutSeconds: 5}
                    readinessProbe: {httpGet: {host: "{{{{{host}}}}}", path: /healthz, port: {{{{{values.Word("healthPort")}}}}}, scheme: HTTP, httpHeaders: [{name: brief, value: "true"}]}, periodSeconds: 30, successThreshold: 1, failureThreshold: 3, timeoutSeconds: 5}
                    env:
                    - {name: K8S_NODE_NAME, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: spec.nodeName}}}
                    - {name: CILIUM_K8S_NAMESPACE, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.namespace}}}
                    - {name: CILIUM_CLUSTERMESH_CONFIG, value: /var/lib/cilium/clustermesh/}
                    - {name: GOMEMLIMIT, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: "1"}}}
                    lifecycle: {preStop: {exec: {command: [/cni-uninstall.sh]}}}
                    securityContext:
                      seLinuxOptions: {level: s0, type: spc_t}
                      capabilities: {add: [CHOWN, KILL, NET_ADMIN, NET_RAW, IPC_LOCK, SYS_MODULE, SYS_ADMIN, SYS_RESOURCE, DAC_OVERRIDE, FOWNER, SETGID, SETUID], drop: [ALL]}
                    terminationMessagePolicy: FallbackToLogsOnError
                    volumeMounts:
                    - {name: envoy-sockets, mountPath: /var/run/cilium/envoy/sockets, readOnly: false}
                    - {name: host-proc-sys-net, mountPath: /host/proc/sys/net}
                    - {name: host-proc-sys-kernel, mountPath: /host/proc/sys/kernel}
                    - {name: bpf-maps, mountPath: /sys/fs/bpf, mountPropagation: HostToContainer}
                    - {name: cilium-run, mountPath: /var/run/cilium}
                    - {name: cilium-netns, mountPath: /var/run/cilium/netns, mountPropagation: HostToContainer}
                    - {name: etc-cni-netd, mountPath: {{{{{values.Word("cni.hostConfDirMountPath")}}}}}}
                    - {name: clustermesh-secrets, mountPath: /var/lib/cilium/clustermesh, readOnly: true}
                    - {name: lib-modules, mountPath: /lib/modules, readOnly: true}
                    - {name: xtables-lock, mountPath: /run/xtables.lock}
                    - {name: hubble-tls, mountPath: /var/lib/cilium/tls/hubble, readOnly: true}
                    - {name: tmp, mountPath: /tmp}
                  initContainers:
                  - {name: config, image: "{{{{{image}}}}}", imagePullPolicy: {{{{{pull}}}}}, command: [cilium-dbg, build-config, "--source="], terminationMessagePolicy: FallbackToLogsOnError, env: [{name: K8S_NODE_NAME, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: spec.nodeName}}}, {name: CILIUM_K8S_NAMESPACE, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.namespace}}}], volumeMounts: [{name: tmp, mountPath: /tmp}]}
                  - {name: mount-cgroup, image: "{{{{{image}}}}}", imagePullPolicy: {{{{{pull}}}}}, command: [sh, -ec, cilium-mount], terminationMessagePolicy: FallbackToLogsOnError, env: [{name: CGROUP_ROOT, value: {{{{{values.Word("cgroup.hostRoot")}}}}}}, {name: BIN_PATH, value: {{{{{values.Word("cni.binPath")}}}}}}], volumeMounts: [{name: hostproc, mountPath: /hostproc}, {name: cni-path, mountPath: /hostbin}]}
                  - {name: apply-sysctl-overwrites, image: "{{{{{image}}}}}", imagePullPolicy: {{{{{pull}}}}}, command: [sh, -ec, cilium-sysctlfix], terminationMessagePolicy: FallbackToLogsOnError, env: [{name: BIN_PATH, value: {{{{{values.Word("cni.binPath")}}}}}}], volumeMounts: [{name: hostproc, mountPath: /hostproc}, {name: cni-path, mountPath: /hostbin}]}
                  - {name: mount-bpf-fs, image: "{{{{{image}}}}}", imagePullPolicy: {{{{{pull}}}}}, command: [/bin/bash, -c, --], args: ["mount-bpf-fs"], terminationMessagePolicy: FallbackToLogsOnError, securityContext: {privileged: true}, volumeMounts: [{name: bpf-maps, mountPath: /sys/fs/bpf, mountPropagation: Bidirectional}]}
                  - {name: clean-cilium-state, image: "{{{{{image}}}}}", imagePullPolicy: {{{{{pull}}}}}, command: [/init-container.sh], terminationMessagePolicy: FallbackToLogsOnError, env: [{name: CILIUM_ALL_STATE, valueFrom: {configMapKeyRef: {name: cilium-config, key: clean-cilium-state, optional: true}}}, {name: CILIUM_BPF_STATE, valueFrom: {configMapKeyRef: {name: cilium-config, key: clean-cilium-bpf-state, optional: true}}}, {name: WRITE_CNI_CONF_WHEN_READY, valueFrom: {configMapKeyRef: {name: cilium-config, key: write-cni-conf-when-ready, optional: true}}}], volumeMounts: [{name: bpf-maps, mountPath: /sys/fs/bpf}, {name: cilium-cgroup, mountPath: {{{{{values.Word("cgroup.hostRoot")}}}}}, mountPropagation: HostToContainer}, {name: cilium-run, mountPath: /var/run/cilium}]}
                  - {name: install-cni-binaries, image: "{{{{{image}}}}}", imagePullPolicy: {{{{{pull}}}}}, command: [/install-plugin.sh], terminationMessagePolicy: FallbackToLogsOnError, resources: {requests: {cpu: 100m, memory: 10Mi}}, volumeMounts: [{name: cni-path, mountPath: /host/opt/cni/bin}]}
                  volumes:
                  - {name: tmp, emptyDir: {}}
                  - {name: cilium-run, hostPath: {path: {{{{{values.Word("daemon.runPath")}}}}}, type: DirectoryOrCreate}}
                  - {name: cilium-netns, hostPath: {path: /var/run/netns, type: DirectoryOrCreate}}
                  - {name: bpf-maps, hostPath: {path: /sys/fs/bpf, type: DirectoryOrCreate}}
                  - {name: hostproc, hostPath: {path: /proc, type: Directory}}
                  - {name: cilium-cgroup, hostPath: {path: {{{{{values.Word("cgroup.hostRoot")}}}}}, type: DirectoryOrCreate}}
                  - {name: cni-path, hostPath: {path: {{{{{values.Word("cni.binPath")}}}}}, type: DirectoryOrCreate}}
                  - {name: etc-cni-netd, hostPath: {path: {{{{{values.Word("cni.confPath")}}}}}, type: DirectoryOrCreate}}
                  - {name: lib-modules, hostPath: {path: /lib/modules}}
                  - {name: xtables-lock, hostPath: {path: /run/xtables.lock, type: FileOrCreate}}
                  - {name: envoy-sockets, hostPath: {path: {{{{{values.Word("daemon.runPath")}}}}}/envoy/sockets, type: DirectoryOrCreate}}
                  - {name: clustermesh-secrets, projected: {defaultMode: 256, sources: [{secret: {name: cilium-clustermesh, optional: true}}]}}
                  - {name: host-proc-sys-net, hostPath: {path: /proc/sys/net, type: Directory}}
                  - {name: host-proc-sys-kernel, hostPath: {path: /proc/sys/kernel, type: Directory}}
                  - {name: hubble-tls, projected: {defaultMode: 256, sources: [{secret: {name: hubble-server-certs, optional: true, items: [{key: tls.crt, path: server.crt}, {key: tls.key, path: server.key}, {key: ca.crt, path: client-ca.crt}]}}]}}
            """);
        Complete(made.Object, values, checksum);
        yield return made;
    }

    private static void Complete(JsonObject set, JsonObject values, string checksum)
    {
        var pod = set.Object("spec", "template", "spec")!;
        pod["tolerations"] = values.At("tolerations")?.DeepClone();
        var annotations = set.Ensure("spec", "template", "metadata", "annotations");
        if (values.IsOn("rollOutCiliumPods"))
            annotations["cilium.io/cilium-configmap-checksum"] = checksum;
        if (values.IsOn("prometheus.enabled"))
            (annotations["prometheus.io/port"], annotations["prometheus.io/scrape"]) = (values.Word("prometheus.port"), "true");
        if (values.IsOn("k8sServiceHost"))
        {
            foreach (var container in pod.Objects("containers").Concat(pod.Objects("initContainers").Where(static one => one.Text("name") is "config" or "clean-cilium-state")))
                CiliumChart.AddServer(container, values);
        }

        if (!values.IsOn("cni.install"))
            Remove(pod, "initContainers", "install-cni-binaries");
        if (!values.IsOn("bpf.autoMount.enabled"))
            Remove(pod, "initContainers", "mount-bpf-fs");
        if (!values.IsOn("cgroup.autoMount.enabled"))
            Remove(pod, "initContainers", "mount-cgroup");
        if (!values.IsOn("sysctlfix.enabled"))
            Remove(pod, "initContainers", "apply-sysctl-overwrites");
        var agent = pod.Objects("containers").First();
        if (!CiliumChart.HasEnvoy(values))
        {
            Remove(pod, "volumes", "envoy-sockets");
            Remove(agent, "volumeMounts", "envoy-sockets");
        }

        if (values.IsOn("hubble.enabled") && values.IsOn("hubble.tls.enabled"))
            return;
        Remove(pod, "volumes", "hubble-tls");
        Remove(agent, "volumeMounts", "hubble-tls");
    }

    private static void Remove(JsonObject owner, string list, string name)
    {
        var items = owner.Array(list)!;
        foreach (var item in items.OfType<JsonObject>().Where(item => item.Text("name") == name).ToArray())
            items.Remove(item);
    }
}
