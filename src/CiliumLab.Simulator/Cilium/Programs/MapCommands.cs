using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Commands about the agent's view of maps: <c>map list</c>, <c>map get</c>, <c>map events</c>.</summary>
internal static class MapCommands
{
    public static IReadOnlyList<AgentCommand> All { get; } =
    [
        new("map list", "o|output= verbose", List),
        new("map get", "o|output=", Get),
        new("map events", "o|output= f|follow", Events) { Follow = FollowAsync },
    ];

    private static JsonObject ToJson(BpfMapCache map) => new()
    {
        ["cache"] = map.IsCached
            ? new JsonArray([.. map.Entries.Select(static entry => (JsonNode)new JsonObject { ["desired-action"] = "sync", ["key"] = entry.Key }.With("value", entry.Value))])
            : null,
        ["path"] = "/sys/fs/bpf/tc/globals/" + map.Name,
    };

    private static int List(AgentCall call)
    {
        var maps = call.Agent.Maps;
        if (call.TryDocument(() => new JsonObject { ["maps"] = new JsonArray([.. maps.Select(static map => (JsonNode)ToJson(map))]) }, out var code))
            return code;
        if (call.Has("verbose"))
        {
            foreach (var map in maps)
            {
                call.Print($"## {map.Name}\n");
                PrintEntries(call, map);
                call.Print("\n");
            }

            return 0;
        }

        var writer = new GoTabWriter().Row("Name", "Num entries", "Num errors", "Cache enabled");
        foreach (var map in maps)
            writer.Row(map.Name, map.Count.ToString(null, null), "0", map.IsCached ? "true" : "false");
        return call.Print(writer.Flush());
    }

    private static int Get(AgentCall call)
    {
        var map = Find(call);
        if (!call.TryDocument(() => ToJson(map), out var code))
            PrintEntries(call, map);
        return code;
    }

    private static void PrintEntries(AgentCall call, BpfMapCache map)
    {
        if (!map.IsCached || map.Count == 0)
        {
            call.Print(map.IsCached ? "Cache is empty\n\n" : "Cache is disabled\n\n");
            return;
        }

        var writer = new GoTabWriter().Row("Key", "Value", "State", "Error");
        foreach (var (key, value) in map.Entries)
            writer.Row(key, value, "sync", "");
        call.Print(writer.Flush());
    }

    private static int Events(AgentCall call)
    {
        var map = Find(call);
        if (!map.KeepsEvents)
            throw AgentCommandException.Fatal("[GET /map/{name}/events][404] getMapNameEventsNotFound");
        if (call.Has("follow"))
            return 0;
        foreach (var change in map.Events)
            Print(call, change);
        return 0;
    }

    private static void Print(AgentCall call, MapEvent change)
    {
        if (!call.TryDocument(change.ToJson, out _))
            call.Line(change.Text);
    }

    private static async Task<int> FollowAsync(AgentCall call, CancellationToken cancellationToken)
    {
        if (!call.Has("follow"))
            return 0;
        var map = Find(call);
        var changes = Channel.CreateUnbounded<MapEvent>();
        void Take(MapEvent change) => changes.Writer.TryWrite(change);
        lock (call.Agent.Node.Kernel.Gate)
        {
            foreach (var change in map.Events)
                Take(change);
            map.Changed += Take;
        }

        try
        {
            await foreach (var change in changes.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                Print(call, change);
                await call.FlushAsync().ConfigureAwait(false);
            }

            return 0;
        }
        finally
        {
            map.Changed -= Take;
        }
    }

    private static BpfMapCache Find(AgentCall call)
    {
        var name = call.First is { Length: > 0 } given ? given : throw AgentCommandException.Fatal("map name must be specified");
        return call.Agent.Maps.FirstOrDefault(map => map.Name == name) ?? throw AgentCommandException.Fatal("[GET /map/{name}][404] getMapNameNotFound");
    }
}
