using System.Text.Json.Nodes;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Watching;
using CiliumLab.Model;
using CiliumLab.Tests.Simulator.Api;
using k8s;
using k8s.Models;
using static CiliumLab.Tests.Cluster.ClusterLab;

namespace CiliumLab.Tests.Cluster;

/// <summary>The engine's client against a real API server, where <c>KUBEBUILDER_ASSETS</c> names one.</summary>
public sealed class RealClusterTests
{
    [Fact]
    public async Task The_client_works_with_a_real_server()
    {
        Assert.SkipWhen(RealApiServer.Program() is null, "KUBEBUILDER_ASSETS names no folder with kube-apiserver");
        await using var server = await RealApiServer.StartAsync(Token);
        using var client = ClusterClient.Open("real", server.WriteKubeConfig(), Hasty);

        await Objects(client);
        await Watches(client);
        await CustomResources(client);
        await Errors(client);
    }

    private static async Task Objects(ClusterClient client)
    {
        Assert.StartsWith("v1.", await client.VersionAsync(Token), StringComparison.Ordinal);
        Assert.Equal((true, true), Outcome(await client.ApplyAsync(Map("settings", "a"), Token)));
        Assert.Equal((false, false), Outcome(await client.ApplyAsync(Map("settings", "a"), Token)));
        Assert.Equal((false, true), Outcome(await client.ApplyAsync(Map("settings", "b"), Token)));
        var merged = await client.MergeAsync<V1ConfigMap>("default", "settings", new JsonObject { ["data"] = new JsonObject { ["key"] = null, ["other"] = "c" } }, Token);
        Assert.Equal("c", Assert.Single(merged.Data).Value);
        for (var number = 0; number < 510; number++)
            await client.CreateAsync(Map($"map-{number:000}", "x"), Token);
        Assert.Equal(510, await client.ListAsync<V1ConfigMap>(new ResourceQuery("default") { Labels = "value=x" }, Token).CountAsync(Token));
        Assert.True(await client.DeleteAsync<V1ConfigMap>("default", "settings", Token));
        Assert.False(await client.DeleteAsync<V1ConfigMap>("default", "settings", Token));
        Assert.Null(await client.FindAsync<V1ConfigMap>("default", "settings", Token));

        static (bool Created, bool Changed) Outcome(Applied<V1ConfigMap> applied) => (applied.Created, applied.Changed);
    }

    private static async Task Watches(ClusterClient client)
    {
        var steps = new List<string>();
        var wait = new ClusterWait("two maps", TimeSpan.FromMinutes(1))
        {
            Step = async step =>
            {
                steps.Add(step);
                await client.CreateAsync(Map($"step-{steps.Count}", "watched"), Token);
            },
        };
        var query = new ResourceQuery("default") { Labels = "value=watched" };

        await client.WaitAsync<V1ConfigMap>(query, wait, present => present.Count < 2 ? $"{present.Count} of 2" : null, Token);

        Assert.Equal(["0 of 2", "1 of 2"], steps);
    }

    private static async Task CustomResources(ClusterClient client)
    {
        Assert.Equal("ClusterKindNotFound", (await Assert.ThrowsAsync<LabException>(() => client.ReadAsync<Widget>(null, "first", Token))).ErrorId);
        await client.CreateAsync(KubernetesJson.Deserialize<V1CustomResourceDefinition>(Widget.Definition), Token);
        var served = new ClusterWait("the kind to be served", TimeSpan.FromMinutes(1));
        await client.WaitAsync<V1CustomResourceDefinition>(
            ResourceQuery.Named(null, "widgets.lab.example"),
            served,
            all => all.Single().Status?.Conditions?.Any(condition => condition is { Type: "Established", Status: "True" }) == true ? null : "not yet",
            Token);

        await client.CreateAsync(new Widget { Metadata = new() { Name = "first" }, Spec = new() { Size = 3 } }, Token);

        Assert.Equal(3, Assert.Single(await client.ListAsync<Widget>(ResourceQuery.All, Token).ToListAsync(Token)).Spec.Size);
    }

    private static async Task Errors(ClusterClient client)
    {
        Assert.Equal("ClusterObjectNotFound", (await Assert.ThrowsAsync<LabException>(() => client.ReadAsync<V1Pod>("default", "nope", Token))).ErrorId);
        Assert.Equal("ClusterObjectExists", (await Assert.ThrowsAsync<LabException>(() => client.CreateAsync(new V1Namespace { Metadata = new() { Name = "default" } }, Token))).ErrorId);
        var invalid = await Assert.ThrowsAsync<LabException>(() => client.CreateAsync(new V1Namespace { Metadata = new() { Name = "Not_a_name" } }, Token));
        Assert.Equal(("ClusterRequestInvalid", "Not_a_name"), (invalid.ErrorId, invalid.Target));
    }

    private static V1ConfigMap Map(string name, string value) => new()
    {
        Metadata = new() { Name = name, NamespaceProperty = "default", Labels = new Dictionary<string, string> { ["value"] = value } },
        Data = new Dictionary<string, string> { ["key"] = value },
    };
}
