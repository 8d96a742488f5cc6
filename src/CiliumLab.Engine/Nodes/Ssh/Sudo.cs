using System.Text;

namespace CiliumLab.Engine.Nodes.Ssh;

/// <summary>How a user becomes root on a node.</summary>
/// <param name="Words">What stands before the command.</param>
/// <param name="Input">What stands before the command's own input.</param>
internal sealed record Sudo(IReadOnlyList<string> Words, ReadOnlyMemory<byte> Input)
{
    /// <summary>sudo asks for nothing.</summary>
    public static Sudo Free { get; } = new(["sudo", "-n", "--"], default);

    // What stands behind the password. Where sudo did not read the password, because it needs none for this command, it is skipped here.
    private const string InputMark = "ciliumlab-input";
    private const string SkipPassword = "IFS= read -r line; [ \"$line\" = " + InputMark + " ] || IFS= read -r line; exec \"$@\"";

    /// <summary>
    /// sudo reads the password from its input, and never uses one that it remembers: then it would not read ours. Whether it reads it
    /// or not, the command sees nothing of it.
    /// </summary>
    public static Sudo WithPassword(string password) =>
        new(["sudo", "-k", "-S", "-p", "", "--", "sh", "-c", SkipPassword, "sh"], Encoding.UTF8.GetBytes($"{password}\n{InputMark}\n"));
}
