using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Tests.Simulator.Api;

public class ApiServerTests
{
    [Fact]
    public async Task Kestrel_runs_without_the_shared_framework()
    {
        await using var lab = await ApiLab.StartAsync();
        var folder = Path.GetDirectoryName(typeof(ApiServerTests).Assembly.Location)!;

        Assert.DoesNotContain("AspNetCore", await File.ReadAllTextAsync(Path.Combine(folder, "CiliumLab.Tests.runtimeconfig.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var kestrel = AppDomain.CurrentDomain.GetAssemblies().Single(a => a.GetName().Name == "Microsoft.AspNetCore.Server.Kestrel.Core");
        Assert.Equal(folder, Path.GetDirectoryName(kestrel.Location));
        Assert.Equal("v1.33.2", (await lab.SendAsync("GET", "/version")).Body.Text("gitVersion"));
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_certificate_or_a_token()
    {
        await using var lab = await ApiLab.StartAsync();
        using var stranger = new HttpClient(lab.Handler(null)) { BaseAddress = lab.Server.Address };
        var token = TestContext.Current.CancellationToken;

        using var refused = await stranger.GetAsync("/api/v1/pods", token);
        var status = JsonNode.Parse(await refused.Content.ReadAsStringAsync(token));
        stranger.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "guess");
        using var guessed = await stranger.GetAsync("/api/v1/pods", token);
        stranger.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", lab.Server.Authentication.IssueToken("teacher", RoleBasedAccess.Masters));
        using var welcome = await stranger.GetAsync("/api/v1/pods", token);

        Assert.Equal((HttpStatusCode.Unauthorized, "Status", "Unauthorized"), (refused.StatusCode, status.Text("kind"), status.Text("reason")));
        Assert.Equal(HttpStatusCode.Unauthorized, guessed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, welcome.StatusCode);
    }

    [Fact]
    public async Task Another_labs_certificate_is_a_strangers()
    {
        await using var lab = await ApiLab.StartAsync();
        await using var other = await ApiLab.StartAsync();
        var (certificate, key) = other.Server.Certificates.IssueClient("kubernetes-admin", "kubeadm:cluster-admins");
        using var pair = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(certificate, key);
        using var client = new HttpClient(lab.Handler(pair)) { BaseAddress = lab.Server.Address };

        using var answer = await client.GetAsync("/api", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_long_list_comes_in_parts_of_one_moment()
    {
        await using var lab = await ApiLab.StartAsync();
        for (var i = 0; i < 5; i++)
            lab.Store.Create(ResourceTypes.ConfigMaps, ApiLab.ConfigMap($"c{i}"));

        var first = (await lab.SendAsync("GET", "/api/v1/configmaps?limit=2")).Body;
        lab.Store.Create(ResourceTypes.ConfigMaps, ApiLab.ConfigMap("c2a"));
        lab.Store.Delete(ResourceTypes.ConfigMaps, "default", "c4");
        var second = (await lab.SendAsync("GET", $"/api/v1/configmaps?limit=9&continue={first.Text("metadata", "continue")}")).Body;
        lab.Store.Compact();
        var late = await lab.SendAsync("GET", $"/api/v1/configmaps?limit=9&continue={first.Text("metadata", "continue")}");

        Assert.Equal(3, first.Number("metadata", "remainingItemCount"));
        Assert.Equal(["c0", "c1", "c2", "c3", "c4"], first.Objects("items").Concat(second.Objects("items")).Select(i => i.Text("metadata", "name")));
        Assert.Equal((410, "Expired"), (late.Code, late.Body.Text("reason")));
    }

    [Theory]
    [InlineData("labelSelector=app%3Da", "a")]
    [InlineData("labelSelector=app%20in%20(a,b)", "a b")]
    [InlineData("labelSelector=app%20notin%20(a)", "b c")]
    [InlineData("labelSelector=!nothing,app!%3Db", "a c")]
    [InlineData("fieldSelector=spec.nodeName%3Dk8s-w1", "b")]
    [InlineData("fieldSelector=metadata.name!%3Db,status.phase%3DPending", "a c")]
    public async Task Selectors_select(string query, string expected)
    {
        await using var lab = await ApiLab.StartAsync();
        lab.Store.Create(ResourceTypes.Pods, ApiLab.Pod("a"));
        lab.Store.Create(ResourceTypes.Pods, ApiLab.Pod("b", node: "k8s-w1"));
        lab.Store.Create(ResourceTypes.Pods, ApiLab.Pod("c"));

        var (_, list) = await lab.SendAsync("GET", $"/api/v1/namespaces/default/pods?{query}");

        Assert.Equal(expected, string.Join(' ', list.Objects("items").Select(p => p.Text("metadata", "name"))));
    }

    [Fact]
    public async Task A_watch_speaks_of_what_its_selector_sees()
    {
        await using var lab = await ApiLab.StartAsync();
        var since = lab.Store.ResourceVersion;
        lab.Store.Create(ResourceTypes.Pods, ApiLab.Pod("a"));
        lab.Store.Create(ResourceTypes.Pods, ApiLab.Pod("b"));
        lab.Store.Edit(ResourceTypes.Pods, "default", "a", p => p["metadata"]!["labels"]!["app"] = "other");
        lab.Store.Edit(ResourceTypes.Pods, "default", "b", p => p["metadata"]!["labels"]!["app"] = "a");

        var events = await WatchAsync(lab, $"/api/v1/pods?watch=true&resourceVersion={since}&labelSelector=app%3Da", 3);

        Assert.Equal(["ADDED a", "DELETED a", "ADDED b"], events.Select(e => $"{e.Text("type")} {e.Text("object", "metadata", "name")}"));
    }

    [Fact]
    public async Task A_streamed_list_ends_with_a_bookmark_that_says_so()
    {
        await using var lab = await ApiLab.StartAsync();
        lab.Store.Create(ResourceTypes.Pods, ApiLab.Pod("a"));

        var events = await WatchAsync(lab, "/api/v1/pods?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true", 2);

        Assert.Equal(["ADDED", "BOOKMARK"], events.Select(e => e.Text("type")));
        Assert.Equal("true", events[1].Text("object", "metadata", "annotations", "k8s.io/initial-events-end"));
        Assert.Equal(lab.Store.ResourceVersion.ToString(null, null), events[1].Text("object", "metadata", "resourceVersion"));
    }

    [Fact]
    public async Task A_watch_from_before_what_is_remembered_is_told_so()
    {
        await using var lab = await ApiLab.StartAsync();
        lab.Store.Create(ResourceTypes.Pods, ApiLab.Pod("a"));
        lab.Store.Compact();

        var events = await WatchAsync(lab, "/api/v1/pods?watch=true&resourceVersion=2", 1);

        Assert.Equal(("ERROR", 410, "Expired"), (events[0].Text("type"), (int)events[0].Number("object", "code")!, events[0].Text("object", "reason")));
    }

    [Fact]
    public async Task A_table_has_upstreams_columns()
    {
        await using var lab = await ApiLab.StartAsync();
        lab.Store.Create(ResourceTypes.Pods, ApiLab.Pod("web", node: "k8s-w1"));
        lab.Clock.Advance(TimeSpan.FromMinutes(95));

        var (_, table) = await lab.SendAsync("GET", "/api/v1/namespaces/default/pods", accept: "application/json;as=Table;v=v1;g=meta.k8s.io");

        Assert.Equal(["Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", "Nominated Node", "Readiness Gates"], table.Objects("columnDefinitions").Select(c => c.Text("name")));
        Assert.Equal("web|0/1|Pending|0|95m|<none>|k8s-w1|<none>|<none>", string.Join('|', table.Objects("rows").Single().Texts("cells")));
    }

    [Fact]
    public async Task Unknown_fields_are_refused_or_reported_as_asked()
    {
        await using var lab = await ApiLab.StartAsync();
        const string pod = """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i","imagee":"x"}]}}""";

        var strict = await lab.SendAsync("POST", "/api/v1/namespaces/default/pods?fieldValidation=Strict", pod);
        var lax = await lab.SendAsync("POST", "/api/v1/namespaces/default/pods?fieldValidation=Ignore", pod);
        var mistyped = await lab.SendAsync("POST", "/api/v1/namespaces/default/pods", pod.Replace("\"i\"", "7", StringComparison.Ordinal));

        Assert.Equal((400, "Pod in version \"v1\" cannot be handled as a Pod: strict decoding error: unknown field \"spec.containers[0].imagee\""), (strict.Code, strict.Body.Text("message")));
        Assert.Equal(201, lax.Code);
        Assert.Equal(400, mistyped.Code);
        Assert.Contains("json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string", mistyped.Body.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_changes_nothing()
    {
        await using var lab = await ApiLab.StartAsync();
        var before = lab.Store.ResourceVersion;

        var made = await lab.SendAsync("POST", "/api/v1/namespaces/default/configmaps?dryRun=All", """{"metadata":{"name":"c"}}""");

        Assert.Equal(201, made.Code);
        Assert.Equal(before, lab.Store.ResourceVersion);
        Assert.Null(lab.Store.Find(ResourceTypes.ConfigMaps, "default", "c"));
    }

    [Fact]
    public async Task A_definition_brings_its_kind_and_takes_it_away()
    {
        await using var lab = await ApiLab.StartAsync();
        var made = await lab.SendAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
            {"metadata":{"name":"ciliumnodes.cilium.io"},"spec":{"group":"cilium.io","scope":"Cluster","names":{"kind":"CiliumNode","plural":"ciliumnodes"},
             "versions":[{"name":"v2","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":
             {"spec":{"type":"object","properties":{"size":{"type":"integer","default":3}}}}}}}]}}
            """);
        var node = await lab.SendAsync("POST", "/apis/cilium.io/v2/ciliumnodes", """{"metadata":{"name":"n"},"spec":{"stranger":1}}""");
        var wrong = await lab.SendAsync("PATCH", "/apis/cilium.io/v2/ciliumnodes/n", """{"spec":{"size":"big"}}""", "application/merge-patch+json");
        var strategic = await lab.SendAsync("PATCH", "/apis/cilium.io/v2/ciliumnodes/n", "{}", "application/strategic-merge-patch+json");
        await lab.SendAsync("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ciliumnodes.cilium.io");
        var gone = await lab.SendAsync("GET", "/apis/cilium.io/v2/ciliumnodes");

        Assert.Equal(201, made.Code);
        Assert.Equal("""{"size":3}""", node.Body.Object("spec")!.ToJsonString());
        Assert.Equal((422, "CiliumNode.cilium.io \"n\" is invalid: spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\""), (wrong.Code, wrong.Body.Text("message")));
        Assert.Equal(415, strategic.Code);
        Assert.Equal((404, "404 page not found\n"), (gone.Code, gone.Body.Text("text")));
    }

    [Fact]
    public async Task Faults_happen_as_they_are_asked_for()
    {
        await using var lab = await ApiLab.StartAsync();
        var fault = new Interceptor { Fault = ApiFault.TooManyRequests(7) };
        lab.Server.Interceptor = fault;
        using var busy = await lab.Client.GetAsync("/api/v1/pods", TestContext.Current.CancellationToken);
        fault.Fault = ApiFault.InternalError("etcdserver: request timed out");
        var broken = await lab.SendAsync("GET", "/api/v1/pods");
        fault.Fault = new ApiFault { Hang = true };
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lab.Client.GetAsync("/api/v1/pods", patience.Token));
        fault.Fault = new ApiFault { CutWatchAfter = 1 };
        // the reset may overtake what was sent before it
        var cut = await Record.ExceptionAsync(() => WatchAsync(lab, "/api/v1/namespaces?watch=true", 2));
        Assert.True(cut is IOException or HttpRequestException, $"{cut}");

        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(7)), (busy.StatusCode, busy.Headers.RetryAfter!.Delta));
        Assert.Equal((500, "Internal error occurred: etcdserver: request timed out"), (broken.Code, broken.Body.Text("message")));
    }

    [Fact]
    public async Task A_hundred_servers_leave_nothing_behind()
    {
        await using (await ApiLab.StartAsync())
        {
        }
        var before = OpenFiles();
        for (var i = 0; i < 100; i++)
        {
            await using var lab = await ApiLab.StartAsync();
            Assert.Equal(200, (await lab.SendAsync("GET", "/readyz")).Code);
        }

        // other tests run beside this one: what a hundred servers would leave is far more
        Assert.True(OpenFiles() - before < 80, $"{before} open files before, {OpenFiles()} after");
    }

    internal static async Task<List<JsonObject>> WatchAsync(ApiLab lab, string path, int count)
    {
        var token = TestContext.Current.CancellationToken;
        using var response = await lab.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(token));
        var events = new List<JsonObject>();
        while (events.Count < count)
            events.Add(JsonNode.Parse(await reader.ReadLineAsync(token) ?? throw new IOException("the watch ended"))!.AsObject());
        return events;
    }

    private static int OpenFiles() => OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : 0;

    private sealed class Interceptor : IApiInterceptor
    {
        public ApiFault? Fault { get; set; }

        public ApiFault? Before(ApiCall call) => Fault;
    }
}
