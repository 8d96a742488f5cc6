using System.Globalization;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni.Requirements;

/// <summary>A tunnel that is chosen already: then only its own protocol and port matter.</summary>
/// <param name="Protocol"><c>vxlan</c> or <c>geneve</c>.</param>
/// <param name="Port">Its UDP port; null for the protocol's usual one.</param>
public sealed record CiliumTunnel(string Protocol, int? Port)
{
    /// <summary>Whether a kernel option is needed for it.</summary>
    internal bool Needs(string option) =>
        option is not ("VXLAN" or "GENEVE") || string.Equals(option, Protocol, StringComparison.OrdinalIgnoreCase);

    /// <summary>The port that must be free.</summary>
    internal int OwnPort => Port ?? (Protocol == "geneve" ? 6081 : 8472);
}

/// <summary>Holds nodes against what Cilium needs; the table is data, this is the comparison.</summary>
public static class CiliumRequirements
{
    /// <summary>Checks a node.</summary>
    /// <param name="shell">The node.</param>
    /// <param name="version">The version of Cilium.</param>
    /// <param name="features">The features that are wanted.</param>
    /// <param name="warn">Is told of lines that were not understood.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <param name="tunnel">The tunnel that is chosen; null to ask for what any tunnel may need.</param>
    /// <exception cref="LabException"><c>CiliumVersionUnknown</c>, or what asking the node throws.</exception>
    public static async IAsyncEnumerable<RequirementCheck> CheckAsync(
        INodeShell shell,
        Version version,
        IReadOnlyList<CiliumFeature> features,
        Action<TextWarning> warn,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        CiliumTunnel? tunnel = null)
    {
        var table = RequirementTable.Instance;
        var floor = table.KernelFor(version);
        var facts = await NodeFacts.ReadAsync(shell, warn, cancellationToken).ConfigureAwait(false);
        foreach (var feature in features.Distinct().Order())
        {
            var needs = table.Features[feature];
            if (feature == CiliumFeature.Base)
            {
                yield return Kernel(shell.Node, feature, facts, floor);
                yield return Architecture(shell.Node, facts, table.Architectures);
            }
            else if (needs.Kernel is { } least)
            {
                yield return Kernel(shell.Node, feature, facts, Version.Parse(least));
            }

            foreach (var option in needs.Options.Where(option => tunnel?.Needs(option.Name) != false))
                yield return await OptionAsync(shell, feature, facts, option, cancellationToken).ConfigureAwait(false);
            if (feature == CiliumFeature.Base)
                yield return Bpffs(shell.Node, facts);
            foreach (var port in needs.Ports)
                yield return Port(shell.Node, feature, facts, port);
            foreach (var port in tunnel is not null && needs.TunnelPorts.Count > 0 ? [tunnel.OwnPort] : needs.TunnelPorts)
                yield return TunnelPort(shell.Node, feature, facts, port);
        }
    }

    private static RequirementCheck Kernel(string node, CiliumFeature feature, NodeFacts facts, Version least) => new()
    {
        Node = node,
        Feature = feature,
        Requirement = "kernel",
        Status = facts.Kernel is not { } kernel ? RequirementStatus.Unknown : kernel >= least ? RequirementStatus.Passed : RequirementStatus.Failed,
        Found = facts.Release,
        Needed = $"{least} or newer",
        Remedy = facts.Kernel < least ? "Boot a newer kernel; on Ubuntu: sudo apt install linux-generic-hwe-$(. /etc/os-release; echo $VERSION_ID)" : null,
    };

    private static RequirementCheck Architecture(string node, NodeFacts facts, IReadOnlyList<string> known) => new()
    {
        Node = node,
        Feature = CiliumFeature.Base,
        Requirement = "architecture",
        Status = known.Contains(facts.Architecture) ? RequirementStatus.Passed : RequirementStatus.Failed,
        Found = facts.Architecture,
        Needed = string.Join(" or ", known),
        Remedy = known.Contains(facts.Architecture) ? null : "Cilium has no images for this machine; take another.",
    };

    // Cilium's own documentation: the agent mounts it where it is missing.
    private static RequirementCheck Bpffs(string node, NodeFacts facts) => new()
    {
        Node = node,
        Feature = CiliumFeature.Base,
        Requirement = "bpffs",
        Status = RequirementStatus.Passed,
        Found = facts.HasBpffs ? "mounted" : "not mounted yet",
        Needed = "mounted at /sys/fs/bpf, by the node or by the agent",
        Remedy = facts.HasBpffs ? null : "The agent mounts it for itself. To have it from the boot on: sudo mount bpffs /sys/fs/bpf -t bpf, and the same in /etc/fstab.",
    };

    private static async Task<RequirementCheck> OptionAsync(INodeShell shell, CiliumFeature feature, NodeFacts facts, OptionNeed need, CancellationToken cancellationToken)
    {
        var name = "CONFIG_" + need.Name;
        var check = new RequirementCheck { Node = shell.Node, Feature = feature, Requirement = name, Status = RequirementStatus.Failed, Needed = "y or m" };
        if (facts.Options is null)
            return check with { Status = RequirementStatus.Unknown, Remedy = $"Neither /boot/config-{facts.Release} nor /proc/config.gz tells how the kernel was built." };
        var state = facts.Options.GetValueOrDefault(name)?.State ?? KernelOptionState.NotSet;
        if (state == KernelOptionState.BuiltIn)
            return check with { Status = RequirementStatus.Passed, Found = "y" };
        if (state == KernelOptionState.Module)
        {
            if (need.Module is null || facts.Modules.Contains(need.Module))
                return check with { Status = RequirementStatus.Passed, Found = need.Module is null ? "m" : "m, loaded" };
            return await NodeFacts.CanLoadAsync(shell, need.Module, cancellationToken).ConfigureAwait(false)
                ? check with { Status = RequirementStatus.Passed, Found = "m" }
                : check with { Found = $"m, but there is no module {need.Module}", Remedy = $"Install the package with the kernel's other modules; on Ubuntu: sudo apt install linux-modules-extra-{facts.Release}" };
        }

        return need.Until is { } until && facts.Kernel >= Version.Parse(until)
            ? check with { Status = RequirementStatus.NotApplicable, Found = "not set", Needed = $"only in kernels before {until}" }
            : check with { Found = "not set", Remedy = "Boot a kernel that was built with it; those of the distributions are." };
    }

    // An agent that runs already has its ports itself.
    private static RequirementCheck Port(string node, CiliumFeature feature, NodeFacts facts, PortNeed need)
    {
        var holder = facts.Listeners.FirstOrDefault(socket => socket.LocalPort == need.Port && !socket.Processes.Any(process => process.Name.StartsWith("cilium", StringComparison.Ordinal) || process.Name == "envoy"));
        var text = string.Create(CultureInfo.InvariantCulture, $"TCP port {need.Port}");
        return new RequirementCheck
        {
            Node = node,
            Feature = feature,
            Requirement = text,
            Status = holder is null ? RequirementStatus.Passed : RequirementStatus.Failed,
            Found = holder is null ? "free" : $"held by {(holder.Processes is [var process, ..] ? process.Name : "somebody")}",
            Needed = $"free, for {need.For}",
            Remedy = holder is null ? null : string.Create(CultureInfo.InvariantCulture, $"See who holds it: Get-NodeConnection {node} -State Listen -LocalPort {need.Port}"),
        };
    }

    private static RequirementCheck TunnelPort(string node, CiliumFeature feature, NodeFacts facts, int port)
    {
        var holder = facts.Tunnels.FirstOrDefault(tunnel => tunnel.Port == port && !tunnel.Link.StartsWith("cilium", StringComparison.Ordinal)).Link;
        return new RequirementCheck
        {
            Node = node,
            Feature = feature,
            Requirement = string.Create(CultureInfo.InvariantCulture, $"UDP port {port}"),
            Status = holder is null ? RequirementStatus.Passed : RequirementStatus.Failed,
            Found = holder is null ? "free" : $"held by {holder}",
            Needed = "free, for the tunnel",
            Remedy = holder switch
            {
                null => null,
                _ when holder.StartsWith("flannel", StringComparison.Ordinal) => "Take away what Flannel left: Remove-FlannelArtifacts",
                _ => $"See the device: Get-NodeInterface {node} -Name {holder}",
            },
        };
    }
}
