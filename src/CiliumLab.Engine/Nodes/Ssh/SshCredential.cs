namespace CiliumLab.Engine.Nodes.Ssh;

/// <summary>Secrets that a user gave for a lab. They live in memory as long as its session and are never written anywhere.</summary>
public sealed record SshCredential
{
    /// <summary>Nothing was given.</summary>
    public static SshCredential None { get; } = new();

    /// <summary>The user that the password belongs to; also logs in where the inventory names no user.</summary>
    public string? User { get; init; }

    /// <summary>The password, for login and for sudo.</summary>
    public string? Password { get; init; }

    /// <summary>The passphrase of encrypted private keys.</summary>
    public string? KeyPassphrase { get; init; }

    /// <summary>The password of a user, when it is known.</summary>
    public string? PasswordOf(string user) => user == User ? Password : null;

    /// <summary>Shows that there are secrets, not which.</summary>
    public override string ToString() => $"SshCredential {{ User = {User} }}";
}
