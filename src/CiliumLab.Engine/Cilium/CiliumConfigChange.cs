using System.Text.Json.Nodes;
using CiliumLab.Engine.Cni;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cilium;

/// <summary>A change of keys in Cilium's ConfigMap, and the restart that makes agents go by it.</summary>
public sealed class CiliumConfigChange
{
    private readonly LabSession _session;
    private readonly V1ConfigMap _map;

    private CiliumConfigChange(LabSession session, V1ConfigMap map, IReadOnlyList<CiliumConfigEntry> entries) => (_session, _map, Entries) = (session, map, entries);

    /// <summary>The keys with their values before and after; one whose value is right already is not changed.</summary>
    public IReadOnlyList<CiliumConfigEntry> Entries { get; }

    /// <summary>Looks what would change.</summary>
    /// <param name="session">The lab.</param>
    /// <param name="values">The keys and their new values; null takes a key away.</param>
    /// <param name="force">Whether keys and values may be such that no agent takes them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LabException"><c>CiliumConfigKeyUnknown</c> with the nearest, <c>CiliumConfigValueInvalid</c>, <c>CiliumConfigKeysUnknown</c> or <c>CiliumNotInstalled</c>.</exception>
    public static async Task<CiliumConfigChange> PlanAsync(LabSession session, IReadOnlyDictionary<string, string?> values, bool force, CancellationToken cancellationToken)
    {
        var map = await CiliumConfig.FindAsync(session.Cluster, cancellationToken).ConfigureAwait(false);
        var data = map.Data ?? new Dictionary<string, string>();
        if (!force)
            await RequireTakenAsync(session, values, data, cancellationToken).ConfigureAwait(false);
        return new CiliumConfigChange(session, map, [.. values.Select(pair => Entry(data, pair.Key, pair.Value))]);
    }

    /// <summary>How to set a key so that Helm keeps it.</summary>
    public static string KeptByHelm(CiliumConfigEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var key = entry.ChartValue ?? $"extraConfig.{entry.Key}";
        return $"Install-Cni Cilium -Value @{{ '{key}' = {(entry.Value is "true" or "false" ? "$" + entry.Value : $"'{entry.Value}'")} }}";
    }

    /// <summary>Writes the keys, all at once; keys that were not asked for stay as they are.</summary>
    /// <exception cref="LabException"><c>CiliumConfigConflict</c> when somebody changed the ConfigMap meanwhile; nothing is written then.</exception>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var data = new JsonObject(Entries.Where(entry => entry.Changed).Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value)));
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = _map.Metadata.ResourceVersion }, ["data"] = data };
        try
        {
            await _session.Cluster.MergeAsync<V1ConfigMap>(CiliumConfig.Namespace, CiliumConfig.Name, patch, cancellationToken).ConfigureAwait(false);
        }
        catch (LabException error) when (error.ErrorId == "ClusterConflict")
        {
            throw new LabException(
                "CiliumConfigConflict",
                LabErrorKind.InvalidOperation,
                $"Somebody else changed {CiliumConfig.Name} while it was looked at, so nothing was written.",
                CiliumConfig.Name,
                "See what it holds now: Get-CiliumConfig; and do it again.",
                error);
        }
    }

    private static CiliumConfigEntry Entry(IDictionary<string, string> data, string key, string? value)
    {
        var before = data.TryGetValue(key, out var found) ? found : null;
        return new CiliumConfigEntry { Key = key, Value = value, Before = before, Changed = before != value, ChartValue = CiliumChartSettings.ValueOf(key) };
    }

    // An agent that a wrong value keeps from starting says nothing, and the keys that are set must be mended all the same.
    private static async Task RequireTakenAsync(LabSession session, IReadOnlyDictionary<string, string?> values, IDictionary<string, string> data, CancellationToken cancellationToken)
    {
        var (flags, silent) = await FlagsAsync(session, cancellationToken).ConfigureAwait(false);
        var fresh = values.Keys.Where(key => !data.ContainsKey(key)).ToList();
        if (flags.Count == 0 && fresh.Count > 0)
        {
            throw new LabException(
                "CiliumConfigKeysUnknown",
                LabErrorKind.ResourceUnavailable,
                $"No agent says which options it knows{(silent is null ? "" : $": {silent.Message}")}",
                session.Description.Name,
                "See what is wrong with the agents: Get-CiliumStatus; or set the key unseen with -Force.",
                silent);
        }

        if (fresh.FirstOrDefault(key => !flags.ContainsKey(key)) is { } unknown)
            throw Unknown(unknown, Spelling.Nearest(unknown, flags.Keys.Union(data.Keys)));
        foreach (var (key, value) in values)
        {
            if (value is not null && flags.TryGetValue(key, out var flag) && !flag.Takes(value))
                throw NotTaken(flag, value);
        }
    }

    private static LabException Unknown(string key, string? near) =>
        new(
            "CiliumConfigKeyUnknown",
            LabErrorKind.InvalidArgument,
            $"Cilium's agents know no option '{key}'{(near is null ? "" : $"; the nearest is '{near}'")}. Nothing was changed.",
            key,
            near is null ? "See the keys that are set: Get-CiliumConfig; a key of another program of Cilium needs -Force." : $"Set-CiliumConfig {near} VALUE");

    private static LabException NotTaken(AgentFlag flag, string value) =>
        new(
            "CiliumConfigValueInvalid",
            LabErrorKind.InvalidArgument,
            $"'{value}' is no value of {flag.Name}: Cilium's agents want {flag.Expected} there, and do not start with anything else. Nothing was changed.",
            flag.Name,
            $"See what it is now: Get-CiliumConfig {flag.Name}");

    // Agents are of one version or about to be; the first that answers speaks for all.
    private static async Task<(IReadOnlyDictionary<string, AgentFlag> Flags, LabException? Silent)> FlagsAsync(LabSession session, CancellationToken cancellationToken)
    {
        LabException? silent = null;
        foreach (var node in session.Nodes)
        {
            try
            {
                var shell = await session.Agents.ShellAsync(node, cancellationToken).ConfigureAwait(false);
                var help = await shell.RunAsync(NodeCommand.Of("cilium-agent", "--help"), cancellationToken).ConfigureAwait(false);
                var flags = new Dictionary<string, AgentFlag>(StringComparer.Ordinal);
                foreach (var flag in AgentFlagsText.Parse(new StringReader(help.Output)))
                    flags[flag.Name] = flag;
                if (flags.Count > 0)
                    return (flags, silent);
            }
            catch (LabException error)
            {
                silent ??= error;
            }
        }

        return (new Dictionary<string, AgentFlag>(), silent);
    }
}
