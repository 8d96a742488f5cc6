using System.Text.Json.Nodes;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Watching;
using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using CiliumLab.Tests.Simulator.Api;
using k8s.Models;
using static CiliumLab.Tests.Cluster.ClusterLab;

namespace CiliumLab.Tests.Cluster;

public sealed class ClusterWatchTests
{
    private static readonly ResourceQuery Maps = new("default") { Labels = "set=1" };

    [Fact]
    public async Task What_is_there_comes_first_and_then_every_change()
    {
        await using var lab = await StartAsync();
        Create(lab, "one");
        await using var states = lab.Client.FollowAsync<V1ConfigMap>(Maps, Token).GetAsyncEnumerator(Token);

        Assert.Equal("one", await NextAsync(states));
        Create(lab, "two");
        Assert.Equal("one two", await NextAsync(states));
        lab.Store.Delete(ResourceTypes.ConfigMaps, "default", "one");
        Assert.Equal("two", await NextAsync(states));
    }

    [Fact]
    public async Task A_watch_that_is_cut_goes_on()
    {
        await using var lab = await StartAsync();
        lab.Api.Server.Interceptor = new Fault((call, _) => IsWatch(call) ? new ApiFault { CutWatchAfter = 1 } : null);
        await using var states = lab.Client.FollowAsync<V1ConfigMap>(Maps, Token).GetAsyncEnumerator(Token);
        Assert.Equal("", await NextAsync(states));

        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            Create(lab, name);
            while (!(await NextAsync(states)).EndsWith(name, StringComparison.Ordinal))
                Assert.NotNull(states.Current);
        }

        Assert.Equal(4, states.Current.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_place_in_history_that_is_gone_is_found_again(bool atOnce)
    {
        await using var lab = await StartAsync();
        var watches = 0;
        lab.Api.Server.Interceptor = new Fault((call, _) =>
        {
            if (!IsWatch(call) || Interlocked.Increment(ref watches) > 2)
                return null;
            return atOnce
                ? new ApiFault { Answer = ApiException.Expired("too old resource version: 1 (2)") }
                : new ApiFault { CutWatchAfter = 0 };
        });
        await using var states = lab.Client.FollowAsync<V1ConfigMap>(Maps, Token).GetAsyncEnumerator(Token);
        Assert.Equal("", await NextAsync(states));
        Create(lab, "late");

        while (await NextAsync(states) != "late")
            Assert.Empty(states.Current);

        lab.Store.Delete(ResourceTypes.ConfigMaps, "default", "late");
        Assert.Equal("", await NextAsync(states));
    }

    [Fact]
    public async Task History_that_was_thrown_away_is_told_inside_the_watch_and_found_again()
    {
        await using var lab = await StartAsync();
        var (watches, lists) = (0, 0);
        lab.Api.Server.Interceptor = new Fault((call, _) =>
        {
            if (!IsWatch(call))
                Interlocked.Increment(ref lists);
            // Between the list and the watch the list's version becomes history that nobody keeps.
            if (IsWatch(call) && Interlocked.Increment(ref watches) == 1)
            {
                lab.Store.Edit(ResourceTypes.Namespaces, null, "default", item => item["metadata"]!["labels"] = new JsonObject { ["new"] = "1" });
                lab.Store.Compact();
            }

            return null;
        });

        await using var states = lab.Client.FollowAsync<V1Namespace>(ResourceQuery.Named(null, "default"), Token).GetAsyncEnumerator(Token);
        do
        {
            Assert.True(await states.MoveNextAsync());
        }
        while (states.Current.Single().Metadata.Labels?.ContainsKey("new") != true);
        Assert.Equal(2, lists);
    }

    [Fact]
    public async Task Waiting_ends_when_nothing_is_missing_and_tells_what_is()
    {
        await using var lab = await StartAsync();
        var steps = new List<string>();
        var wait = new ClusterWait("two maps", TimeSpan.FromMinutes(1))
        {
            Step = step =>
            {
                steps.Add(step);
                Create(lab, $"map{steps.Count}");
                return Task.CompletedTask;
            },
        };

        var found = await lab.Client.WaitAsync<V1ConfigMap>(Maps, wait, present => present.Count < 2 ? $"{present.Count} of 2" : null, Token);

        Assert.Equal(2, found.Count);
        Assert.Equal(["0 of 2", "1 of 2"], steps);
    }

    [Fact]
    public async Task Waiting_in_vain_says_for_what_and_what_was_missing()
    {
        await using var lab = await StartAsync();
        var wait = new ClusterWait("two maps", TimeSpan.FromMilliseconds(300)) { ErrorId = "NoMaps", Target = "maps", RecommendedAction = "Make some." };

        var error = await Assert.ThrowsAsync<LabException>(() => lab.Client.WaitAsync<V1ConfigMap>(Maps, wait, present => $"{present.Count} of 2", Token));

        Assert.Equal(("NoMaps", LabErrorKind.OperationTimeout, "maps", "Make some."), (error.ErrorId, error.Kind, error.Target, error.RecommendedAction));
        Assert.Equal("Waited 0.3 s in vain for two maps: 0 of 2.", error.Message);
    }

    [Fact]
    public async Task A_server_that_goes_away_during_a_wait_ends_it()
    {
        await using var lab = await StartAsync();
        var wait = new ClusterWait("nothing", TimeSpan.FromMinutes(5)) { Step = _ => lab.Api.Server.DisposeAsync().AsTask() };

        var error = await Assert.ThrowsAsync<LabException>(() => lab.Client.WaitAsync<V1ConfigMap>(Maps, wait, _ => "all", Token));

        Assert.Equal("ClusterUnreachable", error.ErrorId);
    }

    private static bool IsWatch(ApiCall call) => call.Query.Contains("watch=true", StringComparison.Ordinal);

    private static void Create(ClusterLab lab, string name)
    {
        var map = ApiLab.ConfigMap(name);
        map["metadata"]!["labels"] = new JsonObject { ["set"] = "1" };
        lab.Store.Create(ResourceTypes.ConfigMaps, map);
    }

    private static async Task<string> NextAsync(IAsyncEnumerator<IReadOnlyCollection<V1ConfigMap>> states)
    {
        Assert.True(await states.MoveNextAsync());
        return string.Join(' ', states.Current.Select(map => map.Metadata.Name).Order(StringComparer.Ordinal));
    }
}
