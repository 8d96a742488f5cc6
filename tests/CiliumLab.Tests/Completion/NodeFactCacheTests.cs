using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.PowerShell.Completion;

namespace CiliumLab.Tests.Completion;

public sealed class NodeFactCacheTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HandClock _clock = new();

    [Fact]
    public void Names_of_all_nodes_come_once_and_sorted()
    {
        var cache = Cache(Patience);

        var names = cache.Names(Lab(), ["n1", "n2"], "links", (shell, _) => Answer(shell.Node, "eth0"));

        Assert.Equal(["eth0", "n1", "n2"], names);
    }

    [Fact]
    public void A_node_is_not_asked_again_while_its_answer_is_fresh()
    {
        var cache = Cache(Patience);
        var lab = Lab();
        var asked = 0;
        NodeFactSource source = (_, _) => Answer($"eth{asked++}");

        cache.Names(lab, ["n1"], "links", source);
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(["eth0"], cache.Names(lab, ["n1"], "links", source));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["eth1"], cache.Names(lab, ["n1"], "links", source));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_slow_node_does_not_hold_Tab_and_answers_the_next_press()
    {
        var cache = Cache(TimeSpan.FromMilliseconds(1));
        var lab = Lab();
        var slow = new TaskCompletionSource<IReadOnlyCollection<string>>();
        var asked = 0;
        NodeFactSource source = (_, _) =>
        {
            asked++;
            return slow.Task;
        };

        Assert.Empty(cache.Names(lab, ["n1"], "links", source));
        slow.SetResult(["cni0"]);
        while (cache.Names(lab, ["n1"], "links", source).Count == 0)
            await Task.Yield();

        Assert.Equal(["cni0"], cache.Names(lab, ["n1"], "links", source));
        Assert.Equal(1, asked);
    }

    [Fact]
    public void An_old_answer_is_offered_while_the_next_one_is_fetched()
    {
        var lab = Lab();
        var cache = new NodeFactCache(_clock, Patience, TimeSpan.FromSeconds(30));
        cache.Names(lab, ["n1"], "links", (_, _) => Answer("eth0"));
        _clock.Advance(TimeSpan.FromMinutes(1));

        var names = cache.Names(lab, ["n1"], "links", (_, _) => throw new InvalidOperationException("the node is gone"));

        Assert.Equal(["eth0"], names);
    }

    [Fact]
    public void A_failed_node_is_asked_again_soon_and_does_not_hide_the_others()
    {
        var cache = Cache(Patience);
        var lab = Lab();
        var broken = true;
        NodeFactSource source = (shell, _) => shell.Node == "n1" && broken ? throw new InvalidOperationException("no route") : Answer(shell.Node);

        Assert.Equal(["n2"], cache.Names(lab, ["n1", "n2"], "links", source));
        broken = false;
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(["n1", "n2"], cache.Names(lab, ["n1", "n2"], "links", source));
    }

    [Fact]
    public void Different_facts_of_a_node_are_kept_apart()
    {
        var cache = Cache(Patience);
        var lab = Lab();

        cache.Names(lab, ["n1"], "links", (_, _) => Answer("eth0"));

        Assert.Equal(["INPUT"], cache.Names(lab, ["n1"], "chains", (_, _) => Answer("INPUT")));
    }

    private NodeFactCache Cache(TimeSpan patience) => new(_clock, patience, TimeSpan.FromSeconds(30));

    private static Task<IReadOnlyCollection<string>> Answer(params string[] names) => Task.FromResult<IReadOnlyCollection<string>>(names);

    private static LabSession Lab() =>
        new(
            new LabDescription
            {
                Name = "test",
                Nodes = [new NodeDescription { Node = "n1", Host = "h", User = "u" }, new NodeDescription { Node = "n2", Host = "h", User = "u" }],
            },
            "",
            node => new NamedShell(node));

    private sealed class HandClock : TimeProvider
    {
        private DateTimeOffset _now = new(2025, 7, 14, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan by) => _now += by;
    }

    private sealed class NamedShell(NodeDescription node) : INodeShell
    {
        public string Lab => "test";

        public NodeDescription Description => node;

        public Task<IRunningCommand> StartAsync(NodeCommand command, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<string?> WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<string?> DeleteFileAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
