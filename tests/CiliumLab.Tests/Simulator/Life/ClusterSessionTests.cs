using System.Diagnostics;
using System.Text.RegularExpressions;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Tests.Simulator.Life;

/// <summary>The cluster through its own server, seen by kubectl, and held against the recorded lab.</summary>
public sealed partial class ClusterSessionTests
{
    [Fact]
    public async Task Kubectl_prints_the_recorded_tables_and_reaches_into_pods()
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(f => Path.Combine(f, OperatingSystem.IsWindows() ? "kubectl.exe" : "kubectl")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "kubectl is not installed");
        await using var lab = await TestCluster.CreateAsync();
        var server = await lab.Cluster.StartServerAsync(cancellationToken: TestContext.Current.CancellationToken);
        var folder = Directory.CreateTempSubdirectory("ciliumlab-life-");
        try
        {
            var config = Path.Combine(folder.FullName, "config");
            KubeConfig.Write(config, server.AdminKubeConfig());
            Task<string> K(params string[] arguments) => RunAsync(program!, config, folder.FullName, arguments);

            Assert.Equal(Masked(Recorded.Lines(20)), Masked(Lines(await K("get", "node", "-owide"))));
            Assert.Equal(Masked(Recorded.Lines(21)), Masked(Lines(await K("get", "pod", "-A", "-owide"))));
            var described = await K("describe", "pod", "-n", "kube-system", "-l", "k8s-app=kube-dns");
            foreach (var line in Recorded.Lines(22).TakeWhile(l => !l.StartsWith("Events:", StringComparison.Ordinal)))
                Assert.Contains(Unstable().Replace(line, "*"), Lines(described).Select(l => Unstable().Replace(l, "*")));
            Assert.Equal(Recorded.Lines(30), Lines(await K("cluster-info", "dump")).Where(l => l.Contains("--cluster-cidr=", StringComparison.Ordinal) || l.Contains("--service-cluster-ip-range=", StringComparison.Ordinal)).Take(2));
            Assert.Equal(lab.Cluster.AuthorityPem, lab.Get(ResourceTypes.ConfigMaps, "default", "kube-root-ca.crt").Text("data", "ca.crt"));

            await lab.InstallNetworkAsync();
            await lab.DeployWebpodAsync();
            var recorded = Recorded.Lines(60).Select(l => l.Replace("deployment.apps/", "", StringComparison.Ordinal).Replace("service/", "", StringComparison.Ordinal)).ToArray();
            Assert.Equal(Masked(recorded[1..3]), Masked(Lines(await K("get", "deploy", "webpod", "-owide"))));
            Assert.Equal(Masked(recorded[4..6]), Masked(Lines(await K("get", "svc", "webpod", "-owide"))));
            Assert.Contains("deployment \"webpod\" successfully rolled out", await K("rollout", "status", "deployment", "webpod"), StringComparison.Ordinal);
            Assert.Contains("Hostname: webpod-", await K("exec", "curl-pod", "--", "curl", "-s", "webpod"), StringComparison.Ordinal);
            Assert.Contains("Starting up on port 80", await K("logs", "deployment/webpod"), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Columns lose their padding; ages and names that a seed gives are masked; rows are sorted by what is left.</summary>
    private static List<string> Masked(IEnumerable<string> lines) =>
        [.. lines.Where(l => l.Length > 0).Select(l => Spaces().Replace(Unstable().Replace(l, "*"), " ")).Order(StringComparer.Ordinal)];

    private static string[] Lines(string text) => [.. text.Split('\n').Select(l => l.TrimEnd())];

    private static async Task<string> RunAsync(string program, string config, string home, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = config;
        start.Environment["HOME"] = home;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {await error}");
        return await output;
    }

    [GeneratedRegex(@"\b(\d+m)?\d+[smhd]\b|(?<=coredns-)[a-z0-9]{8,10}(-[a-z0-9]{5})?|(?<=kube-proxy-)[a-z0-9]{5}|(?<=kube-api-access-)[a-z0-9]{5}|(?<=pod-template-hash=)[a-z0-9]+")]
    private static partial Regex Unstable();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
