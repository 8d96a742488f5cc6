using System.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes;

/// <summary>Text files of a node that may be absent.</summary>
internal static class NodeTextFiles
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Reads a file as root; null when there is none.</summary>
    public static async Task<string?> TryReadTextAsync(this INodeShell shell, string path, CancellationToken cancellationToken)
    {
        try
        {
            return Utf8.GetString(await shell.ReadFileAsync(path, cancellationToken).ConfigureAwait(false));
        }
        catch (LabException error) when (error.ErrorId == "NodeFileNotFound")
        {
            return null;
        }
    }

    /// <summary>Replaces or creates a file as root and returns where the backup lies.</summary>
    public static Task<string?> WriteTextAsync(this INodeShell shell, string path, string text, CancellationToken cancellationToken) =>
        shell.WriteFileAsync(path, Utf8.GetBytes(text), cancellationToken);
}
