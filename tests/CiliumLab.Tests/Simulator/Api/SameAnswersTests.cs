using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Tests.Simulator.Api;

/// <summary>
/// The same requests to a real API server and to the simulator's: what comes back must be the same, but for what is random, a matter of
/// time, or newer than the real one. Debian's sources build one of Kubernetes 1.20, against which this was written.
/// </summary>
public partial class SameAnswersTests
{
    /// <summary>Fields that differ between any two servers.</summary>
    private static readonly HashSet<string> Own = ["uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "selfLink", "managedFields", "lastTransitionTime", "time", "continue"];

    /// <summary>Fields that newer servers fill in or report, by the version that brought them.</summary>
    private static readonly HashSet<string> Newer =
    [
        "description", // of table columns: ours are in our own words
        "serviceAccount", "serviceAccountName", // the admission plugin that fills them in needs a controller, so the real one runs without
        "kubernetes.io/metadata.name", // 1.21
        "internalTrafficPolicy", // 1.22
        "ipFamilyPolicy", "ipFamilies", "clusterIPs", // beta until 1.23
    ];

    [Fact]
    public async Task The_simulator_answers_as_a_real_server_does()
    {
        Assert.SkipWhen(RealApiServer.Program() is null, "KUBEBUILDER_ASSETS names no folder with kube-apiserver");
        var token = TestContext.Current.CancellationToken;
        await using var real = await RealApiServer.StartAsync(token);
        await using var lab = await ApiLab.StartAsync();
        using var client = new HttpClient(lab.Handler(null)) { BaseAddress = lab.Server.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", lab.Server.Authentication.IssueToken("kubernetes-admin", RoleBasedAccess.Masters));
        var differences = new StringBuilder();
        foreach (var exchange in ComparedRequests.All())
        {
            var (theirCode, theirs) = await SendAsync(real.Client, exchange, token);
            var (ourCode, ours) = await SendAsync(client, exchange, token);
            if (ourCode == theirCode && (ours == theirs || exchange.Wording is not null))
                continue;
            differences.Append($"{exchange.Method} {exchange.Path} {exchange.As} {exchange.Body}\n  real: {theirCode} {theirs}\n  ours: {ourCode} {ours}\n");
        }

        Assert.True(differences.Length == 0, differences.ToString());
    }

    private static async Task<(int Code, string Answer)> SendAsync(HttpClient client, ComparedRequest exchange, CancellationToken token)
    {
        using var request = new HttpRequestMessage(new HttpMethod(exchange.Method), exchange.Path);
        if (exchange.Body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(exchange.Body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(exchange.ContentType);
        }
        if (exchange.Accept is not null)
            request.Headers.Accept.ParseAdd(exchange.Accept);
        if (exchange.As is not null)
            request.Headers.Add("Impersonate-User", exchange.As);
        request.Headers.UserAgent.ParseAdd("comparison/1");
        using var response = await client.SendAsync(request, token);
        var text = await response.Content.ReadAsStringAsync(token);
        return ((int)response.StatusCode, text.StartsWith('{') ? Identifier().Replace(Plain(JsonNode.Parse(text)!)!.ToJsonString(JsonFields.Plain), "UID") : text);
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Identifier();

    /// <summary>What must be the same, with the fields in one order.</summary>
    private static JsonNode? Plain(JsonNode? node) => node switch
    {
        JsonObject obj => new JsonObject(obj.Where(f => !Own.Contains(f.Key) && !Newer.Contains(f.Key) && !IsPodGeneration(obj, f.Key)).OrderBy(static f => f.Key, StringComparer.Ordinal)
            .Select(static f => KeyValuePair.Create(f.Key, Plain(f.Value))).Where(static f => f.Value is not (null or JsonObject { Count: 0 } or JsonArray { Count: 0 }))),
        JsonArray list => new JsonArray([.. list.Select(Plain)]),
        _ => node?.DeepClone(),
    };

    /// <summary>Pods count their generations since 1.33.</summary>
    private static bool IsPodGeneration(JsonObject obj, string field) => field == "generation" && obj.Parent.Text("kind") == "Pod";
}
