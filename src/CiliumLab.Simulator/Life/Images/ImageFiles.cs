using System.Text;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>The files of a container that its programs read: those that the kubelet puts there, those that programs wrote, and Alpine's own.</summary>
internal static class ImageFiles
{
    private const int OpenSslBytes = 12_326;

    // Each user of Alpine's first line of them.
    private const string Users =
        "root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/sbin/nologin\ndaemon:x:2:2:daemon:/sbin:/sbin/nologin\nlp:x:4:7:lp:/var/spool/lpd:/sbin/nologin\nsync:x:5:0:sync:/sbin:/bin/sync\n" +
        "mail:x:8:12:mail:/var/mail:/sbin/nologin\nnews:x:9:13:news:/usr/lib/news:/sbin/nologin\ncron:x:16:16:cron:/var/spool/cron:/sbin/nologin\nftp:x:21:21::/var/lib/ftp:/sbin/nologin\n" +
        "sshd:x:22:22:sshd:/dev/null:/sbin/nologin\nguest:x:405:100:guest:/dev/null:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n";

    /// <summary>A file; null when there is none.</summary>
    public static byte[]? Find(ContainerContext container, string path)
    {
        var text = path switch
        {
            "/etc/resolv.conf" => PodResolver.ResolvConf(container),
            "/etc/hosts" => PodResolver.Hosts(container),
            "/etc/hostname" => container.Pod.Name + "\n",
            "/var/run/secrets/kubernetes.io/serviceaccount/namespace" => container.Pod.Namespace,
            "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt" => container.Cluster.AuthorityPem,
            _ => null,
        };
        return text is not null ? Encoding.UTF8.GetBytes(text) : container.Files.Find(path) ?? (IsAlpine(container) ? OfAlpine(path) : null);
    }

    private static bool IsAlpine(ContainerContext container) => container.Cluster.Images.Find(container.Spec.Text("image") ?? "").Programs == ContainerPrograms.Tools;

    private static byte[]? OfAlpine(string path) => path switch
    {
        "/etc/passwd" => Encoding.UTF8.GetBytes(Users),
        "/etc/nsswitch.conf" => "# musl has no name service switch; resolvers of other libraries read this file\nhosts: files dns\n"u8.ToArray(),

        // OpenSSL's example has nothing but comments that matter to curl.
        "/etc/ssl/openssl.cnf" => Encoding.UTF8.GetBytes("#\n# OpenSSL example configuration file.\n".PadRight(OpenSslBytes - 1, '#') + "\n"),
        _ => null,
    };
}
