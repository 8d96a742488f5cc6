namespace CiliumLab.Model;

/// <summary>How a machine is reached, as <c>vagrant ssh-config</c> tells it.</summary>
public sealed record VagrantSshHost
{
    /// <summary>The machine's name.</summary>
    public required string Node { get; init; }

    /// <summary>The host name or address of its SSH server.</summary>
    public required string HostName { get; init; }

    /// <summary>The SSH server's port.</summary>
    public int Port { get; init; } = 22;

    /// <summary>The user to log in as; null when the output does not say.</summary>
    public string? User { get; init; }

    /// <summary>The private key files, in the order in which they are tried.</summary>
    public IReadOnlyList<string> KeyPath { get; init; } = [];

    /// <summary>The other options by name, such as <c>StrictHostKeyChecking</c>.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
}
