using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes;

/// <summary>How names are resolved on a node: as systemd-resolved says, and where it does not run, as /etc/resolv.conf does.</summary>
public static class NodeDnsSettings
{
    /// <summary>Asks a node.</summary>
    /// <exception cref="LabException">Neither could be read.</exception>
    public static async Task<IReadOnlyList<NodeDns>> ReadAsync(INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        // JSON exists since systemd 259; older ones refuse the option or print the text all the same.
        foreach (var command in new[] { NodeCommand.Of("resolvectl", "--json=short", "status"), NodeCommand.Of("resolvectl", "status") })
        {
            var result = await shell.RunAsync(command, cancellationToken).ConfigureAwait(false);
            if (result.ExitCode == 0 && Read(result.Output, shell.Node, warn) is { Count: > 0 } settings)
                return settings;
        }

        var file = await shell.ReadOutputAsync(NodeCommand.Of("cat", "/etc/resolv.conf"), cancellationToken).ConfigureAwait(false);
        return [.. ResolvConfText.Parse(new StringReader(file), shell.Node, warn)];
    }

    private static List<NodeDns>? Read(string output, string node, Action<TextWarning> warn)
    {
        try
        {
            return [.. ResolvectlText.Parse(new StringReader(output), node, warn)];
        }
        catch (LabException)
        {
            return null;
        }
    }
}
