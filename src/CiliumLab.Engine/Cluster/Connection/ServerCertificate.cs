using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace CiliumLab.Engine.Cluster.Connection;

/// <summary>
/// Whether a server's certificate is one that the kubeconfig's authority issued for the name that was called. The library's own check
/// overlooks a wrong name when the authority is a private one, which a cluster's always is.
/// </summary>
/// <param name="authorities">The kubeconfig's authorities.</param>
internal sealed class ServerCertificate(X509Certificate2Collection authorities)
{
    /// <summary>Checks what a server shows.</summary>
    /// <param name="certificate">Its certificate.</param>
    /// <param name="chain">What it sent along.</param>
    /// <param name="errors">What the system's own check has against it.</param>
    public bool IsTrusted(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if ((errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0 || certificate is not X509Certificate2 shown)
            return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.ExtraStore.AddRange(chain?.ChainPolicy.ExtraStore ?? []);
        return own.Build(shown);
    }
}
