using System.Net;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>What an API server itself puts into an empty store: system namespaces, priority classes, and the service by which pods reach it.</summary>
internal static class ApiBootstrap
{
    /// <summary>Creates what is not there yet.</summary>
    /// <param name="store">The store.</param>
    /// <param name="apiServer">Where the nodes reach the API server; becomes the endpoint of the kubernetes service.</param>
    /// <param name="port">Its port.</param>
    public static void Run(ObjectStore store, IPAddress apiServer, int port = 6443)
    {
        foreach (var name in (ReadOnlySpan<string>)["kube-system", "kube-public", "kube-node-lease", "default"])
            Ensure(store, ResourceTypes.Namespaces, null, name, []);
        Ensure(store, ResourceTypes.PriorityClasses, null, "system-node-critical", new JsonObject
        {
            ["value"] = 2000001000,
            ["description"] = "Used for system critical pods that must not be moved from their current node.",
            ["preemptionPolicy"] = "PreemptLowerPriority",
        });
        Ensure(store, ResourceTypes.PriorityClasses, null, "system-cluster-critical", new JsonObject
        {
            ["value"] = 2000000000,
            ["description"] = "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
            ["preemptionPolicy"] = "PreemptLowerPriority",
        });
        foreach (var (type, name, obj) in DefaultRoles.All())
            Ensure(store, type, null, name, obj);
        var labels = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" };
        Ensure(store, ResourceTypes.Services, "default", "kubernetes", new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = labels },
            ["spec"] = new JsonObject
            {
                ["clusterIP"] = FirstAddress(store.Settings.ServiceCidr),
                ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = 443, ["protocol"] = "TCP", ["targetPort"] = port }),
            },
        });
        Ensure(store, ResourceTypes.Endpoints, "default", "kubernetes", new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["endpointslice.kubernetes.io/skip-mirror"] = "true" } },
            ["subsets"] = new JsonArray(new JsonObject
            {
                ["addresses"] = new JsonArray(new JsonObject { ["ip"] = apiServer.ToString() }),
                ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = port, ["protocol"] = "TCP" }),
            }),
        });
        Ensure(store, ResourceTypes.EndpointSlices, "default", "kubernetes", new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = "kubernetes" } },
            ["addressType"] = "IPv4",
            ["endpoints"] = new JsonArray(new JsonObject
            {
                ["addresses"] = new JsonArray(apiServer.ToString()),
                ["conditions"] = new JsonObject { ["ready"] = true },
            }),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = port, ["protocol"] = "TCP" }),
        });
    }

    private static void Ensure(ObjectStore store, ResourceType type, string? ns, string name, JsonObject obj)
    {
        if (store.Find(type, ns, name) is not null)
            return;
        var metadata = obj.Ensure("metadata");
        metadata["name"] = name;
        if (ns is not null)
            metadata["namespace"] = ns;
        store.Create(type, obj);
    }

    private static string FirstAddress(IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        bytes[^1]++;
        return new IPAddress(bytes).ToString();
    }
}
