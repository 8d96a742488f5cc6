using System.Text.Json.Nodes;
using CiliumLab.Engine.Cluster;
using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using CiliumLab.Tests.Simulator.Api;
using k8s.Models;
using static CiliumLab.Tests.Cluster.ClusterLab;

namespace CiliumLab.Tests.Cluster;

public sealed class ClusterClientTests
{
    [Fact]
    public async Task Lists_come_in_pages_and_whole()
    {
        await using var lab = await StartAsync();
        for (var number = 0; number < 1200; number++)
            lab.Store.Create(ResourceTypes.ConfigMaps, ApiLab.ConfigMap($"map-{number:0000}"));
        var calls = new Fault((_, _) => null);
        lab.Api.Server.Interceptor = calls;

        var names = await lab.Client.ListAsync<V1ConfigMap>(new ResourceQuery("default"), Token).Select(map => map.Metadata.Name).ToListAsync(Token);

        Assert.Equal(1200, names.Count(name => name.StartsWith("map-", StringComparison.Ordinal)));
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.Equal(3, calls.Count);
    }

    [Fact]
    public async Task Selectors_choose_on_the_server()
    {
        await using var lab = await StartAsync();
        lab.Store.Create(ResourceTypes.Pods, ApiLab.Pod("one", node: "k8s-w1"));
        lab.Store.Create(ResourceTypes.Pods, ApiLab.Pod("two", node: "k8s-w2"));

        var labelled = await lab.Client.ListAsync<V1Pod>(ResourceQuery.All with { Labels = "app in (one)" }, Token).ToListAsync(Token);
        var placed = await lab.Client.ListAsync<V1Pod>(new ResourceQuery("default") { Fields = "spec.nodeName=k8s-w2" }, Token).ToListAsync(Token);

        Assert.Equal("one", Assert.Single(labelled).Metadata.Name);
        Assert.Equal("two", Assert.Single(placed).Metadata.Name);
    }

    [Fact]
    public async Task Applying_twice_changes_once()
    {
        await using var lab = await StartAsync();
        V1ConfigMap Map(string value) => new() { Metadata = new() { Name = "settings", NamespaceProperty = "default" }, Data = new Dictionary<string, string> { ["key"] = value } };

        var first = await lab.Client.ApplyAsync(Map("a"), Token);
        var again = await lab.Client.ApplyAsync(Map("a"), Token);
        var other = await lab.Client.ApplyAsync(Map("b"), Token);

        Assert.Equal((true, true), (first.Created, first.Changed));
        Assert.Equal((false, false), (again.Created, again.Changed));
        Assert.Equal((false, true, "b"), (other.Created, other.Changed, other.Object.Data["key"]));
    }

    [Fact]
    public async Task Merging_changes_what_it_names_and_null_takes_away()
    {
        await using var lab = await StartAsync();
        await lab.Client.CreateAsync(
            new V1Namespace { Metadata = new() { Name = "team", Labels = new Dictionary<string, string> { ["keep"] = "1", ["drop"] = "1" } } }, Token);

        var changed = await lab.Client.MergeAsync<V1Namespace>(
            null, "team", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["drop"] = null, ["new"] = "2" } } }, Token);

        Assert.Equal(("1", "2"), (changed.Metadata.Labels["keep"], changed.Metadata.Labels["new"]));
        Assert.DoesNotContain("drop", changed.Metadata.Labels);
    }

    [Fact]
    public async Task Deleting_says_whether_there_was_anything()
    {
        await using var lab = await StartAsync();
        lab.Store.Create(ResourceTypes.ConfigMaps, ApiLab.ConfigMap("gone"));

        Assert.True(await lab.Client.DeleteAsync<V1ConfigMap>("default", "gone", Token));
        Assert.False(await lab.Client.DeleteAsync<V1ConfigMap>("default", "gone", Token));
        Assert.Null(await lab.Client.FindAsync<V1ConfigMap>("default", "gone", Token));
    }

    [Fact]
    public async Task Custom_resources_are_read_like_all_others_and_the_client_stays_usable()
    {
        await using var lab = await StartAsync();
        await lab.Client.CreateAsync(JsonSerializerFor(Widget.Definition), Token);
        await lab.Client.CreateAsync(new Widget { Metadata = new() { Name = "first" }, Spec = new() { Size = 3 } }, Token);

        var widgets = await lab.Client.ListAsync<Widget>(ResourceQuery.All, Token).ToListAsync(Token);

        Assert.Equal(3, Assert.Single(widgets).Spec.Size);
        Assert.NotNull(await lab.Client.FindAsync<V1Namespace>(null, "default", Token));
    }

    [Fact]
    public async Task A_kind_that_the_server_does_not_know_is_told_from_an_object_that_is_not_there()
    {
        await using var lab = await StartAsync();

        var kind = await Assert.ThrowsAsync<LabException>(() => lab.Client.ReadAsync<Widget>(null, "x", Token));
        var pod = await Assert.ThrowsAsync<LabException>(() => lab.Client.ReadAsync<V1Pod>("default", "nope", Token));

        Assert.Equal(("ClusterKindNotFound", LabErrorKind.NotInstalled), (kind.ErrorId, kind.Kind));
        Assert.Equal($"The API server of lab 'test' (https://127.0.0.1:{lab.Client.Server.Port}) says: 404 page not found. It does not know this kind of object.", kind.Message);
        Assert.Equal(("ClusterObjectNotFound", "nope", "See the pods with: Get-LabPod"), (pod.ErrorId, pod.Target, pod.RecommendedAction));
        Assert.Equal($"The API server of lab 'test' (https://127.0.0.1:{lab.Client.Server.Port}) says: pods \"nope\" not found.", pod.Message);
    }

    private static V1CustomResourceDefinition JsonSerializerFor(string json) => k8s.KubernetesJson.Deserialize<V1CustomResourceDefinition>(json);
}

[KubernetesEntity(Group = "lab.example", ApiVersion = "v1", Kind = "Widget", PluralName = "widgets")]
internal sealed class Widget : k8s.IKubernetesObject<V1ObjectMeta>
{
    public const string Definition = """
        {"metadata":{"name":"widgets.lab.example"},"spec":{"group":"lab.example","scope":"Cluster",
         "names":{"kind":"Widget","plural":"widgets","singular":"widget","listKind":"WidgetList"},
         "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
        """;

    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public WidgetSpec Spec { get; set; } = new();

    internal sealed class WidgetSpec
    {
        public int Size { get; set; }
    }
}
