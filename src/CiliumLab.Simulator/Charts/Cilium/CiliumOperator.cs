using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Charts.Cilium;

/// <summary>The Deployment of the operator.</summary>
internal static class CiliumOperator
{
    /// <summary>Makes the objects.</summary>
    public static IEnumerable<ChartObject> Render(ChartContext context, string checksum)
    {
        var values = context.Values;
        if (!values.IsOn("operator.enabled"))
            yield break;
        var image = CiliumChart.Image(values, "operator.image", "-generic" + values.Word("operator.image.suffix"), "genericDigest");
        var host = values.IsOn("ipv4.enabled") ? "127.0.0.1" : "::1";
        var made = CiliumChart.Made("cilium-operator/deployment.yaml", $$$$$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: cilium-operator
              namespace: {{{{{context.Namespace}}}}}
              labels: {io.cilium/app: operator, name: cilium-operator, app.kubernetes.io/part-of: cilium, app.kubernetes.io/name: cilium-operator}
            spec:
              replicas: {{{{{values.Word("operator.replicas")}}}}}
              selector:
                matchLabels: {io.cilium/app: operator, name: cilium-operator}
              strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: {{{{{(values.Word("operator.replicas") == "1" ? "100%" : "50%")}}}}}}}
              template:
                metadata:
                  annotations: {}
                  labels: {io.cilium/app: operator, name: cilium-operator, app.kubernetes.io/part-of: cilium, app.kubernetes.io/name: cilium-operator}
                spec:
                  hostNetwork: {{{{{values.Word("operator.hostNetwork")}}}}}
                  restartPolicy: Always
                  priorityClassName: system-cluster-critical
                  serviceAccountName: {{{{{values.Word("serviceAccounts.operator.name")}}}}}
                  automountServiceAccountToken: true
                  affinity:
                    podAntiAffinity:
                      requiredDuringSchedulingIgnoredDuringExecution:
                      - labelSelector: {matchLabels: {io.cilium/app: operator}}
                        topologyKey: kubernetes.io/hostname
                  nodeSelector: {kubernetes.io/os: linux}
                  containers:
                  - name: cilium-operator
                    image: {{{{{image}}}}}
                    imagePullPolicy: {{{{{values.Word("operator.image.pullPolicy")}}}}}
                    command: [cilium-operator-generic]
                    args: [--config-dir=/tmp/cilium/config-map, --debug=$(CILIUM_DEBUG)]
                    env:
                    - {name: K8S_NODE_NAME, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: spec.nodeName}}}
                    - {name: CILIUM_K8S_NAMESPACE, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.namespace}}}
                    - {name: CILIUM_DEBUG, valueFrom: {configMapKeyRef: {key: debug, name: cilium-config, optional: true}}}
                    ports:
                    - {name: prometheus, containerPort: {{{{{values.Word("operator.prometheus.port")}}}}}, hostPort: {{{{{values.Word("operator.prometheus.port")}}}}}, protocol: TCP}
                    livenessProbe: {httpGet: {host: "{{{{{host}}}}}", path: /healthz, port: 9234, scheme: HTTP}, initialDelaySeconds: 60, periodSeconds: 10, timeoutSeconds: 3}
                    readinessProbe: {httpGet: {host: "{{{{{host}}}}}", path: /healthz, port: 9234, scheme: HTTP}, initialDelaySeconds: 0, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 5}
                    terminationMessagePolicy: FallbackToLogsOnError
                    volumeMounts:
                    - {name: cilium-config-path, mountPath: /tmp/cilium/config-map, readOnly: true}
                  volumes:
                  - {name: cilium-config-path, configMap: {name: cilium-config}}
            """);
        var pod = made.Object.Object("spec", "template", "spec")!;
        pod["tolerations"] = values.At("operator.tolerations")?.DeepClone();
        var container = pod.Objects("containers").First();
        var annotations = made.Object.Ensure("spec", "template", "metadata", "annotations");
        if (values.IsOn("operator.rollOutPods"))
            annotations["cilium.io/cilium-configmap-checksum"] = checksum;
        if (values.IsOn("operator.prometheus.enabled"))
            (annotations["prometheus.io/port"], annotations["prometheus.io/scrape"]) = (values.Word("operator.prometheus.port"), "true");
        else
            container.Remove("ports");
        if (values.IsOn("k8sServiceHost"))
            CiliumChart.AddServer(container, values);
        yield return made;
    }
}
