using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Cilium;

/// <summary>The kinds that Cilium's operator registers, and how to reach them once it has.</summary>
internal static class CustomResources
{
    public const string Group = "cilium.io";
    public const string Nodes = "ciliumnodes";
    public const string Endpoints = "ciliumendpoints";
    public const string Identities = "ciliumidentities";

    private sealed record Definition(string Plural, string Kind, bool IsNamespaced, string[] ShortNames, string[] Versions, bool HasStatus, params (string Name, string Type, string Path)[] Columns);

    private static readonly Definition[] Definitions =
    [
        new("ciliumcidrgroups", "CiliumCIDRGroup", false, ["ccg"], ["v2alpha1"], false, ("Age", "date", ".metadata.creationTimestamp")),
        new("ciliumclusterwidenetworkpolicies", "CiliumClusterwideNetworkPolicy", false, ["ccnp"], ["v2"], true, ("Valid", "string", ".status.conditions[?(@.type=='Valid')].status")),
        new(Endpoints, "CiliumEndpoint", true, ["cep", "ciliumep"], ["v2"], false,
            ("Security Identity", "integer", ".status.identity.id"), ("Endpoint State", "string", ".status.state"),
            ("IPv4", "string", ".status.networking.addressing[0].ipv4"), ("IPv6", "string", ".status.networking.addressing[0].ipv6")),
        new("ciliumexternalworkloads", "CiliumExternalWorkload", false, ["cew"], ["v2"], true, ("Cilium ID", "integer", ".status.id"), ("IP", "string", ".status.ip")),
        new(Identities, "CiliumIdentity", false, ["ciliumid"], ["v2"], false,
            ("Namespace", "string", ".metadata.labels.io\\.kubernetes\\.pod\\.namespace"), ("Age", "date", ".metadata.creationTimestamp")),
        new("ciliuml2announcementpolicies", "CiliumL2AnnouncementPolicy", false, ["l2announcement"], ["v2alpha1"], true, ("Age", "date", ".metadata.creationTimestamp")),
        new("ciliumloadbalancerippools", "CiliumLoadBalancerIPPool", false, ["ippools", "ippool", "lbippool", "lbippools"], ["v2alpha1"], true,
            ("Disabled", "boolean", ".spec.disabled"), ("Age", "date", ".metadata.creationTimestamp")),
        new("ciliumnetworkpolicies", "CiliumNetworkPolicy", true, ["cnp", "ciliumnp"], ["v2"], true,
            ("Age", "date", ".metadata.creationTimestamp"), ("Valid", "string", ".status.conditions[?(@.type=='Valid')].status")),
        new("ciliumnodeconfigs", "CiliumNodeConfig", true, [], ["v2", "v2alpha1"], false),
        new(Nodes, "CiliumNode", false, ["cn", "ciliumn"], ["v2"], true,
            ("CiliumInternalIP", "string", ".spec.addresses[?(@.type==\"CiliumInternalIP\")].ip"), ("InternalIP", "string", ".spec.addresses[?(@.type==\"InternalIP\")].ip"),
            ("Age", "date", ".metadata.creationTimestamp")),
        new("ciliumpodippools", "CiliumPodIPPool", false, ["cpip"], ["v2alpha1"], false),
    ];

    /// <summary>A kind of Cilium; null while it is not registered.</summary>
    public static ResourceType? Find(ObjectStore store, string plural) => store.Catalog.Find(Group, null, plural);

    /// <summary>Registers the kinds that are missing.</summary>
    public static void Register(ObjectStore store)
    {
        foreach (var definition in Definitions)
        {
            if (store.Find(ResourceTypes.CustomResourceDefinitions, null, $"{definition.Plural}.{Group}") is null)
                store.Create(ResourceTypes.CustomResourceDefinitions, ToJson(definition));
        }
    }

    private static JsonObject ToJson(Definition definition) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = $"{definition.Plural}.{Group}",
            ["labels"] = new JsonObject { ["io.cilium.k8s.crd.schema.version"] = "1.31.8" },
        },
        ["spec"] = new JsonObject
        {
            ["group"] = Group,
            ["scope"] = definition.IsNamespaced ? "Namespaced" : "Cluster",
            ["names"] = new JsonObject
            {
                ["kind"] = definition.Kind,
                ["listKind"] = definition.Kind + "List",
                ["plural"] = definition.Plural,
                ["singular"] = definition.Kind.ToLowerInvariant(),
                ["shortNames"] = GoJson.Array(definition.ShortNames),
                ["categories"] = new JsonArray("cilium"),
            },
            ["versions"] = new JsonArray([.. definition.Versions.Select((version, index) => (JsonNode)Version(definition, version, isStored: index == 0))]),
        },
    };

    private static JsonObject Version(Definition definition, string version, bool isStored)
    {
        var json = new JsonObject
        {
            ["name"] = version,
            ["served"] = true,
            ["storage"] = isStored,
            ["schema"] = new JsonObject { ["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true } },
        };
        if (definition.HasStatus)
            json["subresources"] = new JsonObject { ["status"] = new JsonObject() };
        if (definition.Columns.Length > 0)
            json["additionalPrinterColumns"] = new JsonArray([.. definition.Columns.Select(static column => (JsonNode)new JsonObject { ["name"] = column.Name, ["type"] = column.Type, ["jsonPath"] = column.Path })]);
        return json;
    }
}
