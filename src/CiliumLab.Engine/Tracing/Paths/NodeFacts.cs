using System.Collections.Concurrent;
using System.Net;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>What a node and its agent say of themselves; each question is asked once, when a trace first needs the answer.</summary>
/// <param name="shell">The node.</param>
/// <param name="agents">The agents.</param>
/// <param name="cancellationToken">Stops the asking.</param>
internal sealed class NodeFacts(INodeShell shell, CiliumAgents agents, CancellationToken cancellationToken)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<object>>> _answers = new(StringComparer.Ordinal);

    /// <summary>The node.</summary>
    public string Node => shell.Node;

    /// <summary>Its interfaces with their addresses.</summary>
    public Task<IReadOnlyList<NodeInterface>> InterfacesAsync() =>
        OnceAsync("interfaces", () => NodeLinks.InterfacesAsync(shell, Ignore, cancellationToken));

    /// <summary>Its routes.</summary>
    public Task<IReadOnlyList<NodeRoute>> RoutesAsync() => OnceAsync("routes", () => NodeLinks.RoutesAsync(shell, Ignore, cancellationToken));

    /// <summary>Its neighbours and forwarding databases.</summary>
    public Task<IReadOnlyList<NodeNeighbor>> NeighborsAsync() =>
        OnceAsync("neighbors", () => NodeLinks.NeighborsAsync(shell, [NeighborTable.Arp, NeighborTable.Fdb], Ignore, cancellationToken));

    /// <summary>Its IPv4 rules.</summary>
    public async Task<IptablesRuleset> RulesAsync() => (await OnceAsync("rules", ReadRulesAsync).ConfigureAwait(false))[0];

    /// <summary>The status of its agent.</summary>
    public async Task<CiliumAgentStatus> AgentAsync() =>
        (await OnceAsync("agent", () => agents.StatusAsync(Node, Ignore, cancellationToken)).ConfigureAwait(false))
        is [var status, ..] ? status : throw NothingSaid("status");

    /// <summary>The endpoints of its agent.</summary>
    public Task<IReadOnlyList<CiliumEndpoint>> EndpointsAsync() =>
        OnceAsync("endpoints", () => agents.EndpointsAsync(Node, Ignore, cancellationToken));

    /// <summary>The services that its agent serves.</summary>
    public Task<IReadOnlyList<CiliumService>> ServicesAsync() =>
        OnceAsync("services", () => agents.ServicesAsync(Node, Ignore, cancellationToken));

    /// <summary>The ipcache of its datapath.</summary>
    public Task<IReadOnlyList<CiliumIpCacheEntry>> IpCacheAsync() =>
        OnceAsync("ipcache", () => agents.IpCacheAsync(Node, Ignore, cancellationToken));

    /// <summary>The policy maps of its endpoints.</summary>
    public Task<IReadOnlyList<BpfPolicyEntry>> PolicyAsync() =>
        OnceAsync("policy", () => agents.PoliciesAsync(Node, Ignore, cancellationToken));

    /// <summary>The programs on its interfaces.</summary>
    public Task<IReadOnlyList<BpfAttachment>> AttachmentsAsync() =>
        OnceAsync("attachments", () => agents.ReadProgramAsync(Node, ["bpftool", "-j", "net", "show"], BpftoolNetText.Parse, Ignore, cancellationToken));

    /// <summary>The network namespaces that have names; the container runtime gives those of pods one.</summary>
    public Task<IReadOnlyList<string>> NamespacesAsync() => OnceAsync("namespaces", ReadNamespacesAsync);

    /// <summary>The interfaces in the network namespace of a pod that the node knows by name.</summary>
    public Task<IReadOnlyList<NodeInterface>> InsideAsync(string name) => OnceAsync("inside " + name, () => ReadInsideAsync(name));

    /// <summary>What the node's resolver says of a name; nothing when it does not know it.</summary>
    public Task<IReadOnlyList<IPAddress>> ResolveAsync(string name) => OnceAsync("name " + name, () => ReadAddressesAsync(name));

    /// <summary>Whether an address is one of the node's.</summary>
    public async Task<bool> HasAsync(IPAddress address) =>
        (await InterfacesAsync().ConfigureAwait(false)).Any(link => link.Addresses.Any(own => own.Address.Equals(address)));

    /// <summary>The address of an interface that its packets leave with; null when it has none.</summary>
    public async Task<IPAddress?> AddressOfAsync(string? name, IPAddress like) =>
        (await InterfacesAsync().ConfigureAwait(false)).FirstOrDefault(link => link.Name == name)?
            .Addresses.FirstOrDefault(own => own.Family == like.AddressFamily && own.Scope == AddressScope.Global)?.Address;

    // A line that is not understood is told by the cmdlet that the evidence names; a trace reads what it knows.
    private static void Ignore(TextWarning warning)
    {
    }

    private async Task<IReadOnlyList<T>> OnceAsync<T>(string question, Func<IAsyncEnumerable<T>> ask) =>
        (IReadOnlyList<T>)await _answers.GetOrAdd(
            question,
            _ => new Lazy<Task<object>>(async () => await ask().ToListAsync(cancellationToken).ConfigureAwait(false))).Value.ConfigureAwait(false);

    private async IAsyncEnumerable<IptablesRuleset> ReadRulesAsync()
    {
        var save = IptablesCommands.Save(IptablesFamily.IPv4);
        var text = await shell.ReadOutputAsync(save, cancellationToken).ConfigureAwait(false);
        yield return IptablesText.ParseRuleset(new StringReader(text), Node, Ignore, IptablesFamily.IPv4);
    }

    private async IAsyncEnumerable<string> ReadNamespacesAsync()
    {
        var text = await shell.ReadOutputAsync(NodeCommand.Of("ip", "-j", "netns", "list"), cancellationToken).ConfigureAwait(false);
        if (string.IsNullOrWhiteSpace(text))
            yield break;
        using var namespaces = JsonOutput.Read("ip netns list", new LineReader(new StringReader(text)));
        foreach (var item in namespaces.RootElement.EnumerateArray())
        {
            if (item.Text("name") is { } name)
                yield return name;
        }
    }

    private async IAsyncEnumerable<NodeInterface> ReadInsideAsync(string name)
    {
        var text = await shell.ReadOutputAsync(NodeCommand.AsRoot("ip", "-n", name, "-j", "-d", "addr", "show"), cancellationToken).ConfigureAwait(false);
        foreach (var link in IpAddressText.Parse(new StringReader(text), Node, Ignore))
            yield return link;
    }

    private async IAsyncEnumerable<IPAddress> ReadAddressesAsync(string name)
    {
        const int Unknown = 2;
        var command = NodeCommand.Of("getent", "ahosts", name);
        var result = await shell.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode is not (0 or Unknown))
            throw NodeShellCommands.Failure(result, command);
        foreach (var line in result.Output.Split('\n'))
        {
            if (line.Contains("STREAM", StringComparison.Ordinal) && IPAddress.TryParse(line.Split(' ', 2)[0], out var address))
                yield return address;
        }
    }

    private LabException NothingSaid(string command) =>
        new(
            "CiliumAgentSilent",
            LabErrorKind.InvalidData,
            $"The Cilium agent on node '{Node}' answered '{command}' with nothing.",
            Node,
            $"See what it says: Invoke-CiliumCommand -Node {Node} {command}");
}
