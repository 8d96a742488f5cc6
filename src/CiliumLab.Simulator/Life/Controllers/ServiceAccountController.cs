using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Gives every namespace its <c>default</c> account and the ConfigMap with the cluster's CA.</summary>
/// <param name="loop">The loop.</param>
/// <param name="certificate">Gives the CA in PEM.</param>
internal sealed class ServiceAccountController(ControlLoop loop, Func<string> certificate) : Controller(loop)
{
    private const string RootCertificate = "kube-root-ca.crt";

    /// <summary>Puts another CA into the ConfigMaps that are there.</summary>
    public static void PublishAuthority(ObjectStore store, string certificate)
    {
        foreach (var map in store.List(ResourceTypes.ConfigMaps).Items.Where(static m => m.Name == RootCertificate))
            store.Edit(ResourceTypes.ConfigMaps, map.Namespace, map.Name, m => m.Ensure("data")["ca.crt"] = certificate);
    }

    /// <inheritdoc/>
    public override void Changed(ResourceEvent change)
    {
        if (change.Object.Type == ResourceTypes.Namespaces)
            Enqueue(change.Object.Name);
        else if (change.Object.Type == ResourceTypes.ServiceAccounts && change.Object.Name == "default")
            Enqueue(change.Object.Namespace);
        else if (change.Object.Type == ResourceTypes.ConfigMaps && change.Object.Name == RootCertificate)
            Enqueue(change.Object.Namespace);
    }

    /// <inheritdoc/>
    public override void Reconcile(string key)
    {
        if (Store.Find(ResourceTypes.Namespaces, null, key) is not { IsTerminating: false })
            return;
        if (Store.Find(ResourceTypes.ServiceAccounts, key, "default") is null)
            Store.Create(ResourceTypes.ServiceAccounts, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default", ["namespace"] = key } });
        if (Store.Find(ResourceTypes.ConfigMaps, key, RootCertificate) is null)
        {
            Store.Create(ResourceTypes.ConfigMaps, new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = RootCertificate,
                    ["namespace"] = key,
                    ["annotations"] = new JsonObject
                    {
                        ["kubernetes.io/description"] = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
                    },
                },
                ["data"] = new JsonObject { ["ca.crt"] = certificate() },
            });
        }
    }
}
