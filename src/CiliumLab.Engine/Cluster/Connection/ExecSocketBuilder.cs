using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using CiliumLab.Engine.Cluster.Exec;
using k8s;

namespace CiliumLab.Engine.Cluster.Connection;

/// <summary>
/// Opens WebSockets over the client's own HTTP pipeline, so that they have the same TLS check, the same patience and the same errors
/// as every other request. Both protocols of exec are offered; the server chooses.
/// </summary>
/// <param name="client">The client's HTTP pipeline.</param>
internal sealed class ExecSocketBuilder(HttpMessageInvoker client) : WebSocketBuilder
{
    // A peer that is gone without a word is noticed within a minute.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public override WebSocketBuilder AddClientCertificate(X509Certificate2 certificate) => this;

    /// <inheritdoc/>
    public override async Task<WebSocket> BuildAndConnectAsync(Uri uri, CancellationToken cancellationToken)
    {
        Options.RemoteCertificateValidationCallback = null;
        Options.AddSubProtocol(ExecChannels.OlderProtocol);
        Options.KeepAliveInterval = KeepAlive;
        Options.KeepAliveTimeout = KeepAlive;
        await WebSocket.ConnectAsync(uri, client, cancellationToken).ConfigureAwait(false);
        return WebSocket;
    }
}
