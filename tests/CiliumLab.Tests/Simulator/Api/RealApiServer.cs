using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace CiliumLab.Tests.Simulator.Api;

/// <summary>
/// A real kube-apiserver with an etcd of its own, from the folder that <c>KUBEBUILDER_ASSETS</c> names (the convention of controller tests).
/// Nothing runs beside it: its objects stand still, as those of an <see cref="ApiLab"/> do.
/// </summary>
internal sealed class RealApiServer : IAsyncDisposable
{
    private const string Token = "comparison";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ciliumlab-apiserver-");
    private readonly List<Process> _processes = [];

    private RealApiServer()
    {
        Client = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = static (_, _, _, _) => true });
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public HttpClient Client { get; }

    /// <summary>The program in the folder of KUBEBUILDER_ASSETS; null when there is none.</summary>
    public static string? Program() => Asset("kube-apiserver");

    public static async Task<RealApiServer> StartAsync(CancellationToken cancellationToken)
    {
        var server = new RealApiServer();
        try
        {
            await server.RunAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes a kubeconfig for the administrator; the server's own certificate is its authority.</summary>
    public string WriteKubeConfig()
    {
        var authority = Convert.ToBase64String(File.ReadAllBytes(Path.Combine(_folder.FullName, "apiserver.crt")));
        var file = Path.Combine(_folder.FullName, "kubeconfig");
        File.WriteAllText(file, $"""
            apiVersion: v1
            kind: Config
            clusters: [{"{"} name: real, cluster: {"{"} server: "{Client.BaseAddress!.GetLeftPart(UriPartial.Authority)}", certificate-authority-data: {authority} {"}"} {"}"}]
            users: [{"{"} name: admin, user: {"{"} token: {Token} {"}"} {"}"}]
            contexts: [{"{"} name: real, context: {"{"} cluster: real, user: admin {"}"} {"}"}]
            current-context: real
            """);
        return file;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        foreach (var process in _processes.AsEnumerable().Reverse())
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }
        _folder.Delete(recursive: true);
    }

    private static string? Asset(string name) =>
        Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is { Length: > 0 } folder && File.Exists(Path.Combine(folder, name)) ? Path.Combine(folder, name) : null;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var (etcd, peer, port) = ($"http://127.0.0.1:{FreePort()}", $"http://127.0.0.1:{FreePort()}", FreePort());
        Start(Asset("etcd") ?? "etcd", $"--data-dir={_folder.FullName}/etcd", $"--listen-client-urls={etcd}", $"--advertise-client-urls={etcd}",
            $"--listen-peer-urls={peer}", $"--initial-advertise-peer-urls={peer}", $"--initial-cluster=default={peer}", "--log-level=fatal", "--unsafe-no-fsync");
        using var key = RSA.Create(2048);
        var keyFile = Path.Combine(_folder.FullName, "sa.key");
        await File.WriteAllTextAsync(keyFile, key.ExportRSAPrivateKeyPem(), cancellationToken);
        var tokens = Path.Combine(_folder.FullName, "tokens.csv");
        await File.WriteAllTextAsync(tokens, $"{Token},kubernetes-admin,1,\"system:masters\"\n", cancellationToken);
        Start(Program()!, $"--etcd-servers={etcd}", "--bind-address=127.0.0.1", $"--secure-port={port}", $"--cert-dir={_folder.FullName}", $"--token-auth-file={tokens}",
            $"--service-account-key-file={keyFile}", $"--service-account-signing-key-file={keyFile}", "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.96.0.0/16", "--authorization-mode=RBAC", "--disable-admission-plugins=ServiceAccount", "--allow-privileged=true");
        Client.BaseAddress = new Uri($"https://127.0.0.1:{port}");
        await WaitAsync(cancellationToken);
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (true)
        {
            Assert.False(_processes.Exists(static p => p.HasExited), "the API server or its etcd ended");
            try
            {
                using var answer = await Client.GetAsync("/api/v1/namespaces/default", patience.Token);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // it does not listen yet
            }
            await Task.Delay(100, patience.Token);
        }
    }

    private void Start(string program, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }
}
