using System.Net;

namespace CiliumLab.Simulator.Life;

/// <summary>The static pods' manifests that kubeadm writes on the control plane.</summary>
internal static class KubeadmManifests
{
    /// <summary>The files by name.</summary>
    public static IEnumerable<(string File, string Text)> All(SimulatedClusterSettings settings, IPAddress address)
    {
        var version = settings.Api.Version;
        yield return ("etcd.yaml", Etcd(version, address));
        yield return ("kube-apiserver.yaml", ApiServer(settings, address));
        yield return ("kube-controller-manager.yaml", Component("kube-controller-manager", version, 10257, "200m",
            ["kube-controller-manager", "--allocate-node-cidrs=true", "--authentication-kubeconfig=/etc/kubernetes/controller-manager.conf",
             "--authorization-kubeconfig=/etc/kubernetes/controller-manager.conf", "--bind-address=127.0.0.1", "--client-ca-file=/etc/kubernetes/pki/ca.crt",
             $"--cluster-cidr={settings.PodCidr}", "--cluster-name=kubernetes", "--cluster-signing-cert-file=/etc/kubernetes/pki/ca.crt",
             "--cluster-signing-key-file=/etc/kubernetes/pki/ca.key", "--controllers=*,bootstrapsigner,tokencleaner",
             "--kubeconfig=/etc/kubernetes/controller-manager.conf", "--leader-elect=true", "--requestheader-client-ca-file=/etc/kubernetes/pki/front-proxy-ca.crt",
             "--root-ca-file=/etc/kubernetes/pki/ca.crt", "--service-account-private-key-file=/etc/kubernetes/pki/sa.key",
             $"--service-cluster-ip-range={settings.Api.ServiceCidr}", "--use-service-account-credentials=true"],
            [("k8s-certs", "/etc/kubernetes/pki", "DirectoryOrCreate"), ("kubeconfig", "/etc/kubernetes/controller-manager.conf", "FileOrCreate")]));
        yield return ("kube-scheduler.yaml", Component("kube-scheduler", version, 10259, "100m",
            ["kube-scheduler", "--authentication-kubeconfig=/etc/kubernetes/scheduler.conf", "--authorization-kubeconfig=/etc/kubernetes/scheduler.conf",
             "--bind-address=127.0.0.1", "--kubeconfig=/etc/kubernetes/scheduler.conf", "--leader-elect=true"],
            [("kubeconfig", "/etc/kubernetes/scheduler.conf", "FileOrCreate")]));
    }

    private static string ApiServer(SimulatedClusterSettings settings, IPAddress address) => Component("kube-apiserver", settings.Api.Version, 6443, "250m",
        ["kube-apiserver", $"--advertise-address={address}", "--allow-privileged=true", "--authorization-mode=Node,RBAC",
         "--client-ca-file=/etc/kubernetes/pki/ca.crt", "--enable-admission-plugins=NodeRestriction", "--enable-bootstrap-token-auth=true",
         "--etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt", "--etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt",
         "--etcd-keyfile=/etc/kubernetes/pki/apiserver-etcd-client.key", "--etcd-servers=https://127.0.0.1:2379",
         "--kubelet-client-certificate=/etc/kubernetes/pki/apiserver-kubelet-client.crt", "--kubelet-client-key=/etc/kubernetes/pki/apiserver-kubelet-client.key",
         "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname", "--proxy-client-cert-file=/etc/kubernetes/pki/front-proxy-client.crt",
         "--proxy-client-key-file=/etc/kubernetes/pki/front-proxy-client.key", "--requestheader-allowed-names=front-proxy-client",
         "--requestheader-client-ca-file=/etc/kubernetes/pki/front-proxy-ca.crt", "--requestheader-extra-headers-prefix=X-Remote-Extra-",
         "--requestheader-group-headers=X-Remote-Group", "--requestheader-username-headers=X-Remote-User", "--secure-port=6443",
         $"--service-account-issuer=https://kubernetes.default.svc.{settings.Domain}", "--service-account-key-file=/etc/kubernetes/pki/sa.pub",
         "--service-account-signing-key-file=/etc/kubernetes/pki/sa.key", $"--service-cluster-ip-range={settings.Api.ServiceCidr}",
         "--tls-cert-file=/etc/kubernetes/pki/apiserver.crt", "--tls-private-key-file=/etc/kubernetes/pki/apiserver.key"],
        [("k8s-certs", "/etc/kubernetes/pki", "DirectoryOrCreate")],
        annotation: $"kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: {address}:6443", host: address.ToString());

    private static string Etcd(string version, IPAddress address) => Component("etcd", version, 2381, "100m",
        ["etcd", $"--advertise-client-urls=https://{address}:2379", "--cert-file=/etc/kubernetes/pki/etcd/server.crt", "--client-cert-auth=true",
         "--data-dir=/var/lib/etcd", "--experimental-initial-corrupt-check=true", "--experimental-watch-progress-notify-interval=5s",
         $"--initial-advertise-peer-urls=https://{address}:2380", $"--initial-cluster=k8s-ctr=https://{address}:2380",
         "--key-file=/etc/kubernetes/pki/etcd/server.key", $"--listen-client-urls=https://127.0.0.1:2379,https://{address}:2379",
         "--listen-metrics-urls=http://127.0.0.1:2381", $"--listen-peer-urls=https://{address}:2380", "--name=k8s-ctr",
         "--peer-cert-file=/etc/kubernetes/pki/etcd/peer.crt", "--peer-client-cert-auth=true", "--peer-key-file=/etc/kubernetes/pki/etcd/peer.key",
         "--peer-trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt", "--snapshot-count=10000", "--trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt"],
        [("etcd-certs", "/etc/kubernetes/pki/etcd", "DirectoryOrCreate"), ("etcd-data", "/var/lib/etcd", "DirectoryOrCreate")],
        annotation: $"kubeadm.kubernetes.io/etcd.advertise-client-urls: https://{address}:2379", memory: "100Mi");

    private static string Component(
        string name, string version, int port, string cpu, IReadOnlyList<string> command, IReadOnlyList<(string Name, string Path, string Type)> mounts,
        string? annotation = null, string host = "127.0.0.1", string? memory = null)
    {
        var scheme = name == "etcd" ? "HTTP" : "HTTPS";
        string Lines(IEnumerable<string> lines) => string.Join("\n", lines);
        return $"""
            apiVersion: v1
            kind: Pod
            metadata:
            {(annotation is null ? "" : $"  annotations:\n    {annotation}\n")}  labels:
                component: {name}
                tier: control-plane
              name: {name}
              namespace: kube-system
            spec:
              containers:
              - command:
            {Lines(command.Select(static c => $"    - {c}"))}
                image: {WellKnownImages.OfKubeadm(name, version)}
                imagePullPolicy: IfNotPresent
                livenessProbe:
                  failureThreshold: 8
                  httpGet:
                    host: {host}
                    path: /livez
                    port: {port}
                    scheme: {scheme}
                  initialDelaySeconds: 10
                  periodSeconds: 10
                  timeoutSeconds: 15
                name: {name}
                resources:
                  requests:
                    cpu: {cpu}
            {(memory is null ? "" : $"        memory: {memory}\n")}    startupProbe:
                  failureThreshold: 24
                  httpGet:
                    host: {host}
                    path: /livez
                    port: {port}
                    scheme: {scheme}
                  initialDelaySeconds: 10
                  periodSeconds: 10
                  timeoutSeconds: 15
                volumeMounts:
            {Lines(mounts.Select(static m => $"    - mountPath: {m.Path}\n      name: {m.Name}{(m.Name == "etcd-data" ? "" : "\n      readOnly: true")}"))}
              hostNetwork: true
              priority: 2000001000
              priorityClassName: system-node-critical
              securityContext:
                seccompProfile:
                  type: RuntimeDefault
              volumes:
            {Lines(mounts.Select(static m => $"  - hostPath:\n      path: {m.Path}\n      type: {m.Type}\n    name: {m.Name}"))}
            status: {"{}"}

            """;
    }
}
