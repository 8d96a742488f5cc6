using System.Globalization;
using System.Net;
using CiliumLab.Engine.Nodes;

namespace CiliumLab.Engine.Tracing.Packets;

/// <summary>
/// The connection on which a capture comes from its node. It must not be captured itself: each packet that it carries would be another packet to
/// carry, without end.
/// </summary>
internal static class OwnConnection
{
    /// <summary>Adds to a filter that packets of the connection are not wanted.</summary>
    public static async Task<CaptureRequest> LeaveOutAsync(INodeShell shell, CaptureRequest request, CancellationToken cancellationToken)
    {
        // sshd tells: the client's address and port, and its own.
        var result = await shell.RunAsync(NodeCommand.Of("printenv", "SSH_CONNECTION"), cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0 || result.Output.Split(' ', StringSplitOptions.TrimEntries) is not [var host, var port, _, var own]
            || !IPAddress.TryParse(host, out var client) || !ushort.TryParse(port, out var from) || !ushort.TryParse(own, out var to))
        {
            return request;
        }

        return request with { Without = string.Create(CultureInfo.InvariantCulture, $"host {client} and tcp port {from} and tcp port {to}") };
    }
}
