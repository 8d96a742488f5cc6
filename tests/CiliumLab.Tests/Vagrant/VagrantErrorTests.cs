using CiliumLab.Engine.Host;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Providers;
using CiliumLab.Engine.Providers.Vagrant;
using CiliumLab.Model;

namespace CiliumLab.Tests.Vagrant;

/// <summary>Vagrants that are missing, old, busy, or say what nobody expects: stand-ins with the words of real ones.</summary>
public sealed class VagrantErrorTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    private string Programs => Path.Combine(_scratch.Path, "programs");

    private string Folder => Path.Combine(_scratch.Path, "lab");

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Without_Vagrant_the_error_says_how_to_install_it()
    {
        StandIn.Write(Programs, "dnf", "exit 1");

        var error = await Fails();

        Assert.Equal(("VagrantNotFound", LabErrorKind.NotInstalled), (error.ErrorId, error.Kind));
        Assert.StartsWith("sudo dnf install vagrant;", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_too_old_is_refused_and_looked_at_again_after_it_was_replaced()
    {
        StandIn.Write(Programs, "vagrant", "echo 'Vagrant 2.2.19'");
        Assert.Equal("VagrantTooOld", (await Fails()).ErrorId);

        Vagrant("echo 1,k8s-ctr,state,running");
        Assert.Equal(LabPowerState.Running, (await Power()).State);
    }

    [Fact]
    public async Task One_that_gives_no_version_is_quoted()
    {
        StandIn.Write(Programs, "vagrant", "echo \"/opt/vagrant/embedded/bin/ruby: error while loading shared libraries\" >&2; exit 127");

        var error = await Fails();

        Assert.Equal("VagrantNotUnderstood", error.ErrorId);
        Assert.Contains("error while loading shared libraries", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1,,error-exit,Vagrant::Errors::MachineLocked,Vagrant can't use the requested machine because it is locked!")]
    [InlineData("1,,error-exit,Vagrant::Errors::VagrantError,An action 'up' was attempted on the machine 'k8s-w1'%!(VAGRANT_COMMA)\\nbut another process is already executing an action on the machine.")]
    [InlineData("1,,error-exit,Vagrant::Errors::EnvironmentLockedError,Vagrant attempted to acquire a lock named 'dotlock'%!(VAGRANT_COMMA) but this\\nlock is being held by another instance of Vagrant already.")]
    public async Task Another_Vagrant_at_work_is_told_apart(string line)
    {
        Vagrant($"cat <<'END'\n{line}\nEND\nexit 1");

        var error = await Fails();

        Assert.Equal(("VagrantLocked", LabErrorKind.ResourceUnavailable, "x"), (error.ErrorId, error.Kind, error.Target));
    }

    [Theory]
    [InlineData("ProviderNotUsable")]
    [InlineData("VirtualBoxInvalidHostSubnet")]
    [InlineData("VBoxManageError")]
    public async Task What_VirtualBox_lacks_leads_to_the_checks_of_this_computer(string type)
    {
        Vagrant($"echo '1,,error-exit,Vagrant::Errors::{type},Its own words.'; exit 1");

        var error = await Fails();

        Assert.Equal("VirtualBoxNotUsable", error.ErrorId);
        Assert.Contains("Its own words.", error.Message, StringComparison.Ordinal);
        Assert.Contains("Test-LabHost", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_unknown_is_shown_as_it_is()
    {
        Vagrant("echo 'ruby went away' >&2; exit 9");
        var died = await Fails();
        Assert.Equal("VagrantFailed", died.ErrorId);
        Assert.Contains("ruby went away", died.Message, StringComparison.Ordinal);

        Vagrant("echo 'All is well'");
        Assert.Equal("VagrantNotUnderstood", (await Fails()).ErrorId);
    }

    [Fact]
    public async Task An_up_that_ends_well_and_says_nothing_that_is_known_does_not_make_a_lab()
    {
        Vagrant("case $1 in status) echo 1,k8s-ctr,state,not_created ;; *) echo 'Now with colours!'; echo 1,k8s-ctr,novelty,1,2,3; echo 1,k8s-ctr,ui,sparkle,Whatever ;; esac");

        var error = await Assert.ThrowsAsync<LabException>(() => Provider().CreateAsync("x", new LabTopology { WorkerCount = 0 }, Folder, static (_, _) => Task.CompletedTask, Cancellation));

        Assert.Equal(("VagrantNotUnderstood", "'vagrant ssh-config' of lab 'x' did not say what it should."), (error.ErrorId, error.Message));
        // What nobody knows is in the log all the same, for a report.
        Assert.Contains("Whatever", await File.ReadAllTextAsync(Path.Combine(Folder, "vagrant.log"), Cancellation), StringComparison.Ordinal);
        Assert.Contains("Now with colours!\n", await File.ReadAllTextAsync(Path.Combine(Folder, "vagrant.log"), Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lab_whose_Vagrantfile_is_gone_says_so()
    {
        Vagrant("echo 1,k8s-ctr,state,running");
        File.Delete(Path.Combine(Folder, "Vagrantfile"));

        var error = await Assert.ThrowsAsync<LabException>(() => Power());

        Assert.Equal("VagrantfileNotFound", error.ErrorId);
        Assert.EndsWith("Remove-LabCluster x", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lab_whose_Vagrantfile_is_gone_is_taken_away_all_the_same()
    {
        Vagrant("[[ $(< Vagrantfile) == *'machines of the lab \"x\"'* && -e provision/base.sh ]] && echo \"$*\" >> changes");
        File.Delete(Path.Combine(Folder, "Vagrantfile"));
        Directory.CreateDirectory(Path.Combine(Folder, ".vagrant"));

        await Provider().RemoveAsync(Lab() with { Topology = new LabTopology { WorkerCount = 1 } }, Folder, static (_, _) => Task.CompletedTask, Cancellation);

        Assert.Equal("destroy --force --machine-readable\n", await File.ReadAllTextAsync(Path.Combine(Folder, "changes"), Cancellation));
    }

    [Theory]
    [InlineData("running running", LabPowerState.Running, null)]
    [InlineData("poweroff poweroff", LabPowerState.Stopped, null)]
    [InlineData("running gurumeditation", LabPowerState.Partial, "k8s-w1: gurumeditation")]
    [InlineData("running some_state_of_tomorrow", LabPowerState.Partial, "k8s-w1: some state of tomorrow")]
    [InlineData("saved poweroff", LabPowerState.Stopped, "k8s-ctr: saved, k8s-w1: poweroff")]
    [InlineData("running not_created", LabPowerState.Partial, "k8s-w1: not created")]
    [InlineData("poweroff not_created", LabPowerState.Partial, "k8s-ctr: poweroff, k8s-w1: not created")]
    [InlineData("not_created not_created", LabPowerState.Missing, "Its machines were removed without Remove-LabCluster.")]
    public async Task What_a_lab_does_is_what_its_machines_do(string states, LabPowerState state, string? reason)
    {
        var words = states.Split(' ');
        Vagrant($"echo 1,k8s-ctr,state,{words[0]}; echo 1,k8s-w1,state,{words[1]}");

        Assert.Equal(new LabPower(state, reason), await Power());
    }

    [Fact]
    public async Task A_snapshot_is_of_a_lab_that_runs_has_a_name_of_its_own_and_must_be_there()
    {
        Vagrant("""
            case $* in
              status*) echo 1,k8s-ctr,state,$(cat state) ;;
              'snapshot list'*) echo '1,k8s-ctr,ui,output,==> k8s-ctr: '; echo 1,k8s-ctr,ui,detail,there ;;
              *) echo "$*" >> changes ;;
            esac
            """);
        File.WriteAllText(Path.Combine(Folder, "state"), "running");

        Assert.Equal("SnapshotExists", (await Assert.ThrowsAsync<LabException>(() => Take("there"))).ErrorId);
        Assert.Equal("SnapshotNameInvalid", (await Assert.ThrowsAsync<LabException>(() => Take("--force"))).ErrorId);
        Assert.Equal("SnapshotNotFound", (await Assert.ThrowsAsync<LabException>(() => Provider().RestoreAsync(Lab(), Folder, "gone", Step, Cancellation))).ErrorId);
        Assert.False(File.Exists(Path.Combine(Folder, "changes")));
        Assert.Null(Assert.Single(await Provider().SnapshotsAsync(Lab(), Folder, Cancellation)).CreatedAt);

        Assert.NotNull((await Take("other")).CreatedAt);
        Assert.Equal("snapshot save --force other --machine-readable\n", await File.ReadAllTextAsync(Path.Combine(Folder, "changes"), Cancellation));
        File.WriteAllText(Path.Combine(Folder, "state"), "poweroff");
        Assert.Equal("LabNotRunning", (await Assert.ThrowsAsync<LabException>(() => Take("another"))).ErrorId);

        Task<LabSnapshot> Take(string name) => Provider().CheckpointAsync(Lab(), Folder, name, null, replace: false, Step, Cancellation);

        static Task Step(string step, string? node) => Task.CompletedTask;
    }

    [Fact]
    public async Task A_stopped_cmdlet_interrupts_Vagrant_and_lets_it_clean_up()
    {
        Vagrant("trap 'echo cleaned > cleaned; exit 1' INT; echo 1,k8s-ctr,action,up,start; touch started; while true; do sleep 0.05; done");
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var work = Power(stopping.Token);
        while (!File.Exists(Path.Combine(Folder, "started")))
            await Task.Delay(10, TestContext.Current.CancellationToken);
        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        Assert.Equal("cleaned\n", await File.ReadAllTextAsync(Path.Combine(Folder, "cleaned"), TestContext.Current.CancellationToken));
    }

    private async Task<LabException> Fails()
    {
        WriteVagrantfile();
        return await Assert.ThrowsAsync<LabException>(() => Power());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Task<LabPower> Power(CancellationToken? cancellationToken = null) => Provider().PowerAsync(Lab(), Folder, cancellationToken ?? Cancellation);

    private VagrantProvider Provider() => new(new LocalHost { Platform = HostPlatform.Linux, ProgramFolders = [Programs] });

    private void Vagrant(string script)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-ins are shell scripts");
        WriteVagrantfile();
        StandIn.Write(Programs, "vagrant", $"if [[ $1 == --version ]]; then echo 'Vagrant 2.4.7'; exit; fi\n{script}");
    }

    private void WriteVagrantfile()
    {
        if (!Directory.Exists(Folder))
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Folder).FullName, "Vagrantfile"), "");
    }

    private static LabDescription Lab() => new()
    {
        Name = "x",
        Provider = LabProvider.Vagrant,
        Nodes = [new NodeDescription { Node = "k8s-ctr", Host = "127.0.0.1" }, new NodeDescription { Node = "k8s-w1", Host = "127.0.0.1" }],
    };
}
