using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using CiliumLab.Simulator;
using CiliumLab.Simulator.Api;
using Microsoft.Extensions.Time.Testing;

namespace CiliumLab.Tests.Simulator.Api;

/// <summary>A running API server with a clock that stands still, and a client with an administrator's certificate.</summary>
internal sealed class ApiLab : IAsyncDisposable
{
    private readonly X509Certificate2 _certificate;

    private ApiLab(ApiServer server, FakeTimeProvider clock)
    {
        Server = server;
        Clock = clock;
        var (certificate, key) = server.Certificates.IssueClient("kubernetes-admin", "kubeadm:cluster-admins");
        _certificate = X509Certificate2.CreateFromPem(certificate, key);
        Client = new HttpClient(Handler(_certificate)) { BaseAddress = server.Address };
    }

    public ApiServer Server { get; }

    public ObjectStore Store => Server.Store;

    public FakeTimeProvider Clock { get; }

    public HttpClient Client { get; }

    public static ObjectStore NewStore(FakeTimeProvider? clock = null)
    {
        var store = new ObjectStore(clock ?? NewClock(), new Seed(7));
        ApiBootstrap.Run(store, IPAddress.Parse("192.168.10.100"));
        // what kubeadm does for the administrator of the kubeconfig
        store.Create(ResourceTypes.ClusterRoleBindings, JsonNode.Parse("""
            {"metadata":{"name":"kubeadm:cluster-admins"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"},
             "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"Group","name":"kubeadm:cluster-admins"}]}
            """)!.AsObject());
        return store;
    }

    public static FakeTimeProvider NewClock() => new(new DateTimeOffset(2025, 7, 19, 12, 0, 0, TimeSpan.Zero));

    public static async Task<ApiLab> StartAsync()
    {
        var clock = NewClock();
        return new(await ApiServer.StartAsync(NewStore(clock), cancellationToken: TestContext.Current.CancellationToken), clock);
    }

    public bool Trusts(X509Certificate2? certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Server.Certificates.Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return certificate is not null && chain.Build(certificate);
    }

    public HttpClientHandler Handler(X509Certificate2? certificate)
    {
        var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, shown, _, errors) => !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && Trusts(shown),
        };
        if (certificate is not null)
            handler.ClientCertificates.Add(certificate);
        return handler;
    }

    /// <summary>Sends a request and gives the code and the object that came back.</summary>
    public async Task<(int Code, JsonObject Body)> SendAsync(string method, string path, string? body = null, string type = "application/json", string? accept = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }
        if (accept is not null)
            request.Headers.Accept.ParseAdd(accept);
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : new JsonObject { ["text"] = text });
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _certificate.Dispose();
        await Server.DisposeAsync();
    }

    public static JsonObject Pod(string name, string ns = "default", string? node = null)
    {
        var pod = JsonNode.Parse($$$"""
            {"metadata":{"name":"{{{name}}}","namespace":"{{{ns}}}","labels":{"app":"{{{name}}}"}},"spec":{"containers":[{"name":"c","image":"traefik/whoami"}]}}
            """)!.AsObject();
        if (node is not null)
            pod["spec"]!["nodeName"] = node;
        return pod;
    }

    public static JsonObject ConfigMap(string name, params ReadOnlySpan<(string Key, string Value)> data)
    {
        var map = new JsonObject();
        foreach (var (key, value) in data)
            map[key] = value;
        return new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" }, ["data"] = map };
    }
}
