using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes.Bpf;

namespace CiliumLab.Simulator.Cilium;

/// <summary>bpftool in the agent's container: <c>net show</c>, <c>prog show</c>, <c>map show</c>, as text and as JSON.</summary>
/// <param name="cilium">The installation.</param>
internal sealed class BpftoolProgram(CiliumInstallation cilium) : IContainerProgram
{
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, IndentSize = 4 };

    /// <inheritdoc/>
    public async Task<int> RunAsync(ContainerCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await PrintAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (AgentCommandException refusal)
        {
            return await call.ComplainAsync(refusal.Message, refusal.ExitCode, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<int> PrintAsync(ContainerCall call, CancellationToken cancellationToken)
    {
        var node = cilium[call.Container.Node].Node;
        var words = call.Arguments.Skip(1).ToList();
        var isPretty = words.RemoveAll(static word => word is "-p" or "--pretty") > 0;
        var isJson = words.RemoveAll(static word => word is "-j" or "--json") > 0 || isPretty;
        string text;
        JsonNode json;
        lock (node.Kernel.Gate)
        {
            var bpf = node.Kernel.Bpf;
            var action = words.Count > 1 ? words[1] : "show";
            if (words.Count == 0 || action is not ("show" or "list"))
                throw new AgentCommandException(words.Count == 0 ? "Usage: bpftool [OPTIONS] OBJECT { COMMAND | help }" : $"Error: argument \"{string.Join(' ', words.Take(2))}\" is not simulated", 255);
            uint? id = words is [_, _, "id", var number] && uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
            switch (words[0])
            {
                case "net":
                    (text, json) = (Net(bpf), NetJson(bpf));
                    break;
                case "prog":
                    var programs = bpf.Programs.Where(program => id is null || program.Id == id).ToList();
                    if (id is not null && programs.Count == 0)
                        throw new AgentCommandException($"Error: get by id ({id}): No such file or directory", 255);
                    (text, json) = (string.Concat(programs.Select(Text)), id is null ? new JsonArray([.. programs.Select(static program => (JsonNode)ToJson(program))]) : ToJson(programs[0]));
                    break;
                case "map":
                    var maps = bpf.Maps.Where(map => id is null || map.Id == id).ToList();
                    if (id is not null && maps.Count == 0)
                        throw new AgentCommandException($"Error: get map by id ({id}): No such file or directory", 255);
                    (text, json) = (string.Concat(maps.Select(Text)), id is null ? new JsonArray([.. maps.Select(static map => (JsonNode)ToJson(map))]) : ToJson(maps[0]));
                    break;
                default:
                    throw new AgentCommandException($"Error: object \"{words[0]}\" is not simulated", 255);
            }
        }

        await call.PrintAsync(isJson ? json.ToJsonString(isPretty ? Pretty : null) + "\n" : text, cancellationToken).ConfigureAwait(false);
        return 0;
    }

    // The kernel is asked link by link, and each link point by point.
    private static List<(BpfAttachmentObject Attachment, BpfProgramObject Program)> Attached(BpfObjects bpf) =>
    [
        .. bpf.Attachments.Where(static attachment => attachment.Link is not null).OrderBy(static attachment => attachment.Link!.Index).ThenByDescending(static attachment => attachment.Point, StringComparer.Ordinal)
            .Select(attachment => (attachment, bpf.Programs.First(program => program.Id == attachment.ProgramId))),
    ];

    private static string Net(BpfObjects bpf) =>
        "xdp:\n\ntc:\n" + string.Concat(Attached(bpf).Select(static one => one.Attachment.LinkId is { } link
            ? $"{one.Attachment.Link!.Name}({one.Attachment.Link.Index}) {one.Attachment.Point} {one.Program.Name} prog_id {one.Program.Id} link_id {link} \n"
            : $"{one.Attachment.Link!.Name}({one.Attachment.Link.Index}) {one.Attachment.Point} {one.Program.Name}-{one.Attachment.Link.Name} id {one.Program.Id} \n")) + "\nflow_dissector:\n\nnetfilter:\n\n";

    private static JsonArray NetJson(BpfObjects bpf) =>
    [
        new JsonObject
        {
            ["xdp"] = new JsonArray(),
            ["tc"] = new JsonArray([.. Attached(bpf).Select(static one =>
            {
                var json = new JsonObject { ["devname"] = one.Attachment.Link!.Name, ["ifindex"] = one.Attachment.Link.Index, ["kind"] = one.Attachment.Point, ["name"] = one.Program.Name };
                if (one.Attachment.LinkId is not { } link)
                {
                    json["id"] = one.Program.Id;
                    return (JsonNode)json;
                }

                (json["prog_id"], json["prog_flags"], json["link_id"], json["link_flags"]) = (one.Program.Id, new JsonArray(), link, new JsonArray());
                return json;
            })]),
            ["flow_dissector"] = new JsonArray(),
            ["netfilter"] = new JsonArray(),
        },
    ];

    private static string Text(BpfProgramObject program) =>
        $"{program.Id}: {program.Type}  name {program.Name}  tag {program.Tag}  gpl\n"
        + $"\tloaded_at {program.LoadedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)}+0000  uid 0\n"
        + $"\txlated {program.TranslatedBytes}B  jited {program.JitedBytes}B  memlock {program.LockedBytes}B{(program.MapIds.Count > 0 ? "  map_ids " + string.Join(',', program.MapIds) : "")}\n"
        + (program.BtfId is { } btf ? $"\tbtf_id {btf}\n" : "");

    private static JsonObject ToJson(BpfProgramObject program)
    {
        var json = new JsonObject
        {
            ["id"] = program.Id,
            ["type"] = program.Type,
            ["name"] = program.Name,
            ["tag"] = program.Tag,
            ["gpl_compatible"] = true,
            ["loaded_at"] = program.LoadedAt.ToUnixTimeSeconds(),
            ["uid"] = 0,
            ["orphaned"] = false,
            ["bytes_xlated"] = program.TranslatedBytes,
            ["jited"] = true,
            ["bytes_jited"] = program.JitedBytes,
            ["bytes_memlock"] = program.LockedBytes,
            ["map_ids"] = new JsonArray([.. program.MapIds.Select(static id => (JsonNode?)id)]),
        };
        return json.With("btf_id", program.BtfId);
    }

    private static bool IsFrozen(BpfMapObject map) => (map.Flags & 0x80) != 0;

    private static string Text(BpfMapObject map) =>
        $"{map.Id}: {map.Type}  name {map.Name}  flags 0x{map.Flags:x}\n\tkey {map.KeyBytes}B  value {map.ValueBytes}B  max_entries {map.MaximumEntries}  memlock {map.LockedBytes}B\n"
        + (map.Type == "prog_array" ? "\towner_prog_type sched_cls  owner jited\n" : "")
        + (map.BtfId is { } btf ? $"\tbtf_id {btf}{(IsFrozen(map) ? "  frozen" : "")}\n" : "");

    private static JsonObject ToJson(BpfMapObject map)
    {
        var json = new JsonObject
        {
            ["id"] = map.Id,
            ["type"] = map.Type,
            ["name"] = map.Name,
            ["flags"] = map.Flags,
            ["bytes_key"] = map.KeyBytes,
            ["bytes_value"] = map.ValueBytes,
            ["max_entries"] = map.MaximumEntries,
            ["bytes_memlock"] = map.LockedBytes,
        };
        if (map.Type == "prog_array")
            (json["owner_prog_type"], json["owner_jited"]) = ("sched_cls", true);
        json["frozen"] = IsFrozen(map) ? 1 : 0;
        return json.With("btf_id", map.BtfId);
    }
}
