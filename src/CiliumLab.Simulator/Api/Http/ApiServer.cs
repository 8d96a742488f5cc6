using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CiliumLab.Simulator.Api;

/// <summary>
/// The Kubernetes API over HTTPS on the loopback address. Only Kestrel's server is used, without hosting, so that a lab starts at once
/// and leaves nothing behind when it is disposed.
/// </summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly KestrelServer _server;
    private readonly KestrelServices _services;
    private readonly CancellationTokenSource _stopping = new();

    private ApiServer(KestrelServer server, KestrelServices services, ObjectStore store, ClusterCertificates certificates, Authentication authentication)
    {
        _server = server;
        _services = services;
        Store = store;
        Certificates = certificates;
        Authentication = authentication;
        Access = new RoleBasedAccess(store);
    }

    /// <summary>Where the server listens.</summary>
    public Uri Address { get; private set; } = new("https://127.0.0.1");

    /// <summary>What it serves.</summary>
    public ObjectStore Store { get; }

    /// <summary>Who it is.</summary>
    public ClusterCertificates Certificates { get; }

    /// <summary>How clients know it.</summary>
    public ServerIdentity Identity => Certificates.Identity(Address.Port, Authentication.ServiceAccounts.Key);

    /// <summary>Who may come in.</summary>
    public Authentication Authentication { get; }

    /// <summary>Who may do what.</summary>
    public RoleBasedAccess Access { get; }

    /// <summary>Runs commands in containers; without it exec is refused.</summary>
    public IPodExecutor? Executor { get; set; }

    /// <summary>Gives logs; without it they are refused.</summary>
    public IPodLogSource? Logs { get; set; }

    /// <summary>Breaks requests on purpose.</summary>
    public IApiInterceptor? Interceptor { get; set; }

    /// <summary>Cancelled when the server stops, for everything that would wait for long.</summary>
    internal CancellationToken Stopping => _stopping.Token;

    /// <summary>Starts a server.</summary>
    /// <param name="store">What it serves.</param>
    /// <param name="port">The port on 127.0.0.1; zero for any free one.</param>
    /// <param name="identity">Who the server was before, port and all; null for a new one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ApiServer> StartAsync(
        ObjectStore store, int port = 0, ServerIdentity? identity = null, CancellationToken cancellationToken = default)
    {
        var certificates = identity is null ? new ClusterCertificates(store.Settings.ServerAddresses) : new ClusterCertificates(identity);
        var services = new KestrelServices();
        var options = new KestrelServerOptions { AddServerHeader = false, ApplicationServices = services };
        options.Limits.MaxRequestBodySize = 3 * 1024 * 1024;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Limits.Http2.MaxStreamsPerConnection = 1000;
        ListenOptions? endpoint = null;
        options.Listen(IPAddress.Loopback, identity?.Port ?? port, listen =>
        {
            endpoint = listen;
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificates.Server,
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                // whose certificate it is shows later; a stranger's is as good as none
                ClientCertificateValidation = static (_, _, _) => true,
            });
        });
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        var kestrel = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
        var server = new ApiServer(kestrel, services, store, certificates, new Authentication(certificates, store, identity?.TokenKey));
        try
        {
            await kestrel.StartAsync(new Application(new ApiRequests(server)), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        server.Address = new Uri($"https://127.0.0.1:{endpoint!.IPEndPoint!.Port}");
        return server;
    }

    /// <summary>A kubeconfig for the cluster's administrator.</summary>
    public string AdminKubeConfig()
    {
        var (certificate, key) = Certificates.IssueClient("kubernetes-admin", "kubeadm:cluster-admins");
        return KubeConfig.Text(Address, Store.Settings.Name, "kubernetes-admin", Certificates.AuthorityPem, certificate, key);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2)))
            await _server.StopAsync(patience.Token).ConfigureAwait(false);
        _server.Dispose();
        _services.Dispose();
        Authentication.Dispose();
        Certificates.Dispose();
        _stopping.Dispose();
    }

    private sealed class Application(ApiRequests requests) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => requests.HandleAsync(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }

    /// <summary>
    /// The two services that Kestrel asks for: a logger factory, and its metrics, a type of its own that takes a meter factory.
    /// </summary>
    private sealed class KestrelServices : IServiceProvider, IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public object? GetService(Type serviceType)
        {
            if (serviceType == typeof(ILoggerFactory))
                return NullLoggerFactory.Instance;
            return serviceType.Name == "KestrelMetrics" ? Activator.CreateInstance(serviceType, this) : null;
        }

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose()
        {
            foreach (var meter in _meters)
                meter.Dispose();
        }
    }
}
