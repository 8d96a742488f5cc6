using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes;

namespace CiliumLab.Simulator.Life;

/// <summary>Sets a cluster up as <c>kubeadm init</c> and <c>kubeadm join</c> do: control plane first, then one worker after the other.</summary>
/// <param name="cluster">The cluster.</param>
internal sealed class KubeadmBootstrap(SimulatedCluster cluster)
{
    private ObjectStore Store => cluster.Store;

    /// <summary>Does it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var control = cluster.Nodes[0];
        var address = AdvertisedAddress(control);
        await cluster.Loop.DoAsync(() => Init(control, address)).ConfigureAwait(false);
        await cluster.SettleAsync(cancellationToken).ConfigureAwait(false);
        foreach (var worker in cluster.Nodes.Skip(1))
        {
            await cluster.Loop.DoAsync(() => Join(worker)).ConfigureAwait(false);
            await cluster.SettleAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static IPAddress AdvertisedAddress(SimulatedNode node) => node.Kernel.Network.AllAddresses()
        .Where(static a => a.Link.Name == LabDatapath.SharedInterface && a.Address.Family == AddressFamily.InterNetwork)
        .Select(static a => a.Address.Address).First();

    private void Init(SimulatedNode control, IPAddress address)
    {
        ApiBootstrap.Run(Store, address);
        cluster.StartControllers(address);
        foreach (var (type, obj) in KubeadmObjects.Basics(cluster.Settings, address))
            Store.Create(type, obj);
        foreach (var (file, text) in KubeadmManifests.All(cluster.Settings, address))
            control.Files.Put($"{StaticPods.Folder}/{file}", text, mode: 0b110_000_000);
        var kubelet = cluster.AddKubelet(control);
        AddImages(kubelet, "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "coredns", "pause");
        kubelet.Start();
        Store.Edit(ResourceTypes.Nodes, null, control.Name, static n =>
        {
            n.Ensure("metadata", "labels")["node-role.kubernetes.io/control-plane"] = "";
            n.Ensure("metadata", "labels")["node.kubernetes.io/exclude-from-external-load-balancers"] = "";
            n.Ensure("spec").EnsureArray("taints").Add((JsonNode)new JsonObject { ["key"] = "node-role.kubernetes.io/control-plane", ["effect"] = "NoSchedule" });
        });
        foreach (var (type, obj) in KubeadmObjects.Addons(cluster.Settings, address))
            Store.Create(type, obj);
    }

    private void Join(SimulatedNode worker)
    {
        // The recorded workers name the runtime's socket by its other path.
        worker.Files.Put(KubeletFlags.Path, worker.Files.ReadText(KubeletFlags.Path).Replace("unix:///run/", "unix:///var/run/", StringComparison.Ordinal));
        worker.Files.MakeFolders(StaticPods.Folder);
        var kubelet = cluster.AddKubelet(worker);
        AddImages(kubelet, "pause", "kube-proxy");
        kubelet.Start();
    }

    private void AddImages(NodeKubelet kubelet, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            kubelet.Runtime.Add(cluster.Images.Find(WellKnownImages.OfKubeadm(name, cluster.Settings.Api.Version)));
    }
}
