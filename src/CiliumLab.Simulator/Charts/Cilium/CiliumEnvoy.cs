using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Charts.Cilium;

/// <summary>Envoy beside the agents: DaemonSet, its bootstrap configuration, and the service of its metrics.</summary>
internal static class CiliumEnvoy
{
    /// <summary>Makes the objects.</summary>
    public static IEnumerable<ChartObject> Render(ChartContext context)
    {
        var values = context.Values;
        var ns = context.Namespace;
        var host = values.IsOn("ipv4.enabled") ? "127.0.0.1" : "::1";
        yield return Configuration(values, ns, host);
        if (values.IsOn("envoy.prometheus.enabled"))
        {
            yield return CiliumChart.Made("cilium-envoy/service.yaml", $$$$$"""
                apiVersion: v1
                kind: Service
                metadata:
                  name: cilium-envoy
                  namespace: {{{{{ns}}}}}
                  annotations: {prometheus.io/scrape: "true", prometheus.io/port: "{{{{{values.Word("envoy.prometheus.port")}}}}}"}
                  labels: {k8s-app: cilium-envoy, app.kubernetes.io/name: cilium-envoy, app.kubernetes.io/part-of: cilium, io.cilium/app: proxy}
                spec:
                  clusterIP: None
                  type: ClusterIP
                  selector: {k8s-app: cilium-envoy}
                  ports:
                  - {name: envoy-metrics, port: {{{{{values.Word("envoy.prometheus.port")}}}}}, protocol: TCP, targetPort: envoy-metrics}
                """);
        }

        var made = CiliumChart.Made("cilium-envoy/daemonset.yaml", $$$$$"""
            apiVersion: apps/v1
            kind: DaemonSet
            metadata:
              name: cilium-envoy
              namespace: {{{{{ns}}}}}
              labels: {k8s-app: cilium-envoy, app.kubernetes.io/part-of: cilium, app.kubernetes.io/name: cilium-envoy, name: cilium-envoy}
            spec:
              selector:
                matchLabels: {k8s-app: cilium-envoy}
              updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 2}}
              template:
                metadata:
                  annotations: {}
                  labels: {k8s-app: cilium-envoy, name: cilium-envoy, app.kubernetes.io/name: cilium-envoy, app.kubernetes.io/part-of: cilium}
                spec:
                  securityContext: {appArmorProfile: {type: Unconfined}}
                  restartPolicy: Always
                  priorityClassName: system-node-critical
                  serviceAccountName: {{{{{values.Word("serviceAccounts.envoy.name")}}}}}
                  automountServiceAccountToken: true
                  terminationGracePeriodSeconds: 1
                  hostNetwork: true
                  affinity:
                    nodeAffinity:
                      requiredDuringSchedulingIgnoredDuringExecution:
                        nodeSelectorTerms:
                        - matchExpressions:
                          - {key: cilium.io/no-schedule, operator: NotIn, values: ["true"]}
                    podAffinity:
                      requiredDuringSchedulingIgnoredDuringExecution:
                      - labelSelector: {matchLabels: {k8s-app: cilium}}
                        topologyKey: kubernetes.io/hostname
                    podAntiAffinity:
                      requiredDuringSchedulingIgnoredDuringExecution:
                      - labelSelector: {matchLabels: {k8s-app: cilium-envoy}}
                        topologyKey: kubernetes.io/hostname
                  nodeSelector: {kubernetes.io/os: linux}
                  tolerations: [{operator: Exists}]
                  containers:
                  - name: cilium-envoy
                    image: {{{{{CiliumChart.Image(values, "envoy.image")}}}}}
                    imagePullPolicy: {{{{{values.Word("envoy.image.pullPolicy")}}}}}
                    command: [/usr/bin/cilium-envoy-starter]
                    args: ["--", "-c /var/run/cilium/envoy/bootstrap-config.json", "--base-id {{{{{values.Word("envoy.baseID")}}}}}", "--log-level info"]
                    startupProbe: {httpGet: {host: "{{{{{host}}}}}", path: /healthz, port: {{{{{values.Word("envoy.healthPort")}}}}}, scheme: HTTP}, failureThreshold: 105, periodSeconds: 2, successThreshold: 1, initialDelaySeconds: 5}
                    livenessProbe: {httpGet: {host: "{{{{{host}}}}}", path: /healthz, port: {{{{{values.Word("envoy.healthPort")}}}}}, scheme: HTTP}, periodSeconds: 30, successThreshold: 1, failureThreshold: 10, timeoutSeconds: 5}
                    readinessProbe: {httpGet: {host: "{{{{{host}}}}}", path: /healthz, port: {{{{{values.Word("envoy.healthPort")}}}}}, scheme: HTTP}, periodSeconds: 30, successThreshold: 1, failureThreshold: 3, timeoutSeconds: 5}
                    env:
                    - {name: K8S_NODE_NAME, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: spec.nodeName}}}
                    - {name: CILIUM_K8S_NAMESPACE, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.namespace}}}
                    ports:
                    - {name: envoy-metrics, containerPort: {{{{{values.Word("envoy.prometheus.port")}}}}}, hostPort: {{{{{values.Word("envoy.prometheus.port")}}}}}, protocol: TCP}
                    securityContext:
                      seLinuxOptions: {level: s0, type: spc_t}
                      capabilities: {add: [NET_ADMIN, SYS_ADMIN], drop: [ALL]}
                    terminationMessagePolicy: FallbackToLogsOnError
                    volumeMounts:
                    - {name: envoy-sockets, mountPath: /var/run/cilium/envoy/sockets, readOnly: false}
                    - {name: envoy-artifacts, mountPath: /var/run/cilium/envoy/artifacts, readOnly: true}
                    - {name: envoy-config, mountPath: /var/run/cilium/envoy/, readOnly: true}
                    - {name: bpf-maps, mountPath: /sys/fs/bpf, mountPropagation: HostToContainer}
                  volumes:
                  - {name: envoy-sockets, hostPath: {path: {{{{{values.Word("daemon.runPath")}}}}}/envoy/sockets, type: DirectoryOrCreate}}
                  - {name: envoy-artifacts, hostPath: {path: {{{{{values.Word("daemon.runPath")}}}}}/envoy/artifacts, type: DirectoryOrCreate}}
                  - {name: envoy-config, configMap: {name: cilium-envoy-config, defaultMode: 256, items: [{key: bootstrap-config.json, path: bootstrap-config.json}]}}
                  - {name: bpf-maps, hostPath: {path: /sys/fs/bpf, type: DirectoryOrCreate}}
            """);
        if (values.IsOn("k8sServiceHost"))
            CiliumChart.AddServer(made.Object.Object("spec", "template", "spec").Objects("containers").First(), values);
        yield return made;
    }

    private static ChartObject Configuration(JsonObject values, string ns, string host)
    {
        var bootstrap = new JsonObject
        {
            ["admin"] = new JsonObject { ["address"] = new JsonObject { ["pipe"] = new JsonObject { ["path"] = "/var/run/cilium/envoy/sockets/admin.sock" } } },
            ["node"] = new JsonObject { ["cluster"] = "ingress-cluster", ["id"] = "host~127.0.0.1~no-id~localdomain" },
            ["staticResources"] = new JsonObject
            {
                ["listeners"] = new JsonArray(
                    Listener("envoy-prometheus-metrics-listener", "0.0.0.0", values.Word("envoy.prometheus.port")),
                    Listener("envoy-health-listener", host, values.Word("envoy.healthPort"))),
            },
        };
        return new ChartObject("cilium/templates/cilium-envoy/configmap.yaml", new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = "cilium-envoy-config", ["namespace"] = ns },
            ["data"] = new JsonObject { ["bootstrap-config.json"] = bootstrap.ToJsonString(JsonFields.Plain) + "\n" },
        });
    }

    private static JsonObject Listener(string name, string address, string port) => new()
    {
        ["name"] = name,
        ["address"] = new JsonObject
        {
            ["socketAddress"] = new JsonObject { ["address"] = address, ["portValue"] = int.Parse(port, System.Globalization.CultureInfo.InvariantCulture) },
        },
    };
}
