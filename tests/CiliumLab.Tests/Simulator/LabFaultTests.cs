using System.Management.Automation;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Simulator;

/// <summary>Faults as their victim meets them at the prompt, and that mending mends.</summary>
public sealed class LabFaultTests : IClassFixture<LabFaultTests.BrokenLab>, IDisposable
{
    private readonly Prompt _prompt;
    private readonly BrokenLab _lab;

    public LabFaultTests(BrokenLab lab) => (_lab, _prompt) = (lab, lab.Prompt);

    public void Dispose()
    {
        _prompt.Get("Clear-LabFault");
        Assert.Empty(_prompt.Get("Get-LabFault"));
        _prompt.Get("Get-NodeInfo");
    }

    [Fact]
    public void An_unreachable_node_is_one_error_and_the_others_answer()
    {
        _prompt.Get("Set-LabFault NodeUnreachable k8s-w1");

        var outcome = _prompt.Run("Get-NodeInfo");

        Assert.Equal(2, outcome.Output.Count);
        var error = Assert.Single(outcome.Errors);
        Assert.StartsWith("NodeUnreachable,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("k8s-w1", error.TargetObject);
        Assert.Contains("Get-LabFault", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.True((int)_prompt.Get("(Get-LabFault NodeUnreachable).Hits").Single().BaseObject > 0);
    }

    [Fact]
    public void A_dropped_connection_loses_the_command_and_counts_down_to_its_end()
    {
        _prompt.Get("Set-LabFault ConnectionDropped k8s-w2 -Bytes 40 -Count 2");

        for (var time = 0; time < 2; time++)
        {
            var error = Assert.Single(_prompt.Run("Invoke-NodeCommand -Node k8s-w2 -Command ip, address").Errors);
            Assert.StartsWith("NodeConnectionLost,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        }

        Assert.Empty(_prompt.Get("Get-LabFault"));
        Assert.NotEmpty(_prompt.Get("Invoke-NodeCommand -Node k8s-w2 -Command ip, address"));
    }

    [Fact]
    public void A_slow_node_runs_into_the_time_limit_only_when_it_is_too_slow()
    {
        _prompt.Get("Set-LabFault NodeSlow k8s-ctr -Delay 0.4 -Count 1");

        var took = System.Diagnostics.Stopwatch.StartNew();
        _prompt.Get("Invoke-NodeCommand -Node k8s-ctr -Command 'true'");

        Assert.True(took.Elapsed >= TimeSpan.FromSeconds(0.35), took.Elapsed.ToString());
        Assert.Empty(_prompt.Get("Get-LabFault"));
    }

    [Fact]
    public void A_full_disk_refuses_what_would_be_written_and_leaves_the_file_as_it_was()
    {
        const string Flags = "Invoke-NodeCommand -Node k8s-w1 -Sudo -Command cat, /var/lib/kubelet/kubeadm-flags.env | ForEach-Object Output";
        var before = _prompt.Get(Flags).Single().BaseObject;
        _prompt.Get("Set-LabFault DiskFull k8s-w1");

        var error = Assert.Single(_prompt.Run("Set-NodeInternalIp -Node k8s-w1 -Interface eth1").Errors);

        Assert.StartsWith("NodeDiskFull,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ResourceUnavailable, error.CategoryInfo.Category);
        Assert.Equal(before, _prompt.Get(Flags).Single().BaseObject);
        _prompt.Get("Clear-LabFault DiskFull");
        Assert.Equal(true, _prompt.Get("(Set-NodeInternalIp -Node k8s-w1 -Interface eth1).Changed").Single().BaseObject);
    }

    [Fact]
    public void A_stopped_kubelet_is_seen_and_starting_it_by_hand_mends_it()
    {
        const string Active = "(Invoke-NodeCommand -Node k8s-w2 -Command systemctl, is-active, kubelet -ErrorAction Ignore).Output.Trim()";
        _prompt.Get("Set-LabFault KubeletStopped k8s-w2");
        Assert.Equal("inactive", _prompt.Get(Active).Single().BaseObject);

        _prompt.Get("Invoke-NodeCommand -Node k8s-w2 -Sudo -Command systemctl, start, kubelet");

        Assert.Empty(_prompt.Get("Get-LabFault"));
        _prompt.Get("Set-LabFault KubeletStopped k8s-w2; Get-LabFault | Clear-LabFault");
        Assert.Equal("active", _prompt.Get(Active).Single().BaseObject);
    }

    [Fact]
    public void A_failing_iptables_restore_says_so_and_changes_nothing()
    {
        const string Restore = "Invoke-NodeCommand -Node k8s-w1 -Sudo -Command iptables-restore, --noflush -InputText \"*filter`n-A INPUT -s 203.0.113.9/32 -j DROP`nCOMMIT`n\"";
        const string Rules = "@(Get-NodeIptablesRule k8s-w1 -Table filter -Chain INPUT | Where-Object Text -match '203.0.113.9').Count";
        _prompt.Get("Set-LabFault IptablesRestoreFailing k8s-w1");

        var result = _prompt.Run(Restore);

        Assert.Contains("Memory allocation problem", string.Join('\n', result.Output.Select(item => item.Properties["Error"].Value).Concat(result.Errors)), StringComparison.Ordinal);
        Assert.Equal(0, _prompt.Get(Rules).Single().BaseObject);
        _prompt.Get("Clear-LabFault IptablesRestoreFailing");
        _prompt.Get(Restore);
        Assert.Equal(1, _prompt.Get(Rules).Single().BaseObject);
    }

    [Fact]
    public async Task A_busy_API_server_says_when_to_come_back()
    {
        _prompt.Get("Set-LabFault ApiTooManyRequests -RetryAfter 7 -Count 1 -ApiPath '/api/v1/nodes*'");
        using var client = _lab.Client();

        Assert.Equal(HttpStatusCode.OK, (await GetAsync(client, "/api/v1/namespaces")).StatusCode);
        var refused = await GetAsync(client, "/api/v1/nodes");

        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(7)), (refused.StatusCode, refused.Headers.RetryAfter!.Delta));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(client, "/api/v1/nodes")).StatusCode);
    }

    [Fact]
    public async Task An_internal_error_of_the_API_server_goes_on_until_it_is_mended()
    {
        _prompt.Get("Set-LabFault ApiInternalError");
        using var client = _lab.Client();

        for (var time = 0; time < 3; time++)
            Assert.Equal(HttpStatusCode.InternalServerError, (await GetAsync(client, "/api/v1/nodes")).StatusCode);
        Assert.Equal(3, _prompt.Get("(Get-LabFault).Hits").Single().BaseObject);
        _prompt.Get("Clear-LabFault ApiInternalError");
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(client, "/api/v1/nodes")).StatusCode);
    }

    [Fact]
    public async Task A_hanging_API_server_answers_others_and_never_the_one()
    {
        _prompt.Get("Set-LabFault ApiHang -Count 1");
        using var client = _lab.Client();

        var hanging = GetAsync(client, "/api/v1/nodes");
        await Eventually(() => _prompt.Get("Get-LabFault").Count == 0);

        Assert.Equal(HttpStatusCode.OK, (await GetAsync(client, "/api/v1/nodes")).StatusCode);
        Assert.False(hanging.IsCompleted);
        client.CancelPendingRequests();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
    }

    [Fact]
    public async Task A_watch_is_cut_after_its_events_without_an_end()
    {
        _prompt.Get("Set-LabFault WatchCut -EventCount 2 -Count 1");
        using var client = _lab.Client();

        await using var stream = await client.GetStreamAsync(new Uri("/api/v1/nodes?watch=true", UriKind.Relative), TestContext.Current.CancellationToken);
        using var lines = new StreamReader(stream);
        Assert.StartsWith("{\"type\":\"ADDED\"", await lines.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.StartsWith("{\"type\":\"ADDED\"", await lines.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<IOException>(() => lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask());
    }

    [Theory]
    [InlineData("Set-LabFault DiskFull -Bytes 5", "-Bytes says nothing about the fault DiskFull")]
    [InlineData("Set-LabFault ApiHang -Node k8s-w1", "-Node says nothing about the fault ApiHang, which is the API server's")]
    [InlineData("Set-LabFault KubeletStopped -Count 5", "-Count says nothing about the fault KubeletStopped")]
    public void A_setting_that_means_nothing_is_refused(string line, string message)
    {
        var error = Assert.Single(_prompt.Run(line).Errors);

        Assert.StartsWith("FaultSettingNotUsed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Setting_a_fault_again_replaces_it_and_WhatIf_sets_none()
    {
        _prompt.Get("Set-LabFault NodeSlow k8s-w* -Delay 5 -WhatIf");
        Assert.Empty(_prompt.Get("Get-LabFault"));

        _prompt.Get("Set-LabFault NodeSlow k8s-w* -Delay 5; Set-LabFault NodeSlow k8s-w* -Delay 0.001");

        var faults = _prompt.Get("Get-LabFault").Select(fault => (LabFault)fault.BaseObject);
        Assert.Equal([("k8s-w1", TimeSpan.FromMilliseconds(1)), ("k8s-w2", TimeSpan.FromMilliseconds(1))], faults.Select(fault => (fault.Node!, fault.Delay!.Value)));
        Assert.Equal("k8s-w2", Assert.Single(_prompt.Get("(Clear-LabFault -Node *2 -PassThru).Node")).BaseObject);
        Assert.Equal("k8s-w1", Assert.Single(_prompt.Get("(Get-LabFault).Node")).BaseObject);
    }

    [Fact]
    public void A_lab_of_real_machines_cannot_be_broken_on_purpose()
    {
        using var folder = new TemporaryFolder();
        var inventory = Path.Combine(folder.Path, "inventory.yaml");
        File.WriteAllText(inventory, "nodes:\n- node: real\n  host: 192.0.2.1\n");
        using var prompt = new Prompt();
        prompt.Run("Connect-LabCluster -Name real-machines -Inventory $args[0] -ErrorAction Ignore | Out-Null", inventory);
        try
        {
            var error = Assert.Single(prompt.Run("Set-LabFault DiskFull -Lab real-machines").Errors);
            Assert.StartsWith("FaultsNotSupported,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        }
        finally
        {
            prompt.Get("Remove-LabCluster real-machines -Confirm:$false");
        }
    }

    private static async Task<HttpResponseMessage> GetAsync(HttpClient client, string path) =>
        await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    private static async Task Eventually(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(10, TestContext.Current.CancellationToken);
    }

    public sealed class BrokenLab : IDisposable
    {
        private readonly string _name = "faults-" + Guid.NewGuid().ToString("N")[..8];
        private readonly LabCluster _lab;

        public BrokenLab() => _lab = (LabCluster)Prompt.Get("New-LabCluster $args[0] -Provider Simulator", _name).Single().BaseObject;

        internal Prompt Prompt { get; } = new();

        /// <summary>A client of the lab's API with what its kubeconfig says.</summary>
        internal HttpClient Client()
        {
            var configuration = k8s.KubernetesClientConfiguration.BuildConfigFromConfigFile(_lab.KubeConfig);
            var handler = new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions
                {
                    ClientCertificates = [X509CertificateLoader.LoadPkcs12(
                        X509Certificate2.CreateFromPem(
                            System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(configuration.ClientCertificateData)),
                            System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(configuration.ClientCertificateKeyData))).Export(X509ContentType.Pkcs12),
                        null)],
                    CertificateChainPolicy = new X509ChainPolicy
                    {
                        TrustMode = X509ChainTrustMode.CustomRootTrust,
                        RevocationMode = X509RevocationMode.NoCheck,
                        CustomTrustStore = { configuration.SslCaCerts[0] },
                    },
                },
            };
            return new HttpClient(handler) { BaseAddress = _lab.ApiServer };
        }

        public void Dispose()
        {
            Prompt.Run("Remove-LabCluster $args[0] -Confirm:$false", _name);
            Prompt.Dispose();
        }
    }
}
