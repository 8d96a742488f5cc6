using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CiliumLab.Simulator.Api;

/// <summary>The cluster's certificate authority, the server's certificate, and certificates for users, all made for this lab alone.</summary>
internal sealed class ClusterCertificates : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly DateTimeOffset _from;
    private readonly string _serverKey;

    /// <summary>Makes an authority and a server certificate.</summary>
    /// <param name="addresses">Addresses that the server is reached by, beside the loopback ones.</param>
    public ClusterCertificates(params ReadOnlySpan<IPAddress> addresses)
    {
        // real time, whatever the lab's clock says: clients check the period against their own clocks
        _from = TimeProvider.System.GetUtcNow().AddHours(-1);
        var request = new CertificateRequest("CN=kubernetes", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Authority = request.CreateSelfSigned(_from, _from.AddYears(10));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = IssueServer(addresses, key);
        (Server, _serverKey) = (WithKey(issued, key), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Takes the certificates up again that a server had before.</summary>
    public ClusterCertificates(ServerIdentity identity)
    {
        _key.ImportFromPem(identity.AuthorityKey);
        using var authority = X509Certificate2.CreateFromPem(identity.Authority);
        Authority = authority.CopyWithPrivateKey(_key);
        _from = Authority.NotBefore;
        using var key = ECDsa.Create();
        key.ImportFromPem(identity.ServerKey);
        using var server = X509Certificate2.CreateFromPem(identity.Server);
        (Server, _serverKey) = (WithKey(server, key), identity.ServerKey);
    }

    /// <summary>What everybody trusts.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>What the server shows, with its key.</summary>
    public X509Certificate2 Server { get; }

    /// <summary>The authority as PEM.</summary>
    public string AuthorityPem => Authority.ExportCertificatePem();

    /// <summary>Everything that is needed to be the same server again.</summary>
    /// <param name="port">Where it listens.</param>
    /// <param name="tokenKey">The key that signs tokens, PEM.</param>
    public ServerIdentity Identity(int port, string tokenKey) => new(port, AuthorityPem, _key.ExportPkcs8PrivateKeyPem(), Server.ExportCertificatePem(), _serverKey, tokenKey);

    /// <summary>A certificate for a user, who belongs to groups.</summary>
    /// <returns>The certificate and its key, both PEM.</returns>
    public (string Certificate, string Key) IssueClient(string user, params ReadOnlySpan<string> groups)
    {
        var subject = new X500DistinguishedNameBuilder();
        foreach (var group in groups)
            subject.AddOrganizationName(group);
        subject.AddCommonName(user);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Issue(subject.Build(), key, "1.3.6.1.5.5.7.3.2", null);
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Whether a certificate is this authority's, for clients, and in its time.</summary>
    public bool Vouches(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        return chain.Build(certificate);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Authority.Dispose();
        Server.Dispose();
        _key.Dispose();
    }

    private static X509Certificate2 WithKey(X509Certificate2 certificate, ECDsa key)
    {
        if (!OperatingSystem.IsWindows())
            return certificate.CopyWithPrivateKey(key);
        // Windows refuses ephemeral keys on the server side of TLS
        using var paired = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(paired.Export(X509ContentType.Pkcs12), null);
    }

    private X509Certificate2 IssueServer(ReadOnlySpan<IPAddress> addresses, ECDsa key)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in (ReadOnlySpan<string>)["localhost", "k8s-ctr", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"])
            names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        foreach (var address in addresses)
            names.AddIpAddress(address);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName("kube-apiserver");
        return Issue(subject.Build(), key, "1.3.6.1.5.5.7.3.1", names.Build());
    }

    private X509Certificate2 Issue(X500DistinguishedName subject, ECDsa key, string usage, X509Extension? names)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Authority, true, false));
        if (names is not null)
            request.CertificateExtensions.Add(names);
        var serial = RandomNumberGenerator.GetBytes(8);
        serial[0] &= 0x7F;
        return request.Create(Authority, _from, _from.AddYears(1), serial);
    }
}
