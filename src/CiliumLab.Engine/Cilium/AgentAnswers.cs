using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cilium;

/// <summary>What agents are asked from several places: the command of each question, and how its answer is read.</summary>
public static class AgentAnswers
{
    /// <summary>What an agent says about itself.</summary>
    /// <param name="agents">The agents.</param>
    /// <param name="node">The agent's node.</param>
    /// <param name="warn">Is told of what was not understood.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    public static IAsyncEnumerable<CiliumAgentStatus> StatusAsync(this CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        Of(agents).ReadAsync(node, ["status", "-o", "json"], CiliumStatusText.Parse, warn, cancellationToken);

    /// <summary>Its endpoints, as it knows them itself.</summary>
    /// <inheritdoc cref="StatusAsync"/>
    public static IAsyncEnumerable<CiliumEndpoint> EndpointsAsync(this CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        Of(agents).ReadAsync(node, ["endpoint", "list", "-o", "json"], CiliumEndpointText.Parse, warn, cancellationToken);

    /// <summary>The identities that it knows.</summary>
    /// <inheritdoc cref="StatusAsync"/>
    public static IAsyncEnumerable<CiliumIdentity> IdentitiesAsync(this CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        Of(agents).ReadAsync(node, ["identity", "list", "-o", "json"], CiliumIdentityText.Parse, warn, cancellationToken);

    /// <summary>The services that it serves.</summary>
    /// <inheritdoc cref="StatusAsync"/>
    public static IAsyncEnumerable<CiliumService> ServicesAsync(this CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        Of(agents).ReadAsync(node, ["service", "list", "-o", "json"], CiliumServiceText.Parse, warn, cancellationToken);

    /// <summary>The ipcache of its datapath.</summary>
    /// <inheritdoc cref="StatusAsync"/>
    public static IAsyncEnumerable<CiliumIpCacheEntry> IpCacheAsync(this CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        Of(agents).ReadAsync(node, ["bpf", "ipcache", "list", "-o", "json"], IpCacheText.Parse, warn, cancellationToken);

    /// <summary>The policy maps of its endpoints.</summary>
    /// <inheritdoc cref="StatusAsync"/>
    public static IAsyncEnumerable<BpfPolicyEntry> PoliciesAsync(this CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        Of(agents).ReadAsync(node, ["bpf", "policy", "get", "--all", "-o", "json"], PolicyText.Parse, warn, cancellationToken);

    /// <summary>How well it reaches other nodes and their health endpoints.</summary>
    /// <inheritdoc cref="StatusAsync"/>
    public static IAsyncEnumerable<CiliumHealth> HealthAsync(this CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        Of(agents).ReadProgramAsync(node, ["cilium-health", "status", "-o", "json"], CiliumHealthText.Parse, warn, cancellationToken);

    private static CiliumAgents Of(CiliumAgents agents)
    {
        ArgumentNullException.ThrowIfNull(agents);
        return agents;
    }
}
