using CiliumLab.Tests.Integration;

namespace CiliumLab.Tests.Vagrant;

/// <summary>The provisioning scripts as they run on a machine, with stand-ins for what needs the internet; see <see cref="ProvisionedMachine"/>.</summary>
public sealed class ProvisioningScriptTests
{
    [Fact]
    public async Task A_node_is_made_once_and_running_it_again_changes_nothing()
    {
        using var machine = new ProvisionedMachine();

        var output = (await machine.RunAsync("base.sh")).Succeeded("base.sh") + (await machine.RunWithTokenAsync("control-plane.sh")).Succeeded("control-plane.sh");
        var before = machine.Files("etc");
        var again = (await machine.RunAsync("base.sh")).Succeeded("base.sh") + (await machine.RunWithTokenAsync("control-plane.sh")).Succeeded("control-plane.sh");

        Assert.Equal(
            "[TASK 1/7] Name the nodes and turn swap off\n[TASK 2/7] Prepare the kernel\n[TASK 3/7] Install tools\n[TASK 4/7] Install containerd 1.7.27\n"
            + "[TASK 5/7] Install Kubernetes 1.33.2\n[TASK 6/7] Configure containerd\n[TASK 7/7] Install Helm 3.18.6\n"
            + "[TASK 1/3] Make the control plane\n[TASK 2/3] Keep the workers' token\n[TASK 3/3] Give kubectl to root and vagrant\n",
            output);
        Assert.Equal(output, again);
        Assert.Equal(before, machine.Files("etc"));
        Assert.Single(machine.Calls, call => call.StartsWith("kubeadm init", StringComparison.Ordinal));
        Assert.DoesNotContain(machine.Calls, call => call.StartsWith("kubeadm reset", StringComparison.Ordinal));

        Assert.Equal("127.0.0.1 localhost\n127.0.1.1 k8s-ctr k8s-ctr\n192.168.10.100 k8s-ctr # lab node\n192.168.10.101 k8s-w1 # lab node\n", machine.Read("etc/hosts"));
        Assert.Equal("# swap was here\n/dev/mapper/root / ext4 defaults 0 1\n#/swap.img\tnone\tswap\tsw\t0\t0\n", machine.Read("etc/fstab"));
        Assert.Equal("overlay\nbr_netfilter\n", machine.Read("etc/modules-load.d/kubernetes.conf"));
        Assert.Equal("net.bridge.bridge-nf-call-iptables = 1\nnet.bridge.bridge-nf-call-ip6tables = 1\nnet.ipv4.ip_forward = 1\n", machine.Read("etc/sysctl.d/90-kubernetes.conf"));
        Assert.Contains("modprobe br_netfilter", machine.Calls);
        Assert.Contains("sysctl --quiet --load=/etc/sysctl.d/90-kubernetes.conf", machine.Calls);
        Assert.Equal("deb [signed-by=/etc/apt/keyrings/kubernetes.gpg] https://pkgs.k8s.io/core:/stable:/v1.33/deb/ /\n", machine.Read("etc/apt/sources.list.d/kubernetes.list"));
        Assert.EndsWith("signed-by=/etc/apt/keyrings/docker.gpg] https://download.docker.com/linux/ubuntu noble stable\n", machine.Read("etc/apt/sources.list.d/docker.list"), StringComparison.Ordinal);
        Assert.Equal(1, machine.Read("home/vagrant/.bashrc").Split("alias k=kubectl").Length - 1);
    }

    [Theory]
    [InlineData("1.24.17", "192.168.10.100", "v1beta3", "  kubeletExtraArgs:\n    node-ip: 192.168.10.100\n")]
    [InlineData("1.30.14", "192.168.10.100", "v1beta3", "  kubeletExtraArgs:\n    node-ip: 192.168.10.100\n")]
    [InlineData("1.31.0", "192.168.10.100", "v1beta4", "  kubeletExtraArgs:\n    - name: node-ip\n      value: 192.168.10.100\n")]
    [InlineData("1.34.1", "", "v1beta4", "")]
    [InlineData("1.28.0", "", "v1beta3", "")]
    public async Task Each_version_of_Kubernetes_is_spoken_to_in_its_own_form(string version, string address, string api, string arguments)
    {
        using var machine = new ProvisionedMachine();
        machine.Variables["KUBERNETES_VERSION"] = version;
        machine.Variables["KUBELET_NODE_IP"] = address;

        (await machine.RunWithTokenAsync("control-plane.sh")).Succeeded("control-plane.sh");
        (await machine.RunWithTokenAsync("worker.sh")).Succeeded("worker.sh");

        var registration = $"nodeRegistration:\n  name: k8s-ctr\n  criSocket: unix:///run/containerd/containerd.sock\n{arguments}";
        Assert.Equal(
            $"""
            apiVersion: kubeadm.k8s.io/{api}
            kind: InitConfiguration
            bootstrapTokens:
              - token: abcdef.0123456789abcdef
                ttl: 24h0m0s
                description: for the workers of the lab
            localAPIEndpoint:
              advertiseAddress: 192.168.10.100
              bindPort: 6443
            {registration}---
            apiVersion: kubeadm.k8s.io/{api}
            kind: ClusterConfiguration
            kubernetesVersion: v{version}
            networking:
              podSubnet: 10.244.0.0/16
              serviceSubnet: 10.96.0.0/16

            """,
            machine.Read("var/stand-in/init.yaml"));
        Assert.Equal(
            $"""
            apiVersion: kubeadm.k8s.io/{api}
            kind: JoinConfiguration
            discovery:
              bootstrapToken:
                apiServerEndpoint: 192.168.10.100:6443
                token: abcdef.0123456789abcdef
                caCertHashes:
                  - sha256:1234
            {registration}
            """,
            machine.Read("var/stand-in/join.yaml"));
        // What has the token in it is gone with the script that needed it.
        Assert.False(machine.Has("home/vagrant/.ciliumlab/join") || machine.Has("etc/kubernetes/ciliumlab-kubeadm.yaml"));
        Assert.DoesNotContain(machine.Files("etc").Values.Concat(machine.Files("var/log").Values), text => text.Contains("0123456789abcdef", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_repository_whose_key_is_another_one_is_not_used()
    {
        using var machine = new ProvisionedMachine();
        machine.Write("var/stand-in/other-key", "0000111122223333444455556666777788889999");

        var result = await machine.RunAsync("base.sh");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("[FAILED] Install containerd 1.7.27: exit code 1. The end of /var/log/ciliumlab/base-4.log:\nthe key at https://download.docker.com/linux/ubuntu/gpg has the fingerprint '0000111122223333444455556666777788889999' and not 9DC858229FC7DD38854AE2D88D81803C0EBFCD88\n", result.Output, StringComparison.Ordinal);
        Assert.Empty(machine.Files("etc/apt"));
        Assert.DoesNotContain(machine.Calls, call => call.Contains("containerd.io", StringComparison.Ordinal));
    }

    [Fact]
    public async Task GnuPG_itself_tells_one_key_from_another()
    {
        Assert.SkipUnless(HostProgram.Exists("gpg"), "there is no gpg on this machine");
        using var machine = new ProvisionedMachine("gpg");
        using var home = new ScratchFolder();
        var made = await HostProgram.RunAsync(
            "bash",
            ["-euc", "chmod 700 \"$1\"; export GNUPGHOME=$1; gpg --batch --quiet --passphrase '' --quick-gen-key test@lab ed25519; gpg --armor --export; gpg --list-keys --with-colons | awk -F: '$1 == \"fpr\" { print $10 }'; gpgconf --kill all", "bash", home.Path],
            cancellationToken: TestContext.Current.CancellationToken);
        var lines = made.Succeeded("gpg").TrimEnd().Split('\n');
        machine.Write("usr/local/sbin/curl", "#!/bin/bash\nwhile [[ $1 != --output ]]; do shift; done\ncat > \"$2\" <<'END'\n" + string.Join('\n', lines[..^1]) + "\nEND\n");

        var refused = await machine.RunAsync("base.sh");
        Assert.Contains($"has the fingerprint '{lines[^1]}' and not 9DC858229FC7DD38854AE2D88D81803C0EBFCD88", refused.Output, StringComparison.Ordinal);

        machine.Change("base.sh", "9DC858229FC7DD38854AE2D88D81803C0EBFCD88", lines[^1]);
        machine.Change("base.sh", "DE15B14486CD377B9E876E1A234654DA9A296436", lines[^1]);
        var taken = await machine.RunAsync("base.sh");
        Assert.Contains("[TASK 6/7] Configure containerd", taken.Output, StringComparison.Ordinal);
        Assert.True(machine.Has("etc/apt/keyrings/docker.gpg") && machine.Has("etc/apt/keyrings/kubernetes.gpg"));
        Assert.DoesNotContain("BEGIN PGP", machine.Read("etc/apt/keyrings/kubernetes.gpg"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_whose_checksum_is_another_one_is_not_installed()
    {
        using var machine = new ProvisionedMachine();
        machine.Write("var/stand-in/other-checksum", "");

        var result = await machine.RunAsync("base.sh");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("[FAILED] Install Helm 3.18.6: exit code 1.", result.Output, StringComparison.Ordinal);
        Assert.Contains("checksum did NOT match", result.Output, StringComparison.Ordinal);
        Assert.False(machine.Has("usr/local/bin/helm"));
    }

    [Theory]
    [InlineData("    sandbox_image = \"registry.k8s.io/pause:3.8\"\n            SystemdCgroup = false\n", "    sandbox_image = \"registry.k8s.io/pause:3.10\"\n            SystemdCgroup = true\n")]
    [InlineData("      sandbox = 'registry.k8s.io/pause:3.10.1'\n            SystemdCgroup = false\n", "      sandbox = 'registry.k8s.io/pause:3.10'\n            SystemdCgroup = true\n")]
    public async Task The_configurations_of_containerd_1_and_2_become_what_Kubernetes_wants(string before, string after)
    {
        using var machine = new ProvisionedMachine();
        machine.Write("var/stand-in/config.toml", before);

        (await machine.RunAsync("base.sh")).Succeeded("base.sh");

        Assert.Equal(after, machine.Read("etc/containerd/config.toml"));
        Assert.Contains("systemctl restart containerd", machine.Calls);
    }

    [Fact]
    public async Task A_containerd_that_has_no_such_setting_is_an_error_and_not_a_node_that_fails_later()
    {
        using var machine = new ProvisionedMachine();
        machine.Write("var/stand-in/config.toml", "version = 4\n");

        var result = await machine.RunAsync("base.sh");

        Assert.Contains("[FAILED] Configure containerd: exit code 1.", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("containerd 1.7.27 has no SystemdCgroup in its default configuration\n", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("systemctl restart containerd", machine.Calls);
    }

    [Fact]
    public async Task What_an_attempt_left_half_made_is_reset_before_the_next_one()
    {
        using var machine = new ProvisionedMachine();
        machine.Write("etc/kubernetes/manifests/etcd.yaml", "half");
        machine.Write("etc/kubernetes/kubelet.conf", "half");

        (await machine.RunWithTokenAsync("control-plane.sh")).Succeeded("control-plane.sh");
        machine.Write("etc/kubernetes/kubelet.conf", "half");
        (await machine.RunWithTokenAsync("worker.sh")).Succeeded("worker.sh");

        Assert.Equal(
            ["kubeadm reset --force", "kubeadm init", "kubeadm token list", "kubeadm token create", "kubeadm reset --force", "kubeadm join"],
            machine.Calls.Where(call => call.StartsWith("kubeadm", StringComparison.Ordinal)).Select(call => string.Join(' ', call.Split(" --config")[0].Split(" --kubeconfig")[0])));
    }

    [Fact]
    public async Task A_token_that_the_cluster_knows_stays_and_one_whose_time_is_over_is_made_again()
    {
        using var machine = new ProvisionedMachine();
        machine.Write("var/stand-in/tokens", "TOKEN TTL\nabcdef.0123456789abcdef   23h   authentication,signing\n");
        (await machine.RunWithTokenAsync("control-plane.sh")).Succeeded("control-plane.sh");
        Assert.DoesNotContain(machine.Calls, call => call.StartsWith("kubeadm token create", StringComparison.Ordinal));

        machine.Write("var/stand-in/tokens", "TOKEN TTL\n");
        (await machine.RunWithTokenAsync("control-plane.sh")).Succeeded("control-plane.sh");
        Assert.Contains("kubeadm token create --kubeconfig /etc/kubernetes/admin.conf --ttl 24h0m0s abcdef.0123456789abcdef", machine.Calls);
    }

    [Theory]
    [InlineData("control-plane.sh", "Make the control plane")]
    [InlineData("worker.sh", "Join the cluster")]
    public async Task A_failure_shows_the_end_of_what_the_task_said_and_leaves_no_token(string script, string task)
    {
        using var machine = new ProvisionedMachine();
        machine.Write("var/stand-in/fail-kubeadm", string.Concat(Enumerable.Range(1, 30).Select(line => $"line {line}\n")));

        var result = await machine.RunWithTokenAsync(script);

        Assert.Equal(100, result.ExitCode);
        Assert.Contains($"[FAILED] {task}: exit code 100. The end of /var/log/ciliumlab/{Path.GetFileNameWithoutExtension(script)}-1.log:\nline 11\nline 12\n", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("line 30\n", result.Output, StringComparison.Ordinal);
        Assert.False(machine.Has("home/vagrant/.ciliumlab/join") || machine.Has("etc/kubernetes/ciliumlab-kubeadm.yaml"));
    }
}
