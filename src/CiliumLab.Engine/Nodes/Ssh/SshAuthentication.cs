using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace CiliumLab.Engine.Nodes.Ssh;

/// <summary>Chooses how to log in: the inventory's key; else the agent and the user's own keys; and the password if one was given.</summary>
internal static class SshAuthentication
{
    private static readonly string[] OwnKeys = ["id_ed25519", "id_ecdsa", "id_rsa"];

    /// <summary>The methods to try, in order.</summary>
    /// <exception cref="LabException">The key is not there, not readable, or needs a passphrase; or there is nothing to log in with.</exception>
    public static AuthenticationMethod[] Methods(NodeDescription node, string user, SshCredential credential)
    {
        var methods = new List<AuthenticationMethod>();
        IPrivateKeySource[] keys = node.Key is null
            ? [.. new IPrivateKeySource?[] { SshAgent.Find() }.OfType<IPrivateKeySource>(), .. OwnUsableKeys(credential)]
            : [Key(node, credential)];
        if (keys.Length > 0)
            methods.Add(new PrivateKeyAuthenticationMethod(user, keys));
        if (credential.PasswordOf(user) is { } password)
        {
            methods.Add(new PasswordAuthenticationMethod(user, password));
            methods.Add(Keyboard(user, password));
        }

        return methods.Count > 0
            ? [.. methods]
            : throw new LabException(
                "NoCredential",
                LabErrorKind.AuthenticationError,
                $"There is nothing to log in to node '{node.Node}' with: the inventory names no key, no ssh-agent has one, and no password was given.",
                node.Node,
                "Add 'key: FILE' to the node in the inventory, or connect again with: Connect-LabCluster ... -Credential (Get-Credential)");
    }

    // Servers that refuse "password" often ask for it through keyboard-interactive.
    private static KeyboardInteractiveAuthenticationMethod Keyboard(string user, string password)
    {
        var method = new KeyboardInteractiveAuthenticationMethod(user);
        method.AuthenticationPrompt += (_, prompts) =>
        {
            foreach (var prompt in prompts.Prompts)
                prompt.Response = password;
        };
        return method;
    }

    private static PrivateKeyFile Key(NodeDescription node, SshCredential credential)
    {
        var path = node.Key!;
        try
        {
            return new PrivateKeyFile(path, credential.KeyPassphrase);
        }
        catch (Exception error) when (error is SshPassPhraseNullOrEmptyException || (string.IsNullOrEmpty(credential.KeyPassphrase) && IsEncrypted(path)))
        {
            throw new LabException(
                "KeyPassphraseRequired",
                LabErrorKind.AuthenticationError,
                $"The private key '{path}' of node '{node.Node}' is encrypted.",
                node.Node,
                "Connect again with: Connect-LabCluster ... -KeyPassphrase (Read-Host -AsSecureString), or add the key to your ssh-agent and leave 'key' out.",
                error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new LabException(
                "KeyNotFound",
                LabErrorKind.ObjectNotFound,
                $"There is no private key '{path}', which the inventory names for node '{node.Node}'.",
                node.Node,
                "Correct 'key' in the inventory and connect again: Connect-LabCluster -Inventory FILE",
                error);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // What a damaged file or a wrong passphrase does to the library's readers is of many types.
            var wrongPassphrase = credential.KeyPassphrase is not null;
            throw new LabException(
                wrongPassphrase ? "KeyPassphraseWrong" : "KeyNotReadable",
                LabErrorKind.AuthenticationError,
                $"The private key '{path}' of node '{node.Node}' cannot be read{(wrongPassphrase ? " with this passphrase" : "")}: {error.Message}",
                node.Node,
                wrongPassphrase
                    ? "Connect again with the right -KeyPassphrase."
                    : "Check that it is an OpenSSH or PEM private key that you may read: ssh-keygen -y -f " + path,
                error);
        }
    }

    // For this form (PKCS #8) the library names no reason of its own.
    private static bool IsEncrypted(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault() == "-----BEGIN ENCRYPTED PRIVATE KEY-----";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static IEnumerable<PrivateKeyFile> OwnUsableKeys(SshCredential credential)
    {
        var folder = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh");
        foreach (var path in OwnKeys.Select(name => Path.Combine(folder, name)).Where(File.Exists))
        {
            PrivateKeyFile key;
            try
            {
                key = new PrivateKeyFile(path, credential.KeyPassphrase);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // One of the user's own keys that needs a passphrase or is of an unknown kind: the others are tried, as ssh does.
                continue;
            }

            yield return key;
        }
    }
}
