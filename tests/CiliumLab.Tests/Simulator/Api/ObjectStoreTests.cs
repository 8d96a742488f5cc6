using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Tests.Simulator.Api;

public class ObjectStoreTests
{
    private readonly ObjectStore _store = ApiLab.NewStore();

    [Fact]
    public void A_new_object_gets_what_the_server_gives()
    {
        var pod = _store.Create(ResourceTypes.Pods, ApiLab.Pod("web"));

        Assert.Equal("v1", pod.Json.Text("apiVersion"));
        Assert.Equal("Pod", pod.Json.Text("kind"));
        Assert.Equal("2025-07-19T12:00:00Z", pod.Json.Text("metadata", "creationTimestamp"));
        Assert.Equal(1, pod.Json.Number("metadata", "generation"));
        Assert.Equal("Pending", pod.Json.Text("status", "phase"));
        Assert.Equal("BestEffort", pod.Json.Text("status", "qosClass"));
        Assert.Equal("Always", pod.Json.Objects("spec", "containers").Single().Text("imagePullPolicy"));
        Assert.Equal(["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"], pod.Json.Objects("spec", "tolerations").Select(t => t.Text("key")));
        Assert.StartsWith("kube-api-access-", pod.Json.Objects("spec", "volumes").Single().Text("name"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_gives_the_same_names()
    {
        var one = ApiLab.NewStore().Create(ResourceTypes.Pods, ApiLab.Pod("web"));
        var two = ApiLab.NewStore().Create(ResourceTypes.Pods, ApiLab.Pod("web"));

        Assert.Equal(one.Uid, two.Uid);
        Assert.Equal(one.Json.ToJsonString(), two.Json.ToJsonString());
    }

    [Fact]
    public void A_second_object_of_that_name_is_refused()
    {
        _store.Create(ResourceTypes.Pods, ApiLab.Pod("web"));

        var error = Assert.Throws<ApiException>(() => _store.Create(ResourceTypes.Pods, ApiLab.Pod("web")));

        Assert.Equal((409, "AlreadyExists", "pods \"web\" already exists"), (error.Code, error.Reason, error.Message));
    }

    [Fact]
    public void An_update_from_an_old_reading_is_refused()
    {
        var first = _store.Create(ResourceTypes.ConfigMaps, ApiLab.ConfigMap("c", ("a", "1")));
        _store.Edit(ResourceTypes.ConfigMaps, "default", "c", c => c["data"]!["a"] = "2");
        var stale = first.Copy();
        stale["data"]!["a"] = "3";

        var error = Assert.Throws<ApiException>(() => _store.Update(ResourceTypes.ConfigMaps, stale));

        Assert.Equal(409, error.Code);
        Assert.Equal(
            "Operation cannot be fulfilled on configmaps \"c\": the object has been modified; please apply your changes to the latest version and try again",
            error.Message);
    }

    [Fact]
    public void A_change_that_changes_nothing_is_no_write()
    {
        var before = _store.Create(ResourceTypes.ConfigMaps, ApiLab.ConfigMap("c", ("a", "1")));

        var after = _store.Edit(ResourceTypes.ConfigMaps, "default", "c", c => c["data"]!["a"] = "1");

        Assert.Equal(before.ResourceVersion, after.ResourceVersion);
        Assert.Equal(before.ResourceVersion, _store.ResourceVersion);
    }

    [Fact]
    public void Spec_and_status_are_written_by_different_paths()
    {
        _store.Create(ResourceTypes.Nodes, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "k8s-w1" } });

        _store.Edit(ResourceTypes.Nodes, null, "k8s-w1", n => n["status"] = new JsonObject { ["phase"] = "no" });
        _store.EditStatus(ResourceTypes.Nodes, null, "k8s-w1", n =>
        {
            n.Ensure("status")["phase"] = "yes";
            n.Ensure("spec")["unschedulable"] = true;
        });

        var node = _store.Get(ResourceTypes.Nodes, null, "k8s-w1").Json;
        Assert.Equal("yes", node.Text("status", "phase"));
        Assert.Null(node.At("spec", "unschedulable"));
    }

    [Fact]
    public void Generation_counts_changes_of_the_spec_alone()
    {
        var deployment = JsonNode.Parse("""
            {"metadata":{"name":"d","namespace":"default"},"spec":{"selector":{"matchLabels":{"a":"b"}},
             "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}}}
            """)!.AsObject();
        _store.Create(ResourceTypes.Deployments, deployment);

        _store.EditStatus(ResourceTypes.Deployments, "default", "d", d => d.Ensure("status")["replicas"] = 1);
        _store.Edit(ResourceTypes.Deployments, "default", "d", d => d.Ensure("metadata", "labels")["x"] = "y");
        Assert.Equal(1, _store.Get(ResourceTypes.Deployments, "default", "d").Json.Number("metadata", "generation"));
        _store.Edit(ResourceTypes.Deployments, "default", "d", d => d["spec"]!["replicas"] = 2);

        Assert.Equal(2, _store.Get(ResourceTypes.Deployments, "default", "d").Json.Number("metadata", "generation"));
    }

    [Fact]
    public void A_pod_on_a_node_stays_until_the_kubelet_deletes_it_for_good()
    {
        _store.Create(ResourceTypes.Pods, ApiLab.Pod("web", node: "k8s-w1"));

        var first = _store.Delete(ResourceTypes.Pods, "default", "web");
        Assert.False(first.Gone);
        Assert.Equal("2025-07-19T12:00:30Z", first.Object.Json.Text("metadata", "deletionTimestamp"));
        Assert.False(_store.Delete(ResourceTypes.Pods, "default", "web").Gone);
        var last = _store.Delete(ResourceTypes.Pods, "default", "web", new() { GracePeriodSeconds = 0 });

        Assert.True(last.Gone);
        Assert.Null(_store.Find(ResourceTypes.Pods, "default", "web"));
    }

    [Fact]
    public void A_pod_that_nobody_runs_goes_at_once()
    {
        _store.Create(ResourceTypes.Pods, ApiLab.Pod("web"));

        Assert.True(_store.Delete(ResourceTypes.Pods, "default", "web").Gone);
    }

    [Fact]
    public void Finalizers_keep_an_object_until_the_last_is_taken_away()
    {
        _store.Create(ResourceTypes.ConfigMaps, ApiLab.ConfigMap("c"));

        Assert.False(_store.Delete(ResourceTypes.ConfigMaps, "default", "c", new() { Propagation = Propagation.Foreground }).Gone);
        Assert.Equal(["foregroundDeletion"], _store.Get(ResourceTypes.ConfigMaps, "default", "c").Json.Texts("metadata", "finalizers"));
        _store.Edit(ResourceTypes.ConfigMaps, "default", "c", c => c["metadata"]!.AsObject().Remove("finalizers"));

        Assert.Null(_store.Find(ResourceTypes.ConfigMaps, "default", "c"));
    }

    [Fact]
    public void Nothing_is_created_in_a_namespace_that_is_missing_or_going()
    {
        var missing = Assert.Throws<ApiException>(() => _store.Create(ResourceTypes.Pods, ApiLab.Pod("a", "nowhere")));
        _store.Create(ResourceTypes.Namespaces, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "kube-flannel" } });
        Assert.False(_store.Delete(ResourceTypes.Namespaces, null, "kube-flannel").Gone);
        var going = Assert.Throws<ApiException>(() => _store.Create(ResourceTypes.Pods, ApiLab.Pod("a", "kube-flannel")));

        Assert.Equal((404, "namespaces \"nowhere\" not found"), (missing.Code, missing.Message));
        Assert.Equal(403, going.Code);
        Assert.Equal("pods \"a\" is forbidden: unable to create new content in namespace kube-flannel because it is being terminated", going.Message);
        Assert.Equal("NamespaceTerminating", going.Details.Objects("causes").Single().Text("reason"));
        Assert.Equal("Terminating", _store.Get(ResourceTypes.Namespaces, null, "kube-flannel").Json.Text("status", "phase"));

        _store.Edit(ResourceTypes.Namespaces, null, "kube-flannel", n => n.Ensure("spec")["finalizers"] = new JsonArray(), new() { Subresource = "finalize" });
        Assert.Null(_store.Find(ResourceTypes.Namespaces, null, "kube-flannel"));
    }

    [Fact]
    public void Services_get_addresses_and_node_ports_that_nobody_else_has()
    {
        var service = JsonNode.Parse("""{"metadata":{"namespace":"default"},"spec":{"type":"NodePort","ports":[{"port":80}]}}""")!.AsObject();
        var seen = new HashSet<string>();
        for (var i = 0; i < 50; i++)
        {
            service["metadata"]!["name"] = $"s{i}";
            var made = _store.Create(ResourceTypes.Services, service).Json;
            Assert.True(seen.Add(made.Text("spec", "clusterIP")!));
            Assert.True(seen.Add(made.Objects("spec", "ports").Single().Number("nodePort")!.Value.ToString(null, null)));
            Assert.StartsWith("10.96.", made.Text("spec", "clusterIP"), StringComparison.Ordinal);
        }
        service["metadata"]!["name"] = "dns";
        service["spec"]!["clusterIP"] = "10.96.0.1";
        var taken = Assert.Throws<ApiException>(() => _store.Create(ResourceTypes.Services, service));

        Assert.Equal(
            "Service \"dns\" is invalid: spec.clusterIPs: Invalid value: []string{\"10.96.0.1\"}: failed to allocate IP 10.96.0.1: provided IP is already allocated",
            taken.Message);
    }

    [Fact]
    public void Every_broken_rule_is_a_cause()
    {
        var error = Assert.Throws<ApiException>(() => _store.Create(ResourceTypes.Pods, JsonNode.Parse("""
            {"metadata":{"name":"p","namespace":"default"},"spec":{"restartPolicy":"Sometimes","containers":[{"name":"a"},{"name":"a","image":"i"}]}}
            """)!.AsObject()));

        Assert.Equal(422, error.Code);
        Assert.Equal(
            ["spec.containers[0].image: Required value", "spec.containers[1].name: Duplicate value: \"a\"",
             "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", \"Never\""],
            error.Details.Objects("causes").Select(c => $"{c.Text("field")}: {c.Text("message")}"));
    }

    [Fact]
    public void A_list_at_an_earlier_version_shows_the_past()
    {
        _store.Create(ResourceTypes.ConfigMaps, ApiLab.ConfigMap("a", ("k", "old")));
        var then = _store.Create(ResourceTypes.ConfigMaps, ApiLab.ConfigMap("b")).ResourceVersion;
        _store.Edit(ResourceTypes.ConfigMaps, "default", "a", c => c["data"]!["k"] = "new");
        _store.Delete(ResourceTypes.ConfigMaps, "default", "b");
        _store.Create(ResourceTypes.ConfigMaps, ApiLab.ConfigMap("c"));

        var past = _store.ListAt(ResourceTypes.ConfigMaps, then, null, null, null);

        Assert.Equal(["a", "b"], past.Items.Select(i => i.Name));
        Assert.Equal("old", past.Items[0].Json.Text("data", "k"));
        _store.Compact();
        Assert.Equal(410, Assert.Throws<ApiException>(() => _store.ListAt(ResourceTypes.ConfigMaps, then, null, null, null)).Code);
    }

    [Fact]
    public async Task A_watch_gives_what_is_there_and_then_what_changes()
    {
        _store.Create(ResourceTypes.ConfigMaps, ApiLab.ConfigMap("a"));
        var seen = new List<string>();
        await foreach (var change in _store.Watch(ResourceTypes.ConfigMaps, "default", null, TestContext.Current.CancellationToken))
        {
            seen.Add($"{change.Type} {change.Object.Name}");
            if (seen.Count == 1)
                _store.Edit(ResourceTypes.ConfigMaps, "default", "a", c => c.Ensure("data")["k"] = "v");
            else if (seen.Count == 2)
                _store.Delete(ResourceTypes.ConfigMaps, "default", "a");
            else
                break;
        }

        Assert.Equal(["Added a", "Modified a", "Deleted a"], seen);
    }

    [Fact]
    public void Events_are_forgotten_after_an_hour()
    {
        var clock = ApiLab.NewClock();
        var store = ApiLab.NewStore(clock);
        store.Create(ResourceTypes.Events, JsonNode.Parse("""{"metadata":{"name":"old","namespace":"default"},"involvedObject":{}}""")!.AsObject());
        clock.Advance(TimeSpan.FromMinutes(61));
        store.Create(ResourceTypes.Events, JsonNode.Parse("""{"metadata":{"name":"new","namespace":"default"},"involvedObject":{}}""")!.AsObject());

        Assert.Equal(["new"], store.List(ResourceTypes.Events).Items.Select(e => e.Name));
    }
}
