using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cilium;

/// <content>What agents are asked from several places: the command of each question, and how its answer is read.</content>
public sealed partial class CiliumAgents
{
    /// <summary>What an agent says about itself.</summary>
    /// <param name="node">The agent's node.</param>
    /// <param name="warn">Is told of what was not understood.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    public IAsyncEnumerable<CiliumAgentStatus> StatusAsync(string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        ReadAsync(node, ["status", "-o", "json"], CiliumStatusText.Parse, warn, cancellationToken);

    /// <summary>Its endpoints, as it knows them itself.</summary>
    /// <inheritdoc cref="StatusAsync"/>
    public IAsyncEnumerable<CiliumEndpoint> EndpointsAsync(string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        ReadAsync(node, ["endpoint", "list", "-o", "json"], CiliumEndpointText.Parse, warn, cancellationToken);

    /// <summary>The identities that it knows.</summary>
    /// <inheritdoc cref="StatusAsync"/>
    public IAsyncEnumerable<CiliumIdentity> IdentitiesAsync(string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        ReadAsync(node, ["identity", "list", "-o", "json"], CiliumIdentityText.Parse, warn, cancellationToken);

    /// <summary>The services that it serves.</summary>
    /// <inheritdoc cref="StatusAsync"/>
    public IAsyncEnumerable<CiliumService> ServicesAsync(string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        ReadAsync(node, ["service", "list", "-o", "json"], CiliumServiceText.Parse, warn, cancellationToken);

    /// <summary>The ipcache of its datapath.</summary>
    /// <inheritdoc cref="StatusAsync"/>
    public IAsyncEnumerable<CiliumIpCacheEntry> IpCacheAsync(string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        ReadAsync(node, ["bpf", "ipcache", "list", "-o", "json"], IpCacheText.Parse, warn, cancellationToken);

    /// <summary>The policy maps of its endpoints.</summary>
    /// <inheritdoc cref="StatusAsync"/>
    public IAsyncEnumerable<BpfPolicyEntry> PoliciesAsync(string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        ReadAsync(node, ["bpf", "policy", "get", "--all", "-o", "json"], PolicyText.Parse, warn, cancellationToken);

    /// <summary>How well it reaches other nodes and their health endpoints.</summary>
    /// <inheritdoc cref="StatusAsync"/>
    public IAsyncEnumerable<CiliumHealth> HealthAsync(string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        ReadProgramAsync(node, ["cilium-health", "status", "-o", "json"], CiliumHealthText.Parse, warn, cancellationToken);
}
