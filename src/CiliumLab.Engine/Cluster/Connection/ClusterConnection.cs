using CiliumLab.Engine.Labs;
using CiliumLab.Model;
using k8s;
using k8s.Exceptions;

namespace CiliumLab.Engine.Cluster.Connection;

/// <summary>Opens the library's client with what a kubeconfig says; nothing is sent yet.</summary>
internal static class ClusterConnection
{
    /// <summary>Opens a client.</summary>
    /// <exception cref="LabException"><c>KubeConfigNotFound</c>, <c>KubeConfigInvalid</c> or <c>KubeConfigInsecure</c>.</exception>
    public static (ClusterAddress Address, Kubernetes Client) Open(string lab, string kubeConfig, ApiPatience patience, TimeProvider clock)
    {
        var address = new ClusterAddress(lab, KubeConfigFile.ApiServer(kubeConfig), kubeConfig);
        var configuration = Read(kubeConfig);
        if (configuration.SkipTlsVerify)
            throw Insecure(kubeConfig, "it says insecure-skip-tls-verify");
        if (address.Server.Scheme != Uri.UriSchemeHttps && !address.Server.IsLoopback)
            throw Insecure(kubeConfig, $"{address.Server} is not encrypted");
        SocketsHttpHandler? transport = null;
        configuration.FirstMessageHandlerSetup = handler => transport = (SocketsHttpHandler)handler;
        var client = new Kubernetes(configuration, new ApiRequests(address, patience, clock));
        var tls = transport!.SslOptions;
        if (configuration.SslCaCerts is { Count: > 0 } authorities)
        {
            var check = new ServerCertificate(authorities);
            tls.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => check.IsTrusted(certificate, chain, errors);
        }

        if (!string.IsNullOrWhiteSpace(configuration.TlsServerName))
            tls.TargetHost = configuration.TlsServerName;
        client.CreateWebSocketBuilder = () => new ExecSocketBuilder(client.HttpClient);
        return (address, client);
    }

    private static KubernetesClientConfiguration Read(string kubeConfig)
    {
        try
        {
            return KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeConfig);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The library throws what comes: KubeConfigException, FormatException, CryptographicException, YamlException and bare Exception.
            throw new LabException(
                "KubeConfigInvalid",
                LabErrorKind.InvalidData,
                $"The kubeconfig '{kubeConfig}' cannot be used: {(error is KubeConfigException ? error.Message : error.GetBaseException().Message)}",
                kubeConfig,
                $"Check it with: kubectl --kubeconfig '{kubeConfig}' cluster-info",
                error);
        }
    }

    private static LabException Insecure(string kubeConfig, string why) =>
        new(
            "KubeConfigInsecure",
            LabErrorKind.AuthenticationError,
            $"The kubeconfig '{kubeConfig}' is not used, because anybody could answer in the API server's place: {why}.",
            kubeConfig,
            "Put the cluster's authority into it (certificate-authority-data) and use https; kubeadm writes both into /etc/kubernetes/admin.conf");
}
