using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Tests.Simulator.Api;

/// <summary>Service accounts, their tokens, and what roles let people do.</summary>
public class AccessTests
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    [Fact]
    public async Task A_service_account_may_do_what_its_roles_say_and_no_more()
    {
        await using var lab = await ApiLab.StartAsync();
        using var robot = await RobotAsync(lab, "view");

        Assert.Equal(200, (await SendAsync(robot, "GET", Pods)).Code);
        var (code, refusal) = await SendAsync(robot, "GET", "/api/v1/namespaces/default/secrets/s");
        Assert.Equal((403, "secrets \"s\" is forbidden: User \"system:serviceaccount:default:robot\" cannot get resource \"secrets\" in API group \"\" in the namespace \"default\""), (code, refusal.Text("message")));
        Assert.Equal(("s", "secrets"), (refusal.Text("details", "name"), refusal.Text("details", "kind")));
        lab.Store.Delete(ResourceTypes.RoleBindings, "default", "robot");
        Assert.Equal("pods is forbidden: User \"system:serviceaccount:default:robot\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"",
            (await SendAsync(robot, "GET", Pods)).Body.Text("message"));
    }

    [Fact]
    public async Task A_token_ends_with_its_time_and_with_its_account()
    {
        await using var lab = await ApiLab.StartAsync();
        using var robot = await RobotAsync(lab, "view");
        lab.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(200, (await SendAsync(robot, "GET", Pods)).Code);
        lab.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(401, (await SendAsync(robot, "GET", Pods)).Code);

        using var other = await RobotAsync(lab, "view", "second");
        Assert.Equal(200, (await SendAsync(other, "GET", Pods)).Code);
        lab.Store.Delete(ResourceTypes.ServiceAccounts, "default", "second");
        lab.Store.Create(ResourceTypes.ServiceAccounts, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "second", ["namespace"] = "default" } });
        Assert.Equal(401, (await SendAsync(other, "GET", Pods)).Code);
    }

    [Fact]
    public async Task A_changed_or_foreign_token_is_nobodys()
    {
        await using var lab = await ApiLab.StartAsync();
        await using var elsewhere = await ApiLab.StartAsync();
        using var robot = await RobotAsync(lab, "view");
        using var stranger = await RobotAsync(elsewhere, "view");
        var token = robot.DefaultRequestHeaders.Authorization!.Parameter!;
        var review = await lab.SendAsync("POST", "/apis/authentication.k8s.io/v1/tokenreviews", $$$"""{"spec":{"token":"{{{token}}}"}}""");
        var foreign = await lab.SendAsync("POST", "/apis/authentication.k8s.io/v1/tokenreviews", $$$"""{"spec":{"token":"{{{stranger.DefaultRequestHeaders.Authorization!.Parameter}}}"}}""");
        robot.DefaultRequestHeaders.Authorization = new("Bearer", token[..^4] + (token.EndsWith("AAAA", StringComparison.Ordinal) ? "BBBB" : "AAAA"));

        Assert.Equal("system:serviceaccount:default:robot", review.Body.Text("status", "user", "username"));
        Assert.Equal(["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"], review.Body.Texts("status", "user", "groups"));
        Assert.False(foreign.Body.Flag("status", "authenticated"));
        Assert.Equal(401, (await SendAsync(robot, "GET", Pods)).Code);
    }

    [Fact]
    public async Task Whoever_acts_for_somebody_else_needs_to_be_allowed_to()
    {
        await using var lab = await ApiLab.StartAsync();
        using var robot = await RobotAsync(lab, "edit");
        robot.DefaultRequestHeaders.Add("Impersonate-User", "kubernetes-admin");
        var (code, refusal) = await SendAsync(robot, "GET", Pods);
        robot.DefaultRequestHeaders.Remove("Impersonate-User");
        robot.DefaultRequestHeaders.Add("Impersonate-User", "system:serviceaccount:default:other");
        var other = await SendAsync(robot, "GET", Pods);

        Assert.Equal((403, "users \"kubernetes-admin\" is forbidden: User \"system:serviceaccount:default:robot\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope"), (code, refusal.Text("message")));
        Assert.Contains("User \"system:serviceaccount:default:other\" cannot list resource \"pods\"", other.Body.Text("message"), StringComparison.Ordinal);
    }

    private static async Task<HttpClient> RobotAsync(ApiLab lab, string role, string name = "robot")
    {
        await lab.SendAsync("POST", "/api/v1/namespaces/default/serviceaccounts", $$$"""{"metadata":{"name":"{{{name}}}"}}""");
        await lab.SendAsync("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
            $$$"""{"metadata":{"name":"{{{name}}}"},"roleRef":{"kind":"ClusterRole","name":"{{{role}}}"},"subjects":[{"kind":"ServiceAccount","name":"{{{name}}}"}]}""");
        var (code, token) = await lab.SendAsync("POST", $"/api/v1/namespaces/default/serviceaccounts/{name}/token", """{"spec":{"expirationSeconds":3600}}""");
        Assert.Equal(201, code);
        var client = new HttpClient(lab.Handler(null)) { BaseAddress = lab.Server.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Text("status", "token"));
        return client;
    }

    private static async Task<(int Code, JsonObject Body)> SendAsync(HttpClient client, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject());
    }
}
