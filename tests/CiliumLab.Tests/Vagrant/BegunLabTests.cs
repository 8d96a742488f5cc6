using CiliumLab.Tests.Host;

namespace CiliumLab.Tests.Vagrant;

/// <summary>
/// A user's sessions, each a process of its own with the user's home, and a Vagrant that fails half-way in the words of a real one.
/// </summary>
public sealed class BegunLabTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public BegunLabTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-ins are shell scripts");
        Directory.CreateDirectory(Temporary);
        StandIn.Write(Path.Combine(_scratch.Path, "programs"), "vagrant", $"""
            case $* in
              --version) echo 'Vagrant 2.4.7' ;;
              status*) echo 1,k8s-ctr,state,not_created ;;
              up*)
                echo "$*" >> '{_scratch.Path}/calls'
                cat <<'END'
            1,,ui,info,Bringing machine 'k8s-ctr' up with 'virtualbox' provider...
            1,k8s-ctr,action,up,start
            1,k8s-ctr,ui,info,==> k8s-ctr: Running provisioner: base (shell)...
            1,k8s-ctr,ui,detail,    k8s-ctr: [TASK 3/7] Install tools
            1,k8s-ctr,ui,detail,    k8s-ctr: E: Unable to fetch some archives
            1,,error-exit,Vagrant::Errors::VagrantError,The SSH command responded with a non-zero exit status.
            END
                exit 1 ;;
            esac
            """);
    }

    private string Home => Path.Combine(_scratch.Path, "home of Jürgen ラボ");

    private string Temporary => Path.Combine(Home, "tmp");

    private string Lab => Path.Combine(Home, ".local", "share", "ciliumlab", "labs", "half");

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task What_was_begun_is_in_the_lab_s_folder_alone_and_its_name_is_enough_to_go_on()
    {
        var first = await RunAsync("-Command", "New-LabCluster half -Provider Vagrant -WorkerCount 0 -PodCidr 10.100.0.0/16 -KeepNatNodeIp");

        Assert.Equal(1, first.ExitCode);
        Assert.Contains("failed on k8s-ctr, at \"base 3/7: Install tools\":\nE: Unable to fetch some archives", first.Error, StringComparison.Ordinal);
        // PowerShell keeps what it found out about modules.
        Assert.All(
            Directory.EnumerateFiles(Home, "*", SearchOption.AllDirectories).Where(file => !file.StartsWith(Path.Combine(Home, ".cache", "powershell"), StringComparison.Ordinal)),
            file => Assert.StartsWith(Lab + "/", file, StringComparison.Ordinal));
        var made = Files();
        Assert.Equal(
            ["Vagrantfile", "lab.yaml", "provision/base.sh", "provision/control-plane.sh", "provision/tasks.sh", "provision/worker.sh", "secrets/join", "vagrant.log"],
            made.Keys.Order(StringComparer.Ordinal));
        // The one secret is in the one file that its owner alone may read.
        var token = made["secrets/join"].Trim()["BOOTSTRAP_TOKEN=".Length..];
        Assert.DoesNotContain(made, file => file.Key != "secrets/join" && file.Value.Contains(token, StringComparison.Ordinal));
        Assert.DoesNotContain(token, first.Output + first.Error, StringComparison.Ordinal);

        var second = await RunAsync("-Command", "(Get-LabCluster half).State; New-LabCluster half -Provider Vagrant");

        Assert.Equal("Unfinished\n", second.Output);
        Assert.Contains("E: Unable to fetch some archives", second.Error, StringComparison.Ordinal);
        var again = Files();
        foreach (var file in made.Keys.Where(file => file != "vagrant.log"))
            Assert.Equal(made[file], again[file]);
        Assert.Equal(2, Calls.Length);

        var other = await RunAsync("-Command", "New-LabCluster half -Provider Vagrant -WorkerCount 1");
        Assert.Contains("was begun with other settings", other.Error, StringComparison.Ordinal);
        Assert.Equal(2, Calls.Length);
    }

    [Fact]
    public async Task The_runbook_goes_on_with_a_lab_that_is_not_finished()
    {
        await RunAsync("-Command", "New-LabCluster half -Provider Vagrant -WorkerCount 0");
        var vagrantfile = Files()["Vagrantfile"];

        foreach (var provider in (string[][])[[], ["-Provider", "Vagrant"]])
        {
            var runbook = await RunAsync([Path.Combine(Repository.Root, "runbooks", "Week1.ps1"), "-Lab", "half", .. provider]);

            Assert.Equal(1, runbook.ExitCode);
            Assert.Contains("failed on k8s-ctr, at \"base 3/7: Install tools\": E: Unable to fetch some archives", runbook.Error, StringComparison.Ordinal);
            Assert.Equal(vagrantfile, Files()["Vagrantfile"]);
        }

        Assert.Equal(Enumerable.Repeat("up k8s-ctr --provision --no-destroy-on-error --no-install-provider --machine-readable", 3), Calls);
    }

    private string[] Calls => File.ReadAllLines(Path.Combine(_scratch.Path, "calls"));

    private Dictionary<string, string> Files() =>
        Directory.EnumerateFiles(Lab, "*", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(Lab, file), File.ReadAllText);

    private Task<HostOutcome> RunAsync(params string[] arguments) =>
        HostProcess.RunAsync(
            "",
            new Dictionary<string, string>
            {
                ["HOME"] = Home,
                ["TMPDIR"] = Temporary,
                ["XDG_DATA_HOME"] = "",
                ["XDG_CONFIG_HOME"] = "",
                ["XDG_CACHE_HOME"] = "",
                ["PATH"] = $"{_scratch.Path}/programs:{Environment.GetEnvironmentVariable("PATH")}",
            },
            arguments);
}
