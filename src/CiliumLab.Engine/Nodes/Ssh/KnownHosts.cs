using CiliumLab.Engine.Labs;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes.Ssh;

/// <summary>
/// The host keys that a lab has seen, pinned at first contact. The file is an OpenSSH known_hosts file whose host names are
/// the nodes' names, so <c>ssh -o UserKnownHostsFile=... -o HostKeyAlias=NODE</c> trusts the same keys. Sessions of one or of
/// several processes may use it at once.
/// </summary>
/// <param name="path">The file; made when the first key is pinned.</param>
public sealed class KnownHosts(string path)
{
    /// <summary>The file that belongs to a lab's folder.</summary>
    public static KnownHosts Of(string labFolder) => new(Path.Combine(labFolder, "known_hosts"));

    /// <summary>The file.</summary>
    public string FilePath => path;

    /// <summary>A node's pinned key; null when it was never seen.</summary>
    /// <exception cref="LabException"><c>KnownHostsInvalid</c> when the node's line holds no key.</exception>
    public HostKey? Find(string node) => File.Exists(path) ? Find(File.ReadAllText(path), node) : null;

    /// <summary>Pins a node's key, unless one is pinned already.</summary>
    /// <returns>The key that is pinned now: the given one, or the one that was there first.</returns>
    /// <exception cref="LabException"><c>KnownHostsInvalid</c> or <c>LabFileNotWritten</c>.</exception>
    public HostKey PinFirst(string node, HostKey key)
    {
        var pinned = Find(node);
        if (pinned is not null)
            return pinned;
        PrivateFile.Change(path, text =>
        {
            pinned = Find(text, node);
            return pinned is null ? $"{Ended(text)}{node} {key.Type} {Convert.ToBase64String(key.Blob)}\n" : null;
        });
        return pinned ?? key;
    }

    /// <summary>Forgets a node's key.</summary>
    /// <returns>Whether one was pinned.</returns>
    /// <exception cref="LabException"><c>LabFileNotWritten</c>.</exception>
    public bool Forget(string node)
    {
        if (!File.Exists(path))
            return false;
        var forgotten = false;
        PrivateFile.Change(path, text =>
        {
            var lines = text.Split('\n');
            var others = lines.Where(line => !IsOf(line, node)).ToList();
            forgotten = others.Count < lines.Length;
            return forgotten ? string.Join('\n', others) : null;
        });
        return forgotten;
    }

    private HostKey? Find(string text, string node)
    {
        var lines = text.Split('\n');
        var at = Array.FindIndex(lines, line => IsOf(line, node));
        if (at < 0)
            return null;
        try
        {
            if (lines[at].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [_, var type, var blob, ..]
                && HostKey.FromBlob(Convert.FromBase64String(blob)) is var key && key.Type == type)
            {
                return key;
            }
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw new LabException(
            "KnownHostsInvalid",
            LabErrorKind.InvalidData,
            $"{path}, line {at + 1}: the host key of node '{node}' cannot be read, so nobody can be told from the node.",
            node,
            $"Mend the line, or forget the key: Reset-LabHostKey -Node {node}");
    }

    private static bool IsOf(string line, string node) => line.StartsWith(node + " ", StringComparison.OrdinalIgnoreCase);

    private static string Ended(string text) => text.Length == 0 || text.EndsWith('\n') ? text : text + "\n";
}
