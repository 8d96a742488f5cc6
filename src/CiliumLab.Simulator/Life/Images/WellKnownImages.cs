namespace CiliumLab.Simulator.Life;

/// <summary>The images of the lab: kubeadm's, and those that its exercises use.</summary>
internal static class WellKnownImages
{
    /// <summary>What kubeadm of a version asks for.</summary>
    public static string OfKubeadm(string name, string version) => name switch
    {
        "coredns" => "registry.k8s.io/coredns/coredns:v1.12.0",
        "etcd" => "registry.k8s.io/etcd:3.5.21-0",
        "pause" => "registry.k8s.io/pause:3.10",
        _ => $"registry.k8s.io/{name}:{version}",
    };

    /// <summary>Registers them.</summary>
    public static void AddTo(ImageCatalog catalog, string version)
    {
        catalog.Add("registry.k8s.io/pause", static i => Known(i, "873ed75102791e5b0b8a7fcd41606c92fcec98d56d05ead4ac5131650004c136", 320_368));
        catalog.Add("registry.k8s.io/etcd", static i => Known(i, "499038711c081", 58_938_593));
        catalog.Add("registry.k8s.io/kube-apiserver", i => Tagged(i, version, "ee794efa53d85", 30_075_899) with { Process = static () => new PortProcess(6443, new ApiFrontend()) });
        catalog.Add("registry.k8s.io/kube-controller-manager", i => Tagged(i, version, "ff4f56c76b82d", 27_646_507));
        catalog.Add("registry.k8s.io/kube-scheduler", i => Tagged(i, version, "cfed1ff748928", 21_782_634));
        catalog.Add("registry.k8s.io/kube-proxy", i => Tagged(i, version, "661d404f36f01", 31_891_765) with { Process = static () => new KubeProxyProcess() });
        catalog.Add("registry.k8s.io/coredns/coredns", static i => Known(i, i.Tag == "v1.12.0" ? "1cf5f116067c6" : null, 20_939_036) with { Process = static () => new CoreDnsProcess() });
        catalog.Add("docker.io/traefik/whoami", static i => i with { Size = 2_979_644, Process = static () => new WhoAmIProcess() });
        catalog.Add("docker.io/library/nginx", static i => i with { Size = 72_225_394, Process = static () => new PortProcess(80, new StaticPage("Welcome to nginx!")), Programs = ContainerPrograms.Debian });
        catalog.Add("docker.io/library/busybox", static i => i with { Size = 2_156_518, Programs = ContainerPrograms.Busybox });
        catalog.Add("docker.io/library/alpine", static i => i with { Size = 3_798_082, Programs = ContainerPrograms.Busybox });
        catalog.Add("docker.io/alpine/curl", static i => i with { Size = 7_000_000, Programs = ContainerPrograms.Tools });
        catalog.Add("docker.io/curlimages/curl", static i => i with { Size = 10_145_329, Programs = ContainerPrograms.Tools });
        catalog.Add("docker.io/nicolaka/netshoot", static i => Known(i, i.Tag == "latest" ? "e747d861ab8fd" : null, 208_055_862) with { Programs = ContainerPrograms.Tools });
    }

    private static ContainerImage Tagged(ContainerImage image, string version, string id, ulong size) =>
        Known(image, image.Tag == version && version == "v1.33.2" ? id : null, size);

    /// <summary>The identifier begins as the real one does; what nobody has written down follows from the name.</summary>
    private static ContainerImage Known(ContainerImage image, string? id, ulong size) =>
        image with { Id = id is null ? image.Id : id + image.Id[id.Length..], Size = size };
}
