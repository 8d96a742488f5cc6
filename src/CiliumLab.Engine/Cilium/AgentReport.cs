using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cilium;

/// <summary>What one agent says: its status, its options and its view of the health mesh; or why it does not say it.</summary>
/// <param name="Node">The agent's node.</param>
internal sealed record AgentReport(string Node)
{
    /// <summary>The agent's status; null when it does not answer.</summary>
    public CiliumAgentStatus? Status { get; private init; }

    /// <summary>The options that can be changed while it runs.</summary>
    public IReadOnlyDictionary<string, string> Options { get; private init; } = new Dictionary<string, string>();

    /// <summary>The paths that it probes.</summary>
    public IReadOnlyList<CiliumHealth> Paths { get; init; } = [];

    /// <summary>Why it does not answer; null when it does.</summary>
    public LabException? Failure { get; private init; }

    /// <summary>Asks an agent.</summary>
    public static async Task<AgentReport> ReadAsync(CiliumAgents agents, string node, CancellationToken cancellationToken)
    {
        var report = new AgentReport(node);
        try
        {
            var status = await agents.StatusAsync(node, static _ => { }, cancellationToken).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
            report = report with { Status = status };
            report = report with { Options = OptionsIn(await agents.RunAsync(node, ["config", "-o", "json"], cancellationToken).ConfigureAwait(false)) };
            return report with
            {
                Paths = await agents.HealthAsync(node, static _ => { }, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false),
            };
        }
        catch (LabException error)
        {
            return report with { Failure = error };
        }
    }

    private static Dictionary<string, string> OptionsIn(NodeCommandResult result)
    {
        try
        {
            return result.ExitCode == 0 ? JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(result.Output)!.ToDictionary(pair => pair.Key, pair => pair.Value.ToString()) : [];
        }
        catch (JsonException)
        {
            // Options only add to the differences that are told; an agent that prints them otherwise has no part in that.
            return [];
        }
    }
}
