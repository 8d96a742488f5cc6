using System.Text;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Charts;

/// <summary>The chart <c>flannel/flannel</c>.</summary>
internal sealed class FlannelChart : Chart
{
    private static readonly string CniConfiguration = """
        {
          "name": "cbr0",
          "cniVersion": "0.3.1",
          "plugins": [
            {
              "type": "flannel",
              "delegate": {
                "hairpinMode": true,
                "isDefaultGateway": true
              }
            },
            {
              "type": "portmap",
              "capabilities": {
                "portMappings": true
              }
            }
          ]
        }

        """.ReplaceLineEndings("\n");

    private static readonly ValueTable Table = ValueTable.Read(
    [
        "global.imagePullSecrets array,null null",
        "podCidr string \"10.244.0.0/16\"",
        "podCidrv6 string \"\"",
        "flannel.image.repository string \"ghcr.io/flannel-io/flannel\"",
        "flannel.image.tag string \"v0.27.1\"",
        "flannel.image_cni.repository string \"ghcr.io/flannel-io/flannel-cni-plugin\"",
        "flannel.image_cni.tag string \"v1.7.1-flannel1\"",
        "flannel.cniBinDir string \"/opt/cni/bin\"",
        "flannel.cniConfDir string \"/etc/cni/net.d\"",
        "flannel.skipCNIConfigInstallation boolean false",
        "flannel.enableNFTables boolean false",
        "flannel.args array [\"--ip-masq\",\"--kube-subnet-mgr\"]",
        "flannel.backend string \"vxlan\"",
        "flannel.backendPort * -",
        "flannel.mtu * -",
        "flannel.vni * -",
        "flannel.directRouting * -",
        "flannel.resources.requests.cpu * \"100m\"",
        "flannel.resources.requests.memory * \"50Mi\"",
        "flannel.tolerations array [{\"effect\":\"NoExecute\",\"operator\":\"Exists\"},{\"effect\":\"NoSchedule\",\"operator\":\"Exists\"}]",
        "flannel.nodeSelector object {}",
        "netpol.enabled boolean false",
        "netpol.args array [\"--hostname-override=$(MY_NODE_NAME)\",\"--v=2\"]",
        "netpol.image.repository string \"registry.k8s.io/networking/kube-network-policies\"",
        "netpol.image.tag string \"v0.7.0\"",
        "flannel.cniConf string " + JsonValue.Create(CniConfiguration).ToJsonString(JsonFields.Plain),
    ]);

    /// <inheritdoc/>
    public override string Name => "flannel";

    /// <inheritdoc/>
    public override string Version => "v0.27.1";

    /// <inheritdoc/>
    public override string AppVersion => "v0.27.1";

    /// <inheritdoc/>
    public override string Description => "Install Flannel Network Plugin.";

    /// <inheritdoc/>
    public override ValueTable Defaults => Table;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Sources => ["https://github.com/flannel-io/flannel"];

    /// <inheritdoc/>
    public override IEnumerable<ChartObject> Render(ChartContext context)
    {
        var ns = context.Namespace;
        yield return Made("serviceaccount.yaml", $"apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: flannel\n  namespace: {ns}\n");
        yield return Configuration(context);
        yield return Made("rbac.yaml", """
            kind: ClusterRole
            apiVersion: rbac.authorization.k8s.io/v1
            metadata:
              name: flannel
            rules:
            - apiGroups: [""]
              resources: [pods, nodes, namespaces]
              verbs: [get, list, watch]
            - apiGroups: [""]
              resources: [nodes/status]
              verbs: [patch]
            """);
        yield return Made("rbac.yaml", $$$$$"""
            kind: ClusterRoleBinding
            apiVersion: rbac.authorization.k8s.io/v1
            metadata:
              name: flannel
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: flannel}
            subjects:
            - {kind: ServiceAccount, name: flannel, namespace: {{{{{ns}}}}}}
            """);
        yield return DaemonSet(context);
    }

    private static ChartObject Made(string template, string yaml) => new("flannel/templates/" + template, (JsonObject)YamlText.Read(yaml)!);

    private static ChartObject Configuration(ChartContext context)
    {
        var values = context.Values;
        var lines = new List<string>();
        if (values.IsOn("podCidr"))
            lines.Add($"  \"Network\": \"{values.Word("podCidr")}\",");
        else
            lines.Add("  \"EnableIPv4\": false,");
        if (values.IsOn("podCidrv6"))
            lines.AddRange([$"  \"IPv6Network\": \"{values.Word("podCidrv6")}\",", "  \"EnableIPv6\": true,"]);
        lines.Add("  \"Backend\": {");
        if (values.Word("flannel.backend") == "vxlan")
        {
            foreach (var (name, value) in (ReadOnlySpan<(string, string)>)[("Port", "backendPort"), ("VNI", "vni"), ("DirectRouting", "directRouting"), ("MTU", "mtu")])
            {
                if (values.IsOn("flannel." + value))
                    lines.Add($"    \"{name}\": {values.Word("flannel." + value)},");
            }
        }

        lines.AddRange([$"    \"Type\": \"{values.Word("flannel.backend")}\"", "  }"]);
        var text = new StringBuilder("{\n").AppendJoin('\n', lines).Append("\n}\n").ToString();
        return new ChartObject("flannel/templates/config.yaml", new JsonObject
        {
            ["kind"] = "ConfigMap",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = "kube-flannel-cfg",
                ["namespace"] = context.Namespace,
                ["labels"] = new JsonObject { ["tier"] = "node", ["app"] = "flannel" },
            },
            ["data"] = new JsonObject { ["cni-conf.json"] = values.Word("flannel.cniConf"), ["net-conf.json"] = text },
        });
    }

    private static ChartObject DaemonSet(ChartContext context)
    {
        var values = context.Values;
        var image = $"{values.Word("flannel.image.repository")}:{values.Word("flannel.image.tag")}";
        var made = Made("daemonset.yaml", $$$$$"""
            apiVersion: apps/v1
            kind: DaemonSet
            metadata:
              name: kube-flannel-ds
              namespace: {{{{{context.Namespace}}}}}
              labels: {tier: node, app: flannel}
            spec:
              selector:
                matchLabels: {app: flannel}
              template:
                metadata:
                  labels: {tier: node, app: flannel}
                spec:
                  affinity:
                    nodeAffinity:
                      requiredDuringSchedulingIgnoredDuringExecution:
                        nodeSelectorTerms:
                        - matchExpressions:
                          - {key: kubernetes.io/os, operator: In, values: [linux]}
                  hostNetwork: true
                  priorityClassName: system-node-critical
                  serviceAccountName: flannel
                  initContainers:
                  - name: install-cni-plugin
                    image: {{{{{values.Word("flannel.image_cni.repository")}}}}}:{{{{{values.Word("flannel.image_cni.tag")}}}}}
                    command: [cp]
                    args: ["-f", /flannel, /opt/cni/bin/flannel]
                    volumeMounts:
                    - {name: cni-plugin, mountPath: /opt/cni/bin}
                  - name: install-cni
                    image: {{{{{image}}}}}
                    command: [cp]
                    args: ["-f", /etc/kube-flannel/cni-conf.json, /etc/cni/net.d/10-flannel.conflist]
                    volumeMounts:
                    - {name: cni, mountPath: /etc/cni/net.d}
                    - {name: flannel-cfg, mountPath: /etc/kube-flannel/}
                  containers:
                  - name: kube-flannel
                    image: {{{{{image}}}}}
                    command: [/opt/bin/flanneld]
                    securityContext:
                      privileged: false
                      capabilities: {add: [NET_ADMIN, NET_RAW]}
                    env:
                    - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                    - {name: POD_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
                    - {name: EVENT_QUEUE_DEPTH, value: "5000"}
                    - {name: CONT_WHEN_CACHE_NOT_READY, value: "false"}
                    volumeMounts:
                    - {name: run, mountPath: /run/flannel}
                    - {name: flannel-cfg, mountPath: /etc/kube-flannel/}
                    - {name: xtables-lock, mountPath: /run/xtables.lock}
                  volumes:
                  - {name: run, hostPath: {path: /run/flannel}}
                  - {name: cni-plugin, hostPath: {path: {{{{{values.Word("flannel.cniBinDir")}}}}}}}
                  - {name: cni, hostPath: {path: {{{{{values.Word("flannel.cniConfDir")}}}}}}}
                  - {name: flannel-cfg, configMap: {name: kube-flannel-cfg}}
                  - {name: xtables-lock, hostPath: {path: /run/xtables.lock, type: FileOrCreate}}
            """);
        var pod = made.Object.Object("spec", "template", "spec")!;
        if (values.IsOn("flannel.tolerations"))
            pod["tolerations"] = values.At("flannel.tolerations")!.DeepClone();
        if (values.IsOn("flannel.nodeSelector"))
            pod["nodeSelector"] = values.At("flannel.nodeSelector")!.DeepClone();
        if (values.IsOn("flannel.skipCNIConfigInstallation"))
            pod.Array("initContainers")!.RemoveAt(1);
        var daemon = pod.Objects("containers").First();
        foreach (var argument in values.Object("flannel").Texts("args"))
            daemon.EnsureArray("command").Add((JsonNode)argument);
        if (values.IsOn("flannel.resources"))
            daemon["resources"] = values.At("flannel.resources")!.DeepClone();
        return made;
    }
}
