using System.Text;
using CiliumLab.Engine.Labs;

namespace CiliumLab.Simulator.Api;

/// <summary>Writes the kubeconfig with which kubectl and every client library reach a server.</summary>
internal static class KubeConfig
{
    /// <summary>The text of a kubeconfig with a client certificate, as kubeadm writes admin.conf.</summary>
    public static string Text(Uri server, string cluster, string user, string authorityPem, string certificatePem, string keyPem) => $"""
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: {Base64(authorityPem)}
            server: {server.GetLeftPart(UriPartial.Authority)}
          name: {cluster}
        contexts:
        - context:
            cluster: {cluster}
            user: {user}
          name: {user}@{cluster}
        current-context: {user}@{cluster}
        kind: Config
        preferences: {"{}"}
        users:
        - name: {user}
          user:
            client-certificate-data: {Base64(certificatePem)}
            client-key-data: {Base64(keyPem)}

        """.ReplaceLineEndings("\n");

    /// <summary>Writes a kubeconfig that only its owner may read.</summary>
    public static void Write(string path, string text) => PrivateFile.Write(path, text);

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pem + "\n"));
}
