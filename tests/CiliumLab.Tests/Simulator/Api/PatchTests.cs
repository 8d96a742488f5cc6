using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Tests.Simulator.Api;

public class PatchTests
{
    private static readonly FieldSchema PodFields = SchemaTable.OfKind("", "v1", "Pod");

    [Theory]
    [InlineData("""[{"op":"add","path":"/a/-","value":3}]""", """{"a":[1,2,3],"b":{"c/d":"x"}}""")]
    [InlineData("""[{"op":"remove","path":"/a/0"}]""", """{"a":[2],"b":{"c/d":"x"}}""")]
    [InlineData("""[{"op":"replace","path":"/b/c~1d","value":null}]""", """{"a":[1,2],"b":{"c/d":null}}""")]
    [InlineData("""[{"op":"move","from":"/b","path":"/e"}]""", """{"a":[1,2],"e":{"c/d":"x"}}""")]
    [InlineData("""[{"op":"copy","from":"/a/1","path":"/a/0"},{"op":"test","path":"/a","value":[2,1,2]}]""", """{"a":[2,1,2],"b":{"c/d":"x"}}""")]
    public void A_json_patch_does_each_operation(string patch, string expected) =>
        Same(expected, JsonPatch.Apply(Json("""{"a":[1,2],"b":{"c/d":"x"}}"""), JsonNode.Parse(patch)!.AsArray()));

    [Theory]
    [InlineData("""[{"op":"test","path":"/a","value":1}]""")]
    [InlineData("""[{"op":"remove","path":"/zz"}]""")]
    [InlineData("""[{"op":"replace","path":"/zz/y","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/a/9","value":1}]""")]
    public void A_json_patch_that_does_not_fit_is_refused(string patch) =>
        Assert.Equal(422, Assert.Throws<ApiException>(() => JsonPatch.Apply(Json("""{"a":[1,2]}"""), JsonNode.Parse(patch)!.AsArray())).Code);

    [Fact]
    public void A_merge_patch_replaces_lists_and_removes_by_null() =>
        Same("""{"a":{"x":1,"z":3},"l":[9],"n":{"o":{}}}""", MergePatch.Apply(Json("""{"a":{"x":1,"y":2},"l":[1,2]}"""), Json("""{"a":{"y":null,"z":3},"l":[9],"n":{"o":{"p":null}}}""")));

    [Theory]
    // items are known by their key: one changes, one comes
    [InlineData("""{"spec":{"containers":[{"name":"b","image":"2"},{"name":"c","image":"3"}]}}""",
        """{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"},{"name":"c","image":"3"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","$patch":"delete"}]}}""", """{"spec":{"containers":[{"name":"b","image":"1"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"$patch":"replace"},{"name":"z","image":"9"}]}}""", """{"spec":{"containers":[{"name":"z","image":"9"}]}}""")]
    [InlineData("""{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"b","image":"2"}]}}""",
        """{"spec":{"containers":[{"name":"b","image":"2"},{"name":"a","image":"1"}]}}""")]
    [InlineData("""{"spec":{"$patch":"replace","hostNetwork":true}}""", """{"spec":{"hostNetwork":true}}""")]
    public void A_strategic_patch_merges_containers_by_name(string patch, string expected) =>
        Same(expected, StrategicMergePatch.Apply(Json("""{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}}"""), Json(patch), PodFields));

    [Fact]
    public void A_strategic_patch_adds_to_and_takes_from_lists_of_values()
    {
        var pod = Json("""{"metadata":{"finalizers":["a","b"]},"spec":{"tolerations":[{"key":"x"}]}}""");

        var next = StrategicMergePatch.Apply(pod, Json("""{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["c"]},"spec":{"tolerations":[{"key":"y"}]}}"""), PodFields);

        Same("""{"metadata":{"finalizers":["b","c"]},"spec":{"tolerations":[{"key":"y"}]}}""", next);
    }

    [Fact]
    public void A_strategic_patch_retains_only_the_keys_that_it_names()
    {
        var deployment = Json("""{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}""");

        var next = StrategicMergePatch.Apply(deployment, Json("""{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}"""), SchemaTable.OfKind("apps", "v1", "Deployment"));

        Same("""{"spec":{"strategy":{"type":"Recreate"}}}""", next);
    }

    [Fact]
    public void Applied_fields_have_an_owner_and_another_manager_meets_a_conflict()
    {
        var schema = SchemaTable.OfKind("", "v1", "ConfigMap");
        var one = ServerSideApply.Apply(null, Json("""{"metadata":{"name":"c"},"data":{"a":"1","b":"2"}}"""), schema, By("one"), false);
        Same("""{"f:data":{"f:a":{},"f:b":{}}}""", one.Objects("metadata", "managedFields").Single().Object("fieldsV1")!);

        var error = Assert.Throws<ApiException>(() => ServerSideApply.Apply(one.Copy(), Json("""{"data":{"a":"9"}}"""), schema, By("two"), false));

        Assert.Equal((409, "Conflict", "Apply failed with 1 conflict: conflict with \"one\": .data.a"), (error.Code, error.Reason, error.Message));
        Same("""{"reason":"FieldManagerConflict","message":"conflict with \"one\"","field":".data.a"}""", error.Details.Objects("causes").Single());
        var forced = ServerSideApply.Apply(one.Copy(), Json("""{"data":{"a":"9"}}"""), schema, By("two"), true);
        Assert.Equal("9", forced.Text("data", "a"));
        Same("""{"f:data":{"f:b":{}}}""", forced.Objects("metadata", "managedFields").Single(e => e.Text("manager") == "one").Object("fieldsV1")!);
    }

    [Fact]
    public void What_a_manager_applies_no_more_goes_unless_somebody_else_owns_it()
    {
        var schema = SchemaTable.OfKind("", "v1", "ConfigMap");
        var first = ServerSideApply.Apply(null, Json("""{"data":{"a":"1","b":"2","c":"3"}}"""), schema, By("one"), false);
        var shared = ServerSideApply.Apply(first, Json("""{"data":{"b":"2"}}"""), schema, By("two"), false);

        var next = ServerSideApply.Apply(shared, Json("""{"data":{"a":"1"}}"""), schema, By("one"), false);

        Same("""{"a":"1","b":"2"}""", next.Object("data")!);
    }

    [Fact]
    public void Applying_merges_list_items_by_their_keys()
    {
        var first = ServerSideApply.Apply(null, Json("""{"spec":{"containers":[{"name":"a","image":"1","env":[{"name":"X","value":"1"}]}]}}"""), PodFields, By("one"), false);

        var next = ServerSideApply.Apply(first, Json("""{"spec":{"containers":[{"name":"a","env":[{"name":"Y","value":"2"}]}]}}"""), PodFields, By("two"), false);

        Same("""[{"name":"a","image":"1","env":[{"name":"X","value":"1"},{"name":"Y","value":"2"}]}]""", next.Array("spec", "containers")!);
    }

    private static ManagedFields.Entry By(string manager) => new(manager, "Apply", "v1", "", "2025-07-19T12:00:00Z", new());

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    private static void Same(string expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}\nbut was  {actual.ToJsonString()}");
}
