using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Charts.Cilium;

/// <summary>Hubble's parts: the peer service, and certificates that the chart makes itself (<c>hubble.tls.auto.method=helm</c>).</summary>
internal static class CiliumHubble
{
    /// <summary>Makes the objects.</summary>
    public static IEnumerable<ChartObject> Render(ChartContext context)
    {
        var values = context.Values;
        var tls = values.IsOn("hubble.tls.enabled");
        yield return CiliumChart.Made("hubble/peer-service.yaml", $$$$$"""
            apiVersion: v1
            kind: Service
            metadata:
              name: hubble-peer
              namespace: {{{{{context.Namespace}}}}}
              labels: {k8s-app: cilium, app.kubernetes.io/part-of: cilium, app.kubernetes.io/name: hubble-peer}
            spec:
              selector: {k8s-app: cilium}
              ports:
              - {name: peer-service, port: {{{{{(tls ? 443 : 80)}}}}}, protocol: TCP, targetPort: {{{{{values.Word("hubble.peerService.targetPort")}}}}}}
              internalTrafficPolicy: Local
            """);
        if (!tls || !values.IsOn("hubble.tls.auto.enabled") || values.Word("hubble.tls.auto.method") != "helm")
            yield break;
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Cilium CA", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(context.Now, context.Now.AddDays(1095));
        yield return Secret(context, "cilium-ca-secret.yaml", "cilium-ca", "Opaque", ("ca.crt", authority.ExportCertificatePem()), ("ca.key", authorityKey.ExportPkcs8PrivateKeyPem()));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName($"*.{values.Word("cluster.name")}.hubble-grpc.cilium.io");
        var server = new CertificateRequest($"CN=*.{values.Word("cluster.name")}.hubble-grpc.cilium.io", key, HashAlgorithmName.SHA256);
        server.CertificateExtensions.Add(names.Build());
        using var certificate = server.Create(authority, context.Now, context.Now.AddDays(365), context.Seed.Fork("hubble-server").NextBytes(8));
        yield return Secret(
            context,
            "hubble/tls-helm/server-secret.yaml",
            "hubble-server-certs",
            "kubernetes.io/tls",
            ("ca.crt", authority.ExportCertificatePem()),
            ("tls.crt", certificate.ExportCertificatePem()),
            ("tls.key", key.ExportPkcs8PrivateKeyPem()));
    }

    private static ChartObject Secret(ChartContext context, string template, string name, string type, params (string Key, string Value)[] data) =>
        new("cilium/templates/" + template, new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = context.Namespace },
            ["type"] = type,
            ["data"] = new JsonObject(data.Select(static entry => KeyValuePair.Create(entry.Key, (JsonNode?)Convert.ToBase64String(Encoding.UTF8.GetBytes(entry.Value + "\n"))))),
        });
}
