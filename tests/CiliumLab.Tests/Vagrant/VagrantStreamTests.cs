using CiliumLab.Engine.Host;
using CiliumLab.Engine.Providers.Vagrant;

namespace CiliumLab.Tests.Vagrant;

/// <summary>The recorded <c>vagrant up</c> as a running Vagrant prints it, line by line.</summary>
public sealed class VagrantStreamTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Each_step_is_told_while_Vagrant_is_still_at_work()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-ins are shell scripts");
        var recorded = Fixture.Read("transcript/003-vagrant-destroy-f.txt");
        var lab = Directory.CreateDirectory(Path.Combine(_scratch.Path, "a lab Ünïcödé ラボ")).FullName;
        var programs = Path.Combine(_scratch.Path, "programs");
        var seen = _scratch.Write("seen", "");
        File.Delete(seen);
        File.WriteAllText(Path.Combine(lab, "Vagrantfile"), "");
        _scratch.Write("recorded", string.Join('\n', recorded.TrimEnd('\n').Split('\n').Select(VagrantProgressTests.AsVagrantPrintsIt)) + "\n");
        // At some lines it does not go on until the step that they tell of has arrived; one that never does is a failure of Vagrant's.
        StandIn.Write(programs, "vagrant", $"""
            if [[ $1 == --version ]]; then echo 'Vagrant 2.4.7'; exit; fi
            while IFS= read -r line; do
              printf '%s\n' "$line"
              case $line in
                *'Booting VM...' | *'[TASK 3]'*)
                  for ((tries = 0; tries < 400; tries++)); do [[ ! -e '{seen}' ]] || break; sleep 0.05; done
                  rm '{seen}' || exit 1 ;;
              esac
            done < '{_scratch.Path}/recorded'
            """);
        var steps = new List<(string? Node, string Step)>();
        var machines = new VagrantMachines(new LocalHost { Platform = HostPlatform.Linux, ProgramFolders = [programs] }, "week1", lab);

        await machines.UpAsync(["k8s-ctr", "k8s-w1", "k8s-w2"], provision: true, Take, TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                "waiting",
                "Cloning VM",
                "Matching MAC address for NAT networking",
                "Checking if box 'bento/ubuntu-24.04' version '202502.21.0' is up to date",
                "Setting the name of the VM: k8s-w1",
                "Clearing any previously set network interfaces",
                "Preparing network interfaces based on configuration",
                "Forwarding ports",
                "Running 'pre-boot' VM customizations",
                "Booting VM",
                "Waiting for machine to boot. This may take a few minutes",
                "Machine booted and ready!",
                "Checking for guest additions in VM",
                "Setting hostname",
                "Configuring and enabling network interfaces",
                "shell",
                "shell 1: Setting Profile & Change Timezone",
                "shell 2: Disable AppArmor",
                "shell 3: Disable and turn off SWAP",
                "shell 4: Install Packages",
                "shell 5: Install Kubernetes components (kubeadm, kubelet and kubectl)",
                "shell 6: Install Packages & Helm",
                "shell",
                "shell 1: K8S Controlplane Join",
            ],
            steps.Where(step => step.Node == "k8s-w1").Select(step => step.Step));
        Assert.Equal((30, 24), (steps.Count(step => step.Node == "k8s-ctr"), steps.Count(step => step.Node == "k8s-w2")));
        Assert.Equal(recorded.TrimEnd('\n'), File.ReadAllText(Path.Combine(lab, "vagrant.log")).Split('\n', 2)[1].TrimEnd('\n'));

        Task Take(string step, string? node)
        {
            steps.Add((node, step));
            if (step == "Booting VM" || step.StartsWith("shell 3: ", StringComparison.Ordinal))
                File.WriteAllText(seen, "");
            return Task.CompletedTask;
        }
    }
}
