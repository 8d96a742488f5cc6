using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Connection;
using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using k8s.Models;
using static CiliumLab.Tests.Cluster.ClusterLab;

namespace CiliumLab.Tests.Cluster;

public sealed class ClusterErrorTests
{
    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    public async Task A_server_that_stumbles_is_asked_again(int code)
    {
        await using var lab = await StartAsync();
        var fault = new Fault((_, count) => count < 4 ? Answer(code) : null);
        lab.Api.Server.Interceptor = fault;

        Assert.NotNull(await lab.Client.FindAsync<V1Namespace>(null, "default", Token));

        Assert.Equal(4, fault.Count);
    }

    [Theory]
    [InlineData(429, "ClusterBusy", "the server has received too many requests and has asked us to try again later")]
    [InlineData(500, "ClusterFailed", "Internal error occurred: etcd is slow")]
    public async Task A_server_that_keeps_stumbling_is_an_error_after_five_tries(int code, string errorId, string words)
    {
        await using var lab = await StartAsync();
        var fault = new Fault((_, _) => Answer(code));
        lab.Api.Server.Interceptor = fault;

        var error = await Assert.ThrowsAsync<LabException>(() => lab.Client.FindAsync<V1Namespace>(null, "default", Token));

        Assert.Equal((5, errorId, LabErrorKind.ResourceUnavailable), (fault.Count, error.ErrorId, error.Kind));
        Assert.Equal($"The API server of lab 'test' ({Host(lab)}) says: {words}. It was asked 5 times.", error.Message);
        Assert.NotNull(error.RecommendedAction);
    }

    [Fact]
    public async Task What_may_have_been_done_is_not_sent_twice()
    {
        await using var lab = await StartAsync();
        var fault = new Fault((_, _) => Answer(500));
        lab.Api.Server.Interceptor = fault;

        await Assert.ThrowsAsync<LabException>(() => lab.Client.CreateAsync(new V1Namespace { Metadata = new() { Name = "once" } }, Token));

        Assert.Equal(1, fault.Count);
    }

    [Fact]
    public async Task A_servers_wish_to_wait_is_granted_up_to_a_bound()
    {
        var patience = new ApiPatience();

        Assert.Equal(TimeSpan.FromSeconds(3), patience.Pause(1, TimeSpan.FromSeconds(3)));
        Assert.Equal(patience.LongestPause, patience.Pause(1, TimeSpan.FromHours(1)));
        Assert.Equal(patience.FirstPause * 4, patience.Pause(3, null));

        await using var lab = await StartAsync(patience with { Total = TimeSpan.FromSeconds(2) });
        var fault = new Fault((_, _) => ApiFault.TooManyRequests(60));
        lab.Api.Server.Interceptor = fault;
        Assert.Equal("ClusterBusy", (await Assert.ThrowsAsync<LabException>(() => lab.Client.FindAsync<V1Namespace>(null, "default", Token))).ErrorId);
        Assert.Equal(1, fault.Count);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up()
    {
        await using var lab = await StartAsync(Hasty with { PerTry = TimeSpan.FromMilliseconds(100) });
        lab.Api.Server.Interceptor = new Fault((_, _) => new ApiFault { Hang = true });

        var error = await Assert.ThrowsAsync<LabException>(() => lab.Client.FindAsync<V1Namespace>(null, "default", Token));

        Assert.Equal(("ClusterTimedOut", LabErrorKind.OperationTimeout), (error.ErrorId, error.Kind));
        Assert.Equal($"The API server of lab 'test' ({Host(lab)}) did not answer within 0.1 s, 3 times.", error.Message);
    }

    [Fact]
    public async Task Waiting_for_a_silent_server_can_be_cancelled()
    {
        await using var lab = await StartAsync();
        var asked = new TaskCompletionSource();
        lab.Api.Server.Interceptor = new Fault((_, _) =>
        {
            asked.TrySetResult();
            return new ApiFault { Hang = true };
        });
        using var cancel = new CancellationTokenSource();

        var reading = lab.Client.FindAsync<V1Namespace>(null, "default", cancel.Token);
        await asked.Task.WaitAsync(Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task Somebody_without_rights_is_told_what_he_may_not()
    {
        await using var lab = await StartAsync();
        lab.Api.Server.Interceptor = new Fault((call, _) => new ApiFault
        {
            Answer = ApiException.Forbidden(ResourceTypes.Pods, "", $"User \"{call.User}\" cannot list resource \"pods\" in API group \"\" at the cluster scope"),
        });

        var error = await Assert.ThrowsAsync<LabException>(() => lab.Client.ListAsync<V1Pod>(ResourceQuery.All, Token).ToListAsync(Token).AsTask());

        Assert.Equal(("ClusterAccessDenied", LabErrorKind.PermissionDenied), (error.ErrorId, error.Kind));
        Assert.EndsWith("says: pods is forbidden: User \"kubernetes-admin\" cannot list resource \"pods\" in API group \"\" at the cluster scope.", error.Message, StringComparison.Ordinal);
        Assert.Equal($"See what this user may do: kubectl --kubeconfig '{lab.KubeConfig}' auth can-i --list", error.RecommendedAction);
    }

    [Fact]
    public async Task An_object_that_cannot_be_is_refused_with_what_is_wrong_about_it()
    {
        await using var lab = await StartAsync();

        var error = await Assert.ThrowsAsync<LabException>(() => lab.Client.CreateAsync(new V1Namespace { Metadata = new() { Name = "Not_a_name" } }, Token));
        var twice = await Assert.ThrowsAsync<LabException>(() => lab.Client.CreateAsync(new V1Namespace { Metadata = new() { Name = "default" } }, Token));

        Assert.Equal(("ClusterRequestInvalid", LabErrorKind.InvalidArgument, "Not_a_name"), (error.ErrorId, error.Kind, error.Target));
        Assert.Contains("metadata.name: Invalid value: \"Not_a_name\"", error.Message, StringComparison.Ordinal);
        Assert.Equal(("ClusterObjectExists", "default"), (twice.ErrorId, twice.Target));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unreachable()
    {
        var lab = await StartAsync();
        await using (lab)
        {
            await lab.Api.Server.DisposeAsync();

            var error = await Assert.ThrowsAsync<LabException>(() => lab.Client.FindAsync<V1Namespace>(null, "default", Token));

            Assert.Equal(("ClusterUnreachable", LabErrorKind.ConnectionError), (error.ErrorId, error.Kind));
            Assert.StartsWith($"The API server of lab 'test' ({Host(lab)}) cannot be reached: Connection refused", error.Message, StringComparison.Ordinal);
            Assert.Contains("Start-LabCluster", error.RecommendedAction, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_server_of_another_authority_or_another_name_is_not_trusted()
    {
        await using var lab = await StartAsync();
        await using var other = await StartAsync();
        var text = await File.ReadAllTextAsync(lab.KubeConfig, Token);
        var stranger = lab.Write("stranger", text.Replace(lab.Client.Server.Port.ToString(null, null), other.Client.Server.Port.ToString(null, null), StringComparison.Ordinal));
        var misnamed = lab.Write("misnamed", text.Replace("    server:", "    tls-server-name: somebody.else\n    server:", StringComparison.Ordinal));

        foreach (var kubeConfig in new[] { stranger, misnamed })
        {
            using var client = ClusterClient.Open("test", kubeConfig, Hasty);
            var error = await Assert.ThrowsAsync<LabException>(() => client.FindAsync<V1Namespace>(null, "default", Token));
            Assert.Equal(("ClusterNotTrusted", LabErrorKind.AuthenticationError), (error.ErrorId, error.Kind));
        }
    }

    [Theory]
    [InlineData("    server: https://", "    insecure-skip-tls-verify: true\n    server: https://", "KubeConfigInsecure", "it says insecure-skip-tls-verify")]
    [InlineData("    server: https://127.0.0.1", "    server: http://192.0.2.1", "KubeConfigInsecure", "is not encrypted")]
    [InlineData("    client-key-data: ", "    client-key-data: !", "KubeConfigInvalid", "cannot be used")]
    [InlineData("    user: kubernetes-admin", "    user: nobody", "KubeConfigInvalid", "User not found for context")]
    public async Task A_kubeconfig_that_cannot_be_trusted_is_not_used(string old, string replacement, string errorId, string reason)
    {
        await using var lab = await StartAsync();
        var text = await File.ReadAllTextAsync(lab.KubeConfig, Token);
        Assert.Contains(old, text, StringComparison.Ordinal);
        var broken = lab.Write("broken", text.Replace(old, replacement, StringComparison.Ordinal));

        var error = Assert.Throws<LabException>(() => ClusterClient.Open("test", broken));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static string Host(ClusterLab lab) => $"https://127.0.0.1:{lab.Client.Server.Port}";

    private static ApiFault Answer(int code) => code == 429 ? ApiFault.TooManyRequests(1) : ApiFault.InternalError("etcd is slow");
}
