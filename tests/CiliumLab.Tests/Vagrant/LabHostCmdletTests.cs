using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Vagrant;

/// <summary>Test-LabHost and Initialize-LabHost at the prompt, on whatever computer the tests run on.</summary>
public sealed class LabHostCmdletTests : IDisposable
{
    private readonly Prompt _prompt = new();

    public void Dispose() => _prompt.Dispose();

    [Fact]
    public void Quiet_is_one_Boolean_that_agrees_with_the_checks()
    {
        var checks = _prompt.Get("Test-LabHost -Name nobody-has-this -Memory 1048576 -WorkerCount 250").Select(check => Assert.IsType<LabHostCheck>(check.BaseObject)).ToList();

        Assert.Equal(LabHostCheckStatus.Failed, checks.Single(check => check.Name == "Memory").Status);
        Assert.All(checks, check => Assert.Equal(check.Status == LabHostCheckStatus.Passed, check.Remedy is null));
        Assert.Equal(false, _prompt.Get("Test-LabHost -Name nobody-has-this -Memory 1048576 -WorkerCount 250 -Quiet").Single().BaseObject);
    }

    [Fact]
    public void The_simulator_needs_nothing_of_this_computer()
    {
        Assert.Empty(_prompt.Get("Test-LabHost -Provider Simulator; Initialize-LabHost -Provider Simulator"));
        Assert.Equal(true, _prompt.Get("Test-LabHost -Provider Simulator -Quiet").Single().BaseObject);
    }

    [Fact]
    public void A_lab_file_says_what_is_checked_for_and_a_parameter_goes_before_it()
    {
        using var folder = new ScratchFolder();
        var file = folder.Write("lab.yaml", "provider: Vagrant\ntopology:\n  workerCount: 4\n  memory: 3072\n  nodeNetwork: 172.31.255.0/24\n");

        var checks = _prompt.Get("Test-LabHost -Path $args[0] -WorkerCount 1", file).Select(check => (LabHostCheck)check.BaseObject).ToDictionary(check => check.Name);

        Assert.Equal("6.0 GiB for 2 machines", checks["Memory"].Required);
        Assert.Equal("172.31.255.0/24", checks["NodeNetworkFree"].Required);
        var error = Assert.Single(_prompt.Run("Test-LabHost -Path $args[0]", folder.Write("bad.yaml", "topologie: {}\n")).Errors);
        Assert.StartsWith("LabFileInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("did you mean 'topology'?", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIf_changes_nothing_and_the_checks_are_written_all_the_same()
    {
        var before = Snapshot();

        var outcome = _prompt.Run("Initialize-LabHost -WhatIf");

        var checks = outcome.Output.Select(check => (LabHostCheck)check.BaseObject).ToList();
        Assert.NotEmpty(checks);
        Assert.Equal(before, Snapshot());
        // What it does not mend it prints, with what to type.
        Assert.Equal(
            checks.Where(check => check is { Status: LabHostCheckStatus.Failed, CanInitialize: false }).Select(check => $"{check.Name}: {check.Found}. To mend it: {check.Remedy}"),
            outcome.Warnings);
    }

    [Fact]
    public void A_new_lab_takes_its_file_and_the_parameters_before_it()
    {
        using var folder = new ScratchFolder();
        var name = "plan-" + Guid.NewGuid().ToString("N")[..6];
        var file = folder.Write("lab.yaml", $"name: {name}\nprovider: Simulator\ntopology:\n  workerCount: 2\n  nodeNetwork: 172.30.6.0/24\n");

        var lab = (LabCluster)_prompt.Get("New-LabCluster -Path $args[0] -WorkerCount 0", file).Single().BaseObject;
        try
        {
            Assert.Equal((name, LabProvider.Simulator), (lab.Name, lab.Provider));
            Assert.Equal(["k8s-ctr"], lab.Nodes);
            Assert.Contains("172.30.6.0/24", File.ReadAllText(Path.Combine(lab.Path, "lab.yaml")), StringComparison.Ordinal);
        }
        finally
        {
            _prompt.Get("Remove-LabCluster $args[0] -Confirm:$false", name);
        }

        Assert.StartsWith(
            "LabProviderMissing,", Assert.Single(_prompt.Run("New-LabCluster -Path $args[0]", folder.Write("bare.yaml", "name: x\n")).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Cpu 1", "kubeadm makes no control plane with fewer than 2 processors")]
    [InlineData("-Memory 1024", "kubeadm makes no control plane with less than 1700 MiB")]
    [InlineData("-KubernetesVersion 1.23.17", "pkgs.k8s.io has 1.24 and later")]
    [InlineData("-BoxVersion newest", "a box's version is numbers with dots")]
    [InlineData("-SshPort 65535", "there are no 3 ports from there on")]
    public void What_virtual_machines_cannot_be_is_refused_before_anything_is_made(string parameters, string reason)
    {
        var name = "never-" + Guid.NewGuid().ToString("N")[..6];

        var error = Assert.Single(_prompt.Run($"New-LabCluster {name} -Provider Vagrant {parameters}").Errors);

        Assert.StartsWith("TopologyInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(reason, error.ToString(), StringComparison.Ordinal);
        Assert.Single(_prompt.Run("Get-LabCluster $args[0]", name).Errors);
    }

    [Fact]
    public void Tab_offers_boxes() =>
        Assert.Equal(["bento/ubuntu-24.04", "bento/ubuntu-22.04"], _prompt.Complete("New-LabCluster x -Provider Vagrant -Box bento/ub"));

    private static string Snapshot() => string.Join(
        '\n',
        ((IEnumerable<string>)["/etc/vbox", "/etc/modules-load.d"])
            .Where(Directory.Exists)
            .SelectMany(Directory.EnumerateFiles)
            .Select(file => $"{file} {File.GetLastWriteTimeUtc(file).Ticks}"));
}
