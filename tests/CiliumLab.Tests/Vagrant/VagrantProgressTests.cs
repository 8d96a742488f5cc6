using CiliumLab.Engine.Providers.Vagrant;
using CiliumLab.Engine.Text;

namespace CiliumLab.Tests.Vagrant;

/// <summary>Recorded <c>vagrant up</c> as a stream, and the progress that comes of it.</summary>
public sealed class VagrantProgressTests
{
    [Fact]
    public void The_recorded_lab_comes_up_step_by_step()
    {
        var steps = Steps(new VagrantProgress(), Fixture.Read("transcript/003-vagrant-destroy-f.txt").Split('\n').Select(AsVagrantPrintsIt));

        Assert.Equal(["k8s-ctr", "k8s-w1", "k8s-w2"], steps.Select(step => step.Node).Distinct());
        Assert.Equal(
            [
                "waiting",
                "Cloning VM",
                "Matching MAC address for NAT networking",
                "Checking if box 'bento/ubuntu-24.04' version '202502.21.0' is up to date",
                "Setting the name of the VM: k8s-ctr",
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
                "shell 1: Initial Kubernetes",
                "shell 2: Setting kube config file",
                "shell 3: Source the completion",
                "shell 4: Alias kubectl to k",
                "shell 5: Install Kubectx & Kubens",
                "shell 6: Install Kubeps & Setting PS1",
                "shell 6: Install Kubeps & Setting PS1",
            ],
            steps.Where(step => step.Node == "k8s-ctr").Select(step => step.Step));
        Assert.Equal(["shell", "shell 1: K8S Controlplane Join"], steps.Where(step => step.Node == "k8s-w2").TakeLast(2).Select(step => step.Step));
        Assert.Equal(24, steps.Count(step => step.Node == "k8s-w1"));
    }

    [Fact]
    public void A_task_that_failed_is_known_with_what_it_said()
    {
        var progress = new VagrantProgress();

        var steps = Steps(progress, Fixture.Read("vagrant/up-failed.machine-readable.txt").Split('\n'));

        Assert.Equal(["waiting", "Booting VM", "Machine booted and ready!", "base", "base 1/2: one", "base 2/2: two", "up"], steps.Where(step => step.Node == "k8s-w1").Select(step => step.Step));
        var (node, task, output) = progress.Unfinished() ?? default;
        Assert.Equal(("k8s-w2", "base 2/2: two"), (node, task));
        Assert.Equal(["oops"], output);
    }

    [Fact]
    public void Of_machines_side_by_side_the_one_that_reported_an_error_is_named()
    {
        var progress = new VagrantProgress();

        Steps(
            progress,
            [
                "1,a,action,up,start", "1,b,action,up,start", "1,c,action,up,start",
                "1,a,ui,output,==> a: Booting VM...", "1,b,ui,info,==> b: Running provisioner: base (shell)...",
                "1,b,ui,detail,    b: [TASK 2/7] Install tools\\n    b: first%!(VAGRANT_COMMA) line\\n    b: second line", "1,c,action,up,end",
                "1,b,ui,error,==> b: An error occurred. The error will be shown after all tasks complete.",
            ]);

        var (node, _, _) = progress.Unfinished() ?? default;
        Assert.Equal("b", node);
    }

    [Fact]
    public void When_all_have_ended_nothing_is_unfinished()
    {
        var progress = new VagrantProgress();

        Steps(progress, ["1,a,action,up,start", "1,a,ui,output,==> a: Booting VM...", "1,a,action,up,end"]);

        Assert.Null(progress.Unfinished());
    }

    private static List<VagrantStep> Steps(VagrantProgress progress, IEnumerable<string> lines) =>
        [.. lines.Select(VagrantLine.Parse).OfType<VagrantLine>().Select(progress.Read).OfType<VagrantStep>()];

    // The recording is what a person saw; Vagrant prints the same words for machines, with the machine's name beside them.
    internal static string AsVagrantPrintsIt(string line)
    {
        var detail = line.StartsWith("    ", StringComparison.Ordinal);
        if (!detail && !line.StartsWith("==> ", StringComparison.Ordinal))
            return $"1752500000,,ui,info,{line.Replace(",", "%!(VAGRANT_COMMA)", StringComparison.Ordinal)}";
        var node = line[4..line.IndexOf(':', StringComparison.Ordinal)];
        return $"1752500000,{node},ui,{(detail ? "detail" : "output")},{line.Replace(",", "%!(VAGRANT_COMMA)", StringComparison.Ordinal)}";
    }
}
