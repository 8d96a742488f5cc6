using System.Net;

namespace CiliumLab.Model;

/// <summary>A command-line flag of the kubelet.</summary>
/// <param name="Name">The flag's name without its dashes.</param>
/// <param name="Value">The value; null for a flag that stands alone.</param>
public sealed record KubeletFlag(string Name, string? Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value is null ? $"--{Name}" : $"--{Name}={Value}";
}

/// <summary>The flags that an environment file gives to the kubelet: one record for each variable.</summary>
public sealed record KubeletFlags
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The variable that holds the flags: <c>KUBELET_KUBEADM_ARGS</c> or <c>KUBELET_EXTRA_ARGS</c>.</summary>
    public required string Variable { get; init; }

    /// <summary>The flags in their order.</summary>
    public IReadOnlyList<KubeletFlag> Flags { get; init; } = [];

    /// <summary>The addresses of <c>--node-ip</c>, IPv4 and IPv6 on a dual-stack node; empty when the flag is not there.</summary>
    public IReadOnlyList<IPAddress> NodeIp { get; init; } = [];

    /// <summary>Words that belong to no flag.</summary>
    public IReadOnlyList<string> OtherWords { get; init; } = [];
}
