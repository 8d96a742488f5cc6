using CiliumLab.Engine.Host;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Engine.Providers.Vagrant;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;
using CiliumLab.Tests.Host;
using CiliumLab.Tests.Integration;

namespace CiliumLab.Tests.Vagrant;

/// <summary>The life of a lab with the real Vagrant, real SSH and the real provisioning scripts; see <see cref="VagrantScene"/>.</summary>
public sealed class VagrantLabTests : IClassFixture<VagrantScene>
{
    private readonly VagrantScene _scene;

    public VagrantLabTests(VagrantScene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        Assert.SkipWhen(scene.Unavailable is not null, scene.Unavailable ?? "");
        _scene = scene;
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lab_is_made_looked_at_switched_off_and_on_and_taken_away()
    {
        await _scene.ArrangeAsync();
        using var prompt = new Prompt();
        var name = "real-" + Guid.NewGuid().ToString("N")[..6];

        var lab = Assert.IsType<LabCluster>(prompt.Get("New-LabCluster $args[0] -Provider Vagrant -PodCidr 10.100.0.0/16", name).Single().BaseObject);

        Assert.Equal((LabProvider.Vagrant, LabState.Connected, true, null), (lab.Provider, lab.State, lab.Current, lab.Reason));
        Assert.Equal(["k8s-ctr", "k8s-w1", "k8s-w2"], lab.Nodes);
        Assert.Equal(new Uri("https://192.168.10.100:6443"), lab.ApiServer);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(lab.KubeConfig!) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        var answers = prompt.Get("(Invoke-NodeCommand -Command hostname).Output").Select(answer => ((string)answer.BaseObject).Trim());
        Assert.Equal(["k8s-ctr", "k8s-w1", "k8s-w2"], answers.Order());
        await ProvisionedAsync(lab);

        // A snapshot of every machine, and back.
        var taken = Assert.IsType<LabSnapshot>(prompt.Get("Checkpoint-LabCluster before -Description 'as it was'").Single().BaseObject);
        await _scene.OnNode("k8s-w2", "echo changed > /home/vagrant/since");
        var listed = Assert.IsType<LabSnapshot>(prompt.Get("Get-LabSnapshot").Single().BaseObject);
        Assert.Equal((name, "before", "as it was", taken.CreatedAt, null), (listed.Lab, listed.Snapshot, listed.Description, listed.CreatedAt, listed.Size));
        Assert.Equal(LabState.Connected, prompt.Get("(Restore-LabCluster before -Confirm:$false).State").Single().BaseObject);
        Assert.Equal("gone\n", await _scene.OnNode("k8s-w2", "[[ -e /home/vagrant/since ]] || echo gone"));
        prompt.Get("Remove-LabSnapshot before -Confirm:$false");
        Assert.Empty(prompt.Get("Get-LabSnapshot"));

        // Twice is once: nothing to do, and no machine is touched.
        prompt.Get("Start-LabCluster $args[0]", name);
        Assert.Equal(LabState.Stopped, prompt.Get("(Stop-LabCluster $args[0]).State", name).Single().BaseObject);
        Assert.Equal(LabState.Disconnected, prompt.Get("(Start-LabCluster $args[0]).State", name).Single().BaseObject);
        await HaltBehindOurBackAsync(lab, "halt", "k8s-w1");
        var partial = Assert.IsType<LabCluster>(prompt.Get("Get-LabCluster $args[0]", name).Single().BaseObject);
        Assert.Equal((LabState.Partial, "k8s-w1: poweroff"), (partial.State, partial.Reason));
        prompt.Get("Start-LabCluster $args[0]", name);
        Assert.Equal("k8s-w1", ((string)prompt.Get("(Invoke-NodeCommand -Node k8s-w1 -Lab $args[0] -Command hostname).Output", name).Single().BaseObject).Trim());

        await HaltBehindOurBackAsync(lab, "destroy", "--force");
        var missing = Assert.IsType<LabCluster>(prompt.Get("Get-LabCluster $args[0]", name).Single().BaseObject);
        Assert.Equal((LabState.Missing, "Its machines were removed without Remove-LabCluster."), (missing.State, missing.Reason));
        var error = Assert.Single(prompt.Run("Start-LabCluster $args[0]", name).Errors);
        Assert.StartsWith("LabMachinesMissing,", error.FullyQualifiedErrorId, StringComparison.Ordinal);

        prompt.Get("Remove-LabCluster $args[0] -Confirm:$false", name);
        Assert.False(Directory.Exists(lab.Path));
    }

    [Fact]
    public async Task What_failed_is_shown_and_the_same_command_goes_on_with_it()
    {
        await _scene.ArrangeAsync();
        var store = new LabStore(_scene.LabsFolder);
        await using var connections = new LabConnections(store);
        var lifecycle = new LabLifecycle(connections);
        var topology = new LabTopology { WorkerCount = 1, KeepNatNodeIp = true, KubernetesVersion = "1.30.4" };
        var steps = new List<(string? Node, string Step)>();
        await _scene.OnNode("k8s-w1", "echo 'E: Unable to fetch some archives' > /var/stand-in/fail-apt-get");

        var error = await Assert.ThrowsAsync<LabException>(() => lifecycle.CreateAsync("odd", LabProvider.Vagrant, topology, Take, Cancellation));

        Assert.Equal(("VagrantTaskFailed", LabErrorKind.RemoteCommandFailed, "k8s-w1"), (error.ErrorId, error.Kind, error.Target));
        Assert.Contains("failed on k8s-w1, at \"base 3/7: Install tools\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("E: Unable to fetch some archives", error.Message, StringComparison.Ordinal);
        Assert.Contains(("k8s-ctr", "control-plane 1/3: Make the control plane"), steps);
        var begun = store.Read("odd");
        Assert.True(begun.Unfinished);
        var again = await Assert.ThrowsAsync<LabException>(() =>
            lifecycle.CreateAsync("odd", LabProvider.Vagrant, topology with { WorkerCount = 2 }, Take, Cancellation));
        Assert.Equal("LabUnfinished", again.ErrorId);
        Assert.Equal("LabUnfinished", (await Assert.ThrowsAsync<LabException>(() => lifecycle.StartAsync(begun, Take, Cancellation))).ErrorId);

        await _scene.OnNode("k8s-w1", "rm /var/stand-in/fail-apt-get");
        var lab = await lifecycle.CreateAsync("odd", LabProvider.Vagrant, topology, Take, Cancellation);

        Assert.False(store.Read("odd").Unfinished);
        Assert.StartsWith(_scene.LabsFolder, lab.KubeConfig, StringComparison.Ordinal);
        Assert.Single(await _scene.Calls("k8s-ctr"), call => call.StartsWith("kubeadm init", StringComparison.Ordinal));
        Assert.Contains("nodeRegistration:\n  name: k8s-w1\n  criSocket: unix:///run/containerd/containerd.sock\n", await _scene.OnNode("k8s-w1", "cat /var/stand-in/join.yaml; echo"), StringComparison.Ordinal);
        Assert.DoesNotContain("kubeletExtraArgs", await _scene.OnNode("k8s-ctr", "cat /var/stand-in/init.yaml"), StringComparison.Ordinal);
        Assert.Contains("apiVersion: kubeadm.k8s.io/v1beta3\n", await _scene.OnNode("k8s-ctr", "cat /var/stand-in/init.yaml"), StringComparison.Ordinal);
        await using (var session = LabSessionFactory.Open(lab, store.Folder("odd"), SshCredential.None))
            Assert.Equal("k8s-w1\n", (await session.Shell("k8s-w1").RunAsync(NodeCommand.Of("hostname"), Cancellation)).Output);
        await lifecycle.RemoveAsync(lab, Take, Cancellation);
        Assert.Empty(store.Names());

        Task Take(string step, string? node)
        {
            lock (steps)
                steps.Add((node, step));
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Workers_come_up_side_by_side_and_nothing_is_written_outside_of_the_lab_s_folder()
    {
        await _scene.ArrangeAsync();
        using var scratch = new ScratchFolder();
        var home = Path.Combine(scratch.Path, "home of Jürgen ラボ");
        var labs = Path.Combine(home, ".local", "share", "ciliumlab", "labs");
        var ofVagrant = Directory.CreateDirectory(Path.Combine(home, ".vagrant.d")).FullName;
        Directory.CreateDirectory(Path.Combine(home, "tmp"));
        File.Copy(Path.Combine(_scene.VagrantHome, "Vagrantfile"), Path.Combine(ofVagrant, "Vagrantfile"));
        // The first worker waits for the second one, which would never come if they came one after the other.
        await _scene.OnNode("k8s-w1", "touch /var/stand-in/wait-apt-get");

        var session = RunAsync("New-LabCluster own -Provider Vagrant | Out-Null; Get-LabNode | ForEach-Object { \"$($_.Node) $($_.Role) $($_.State)\" }");
        while (!session.IsCompleted && !await JoinedAsync())
            await Task.Delay(100, Cancellation);
        // Meanwhile the machine is that Vagrant's alone.
        StandIn.Write(Path.Combine(scratch.Path, "programs"), "vagrant", $"VAGRANT_HOME='{ofVagrant}' exec vagrant \"$@\"");
        var second = new VagrantMachines(new LocalHost { ProgramFolders = [Path.Combine(scratch.Path, "programs")] }, "own", Path.Combine(labs, "own"));
        var busy = await Assert.ThrowsAsync<LabException>(() => second.RunAsync(["halt", "k8s-w1"], static (_, _) => Task.CompletedTask, Cancellation));
        await _scene.OnNode("k8s-w1", "rm /var/stand-in/wait-apt-get");
        var made = await session;

        Assert.Equal(("VagrantLocked", LabErrorKind.ResourceUnavailable, "own"), (busy.ErrorId, busy.Kind, busy.Target));

        // There is no API server behind the stand-ins, so the cluster has no say; the nodes have.
        Assert.Equal(0, made.ExitCode);
        Assert.Equal(["k8s-ctr ControlPlane Reachable", "k8s-w1 Worker Reachable", "k8s-w2 Worker Reachable"], made.Output.TrimEnd().Split('\n').Order(StringComparer.Ordinal));
        Assert.Equal(
            [Path.Combine(labs, "own")],
            Directory.EnumerateFiles(home, "*", SearchOption.AllDirectories)
                .Where(file => !IsBelow(file, ofVagrant) && !IsBelow(file, Path.Combine(home, ".cache", "powershell")))
                .Select(file => string.Join('/', file.Split('/').Take(labs.Split('/').Length + 1)))
                .Distinct());

        var gone = await RunAsync("Remove-LabCluster own -Confirm:$false");
        Assert.Equal((0, ""), (gone.ExitCode, gone.Error));
        Assert.Empty(Directory.EnumerateFileSystemEntries(labs));

        async Task<bool> JoinedAsync() => (await _scene.OnNode("k8s-w2", "cat /var/stand-in/calls || true")).Contains("kubeadm join", StringComparison.Ordinal);

        static bool IsBelow(string file, string folder) => file.StartsWith(folder + "/", StringComparison.Ordinal);

        Task<HostOutcome> RunAsync(string command) =>
            HostProcess.RunAsync(
                "",
                new Dictionary<string, string>
                {
                    ["HOME"] = home,
                    ["TMPDIR"] = Path.Combine(home, "tmp"),
                    ["VAGRANT_HOME"] = ofVagrant,
                    ["XDG_DATA_HOME"] = "",
                    ["XDG_CACHE_HOME"] = "",
                    ["XDG_CONFIG_HOME"] = "",
                },
                ["-Command", command]);
    }

    private async Task ProvisionedAsync(LabCluster lab)
    {
        var init = await _scene.OnNode("k8s-ctr", "cat /var/stand-in/init.yaml");
        Assert.Contains("apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n", init, StringComparison.Ordinal);
        Assert.Contains("  advertiseAddress: 192.168.10.100\n", init, StringComparison.Ordinal);
        Assert.Contains("  kubeletExtraArgs:\n    - name: node-ip\n      value: 192.168.10.100\n", init, StringComparison.Ordinal);
        Assert.Contains("kubernetesVersion: v1.33.2\nnetworking:\n  podSubnet: 10.100.0.0/16\n  serviceSubnet: 10.96.0.0/16\n", init, StringComparison.Ordinal);
        var token = System.Text.RegularExpressions.Regex.Match(init, "token: ([a-z0-9]{6}[.][a-z0-9]{16})\n").Groups[1].Value;
        Assert.NotEmpty(token);
        var join = await _scene.OnNode("k8s-w2", "cat /var/stand-in/join.yaml");
        Assert.Contains(
            $"    apiServerEndpoint: 192.168.10.100:6443\n    token: {token}\n    caCertHashes:\n      - {VagrantJoin.Hash(_scene.CaCertificate)}\n", join, StringComparison.Ordinal);
        Assert.Contains("      value: 192.168.10.102\n", join, StringComparison.Ordinal);

        var calls = await _scene.Calls("k8s-w1");
        Assert.Contains("apt-get install --quiet --yes --no-install-recommends --allow-downgrades --allow-change-held-packages containerd.io=1.7.27-\\*", calls);
        Assert.Contains(calls, call => call.StartsWith("apt-get install", StringComparison.Ordinal) && call.EndsWith("kubeadm=1.33.2-\\* kubelet=1.33.2-\\* kubectl=1.33.2-\\*", StringComparison.Ordinal));
        Assert.Contains(calls, call => call.StartsWith("curl", StringComparison.Ordinal) && call.EndsWith("https://pkgs.k8s.io/core:/stable:/v1.33/deb/Release.key", StringComparison.Ordinal));
        Assert.Contains("apt-mark hold kubeadm kubelet kubectl", calls);
        Assert.Equal(["kubeadm config images list --kubernetes-version v1.33.2", "kubeadm join --config /etc/kubernetes/ciliumlab-kubeadm.yaml"], calls.Where(call => call.StartsWith("kubeadm", StringComparison.Ordinal)));
        Assert.Equal(
            "    sandbox_image = \"registry.k8s.io/pause:3.10\"\n            SystemdCgroup = true\n", await _scene.OnNode("k8s-w1", "cat /etc/containerd/config.toml"));
        Assert.EndsWith("192.168.10.100 k8s-ctr # lab node\n192.168.10.101 k8s-w1 # lab node\n192.168.10.102 k8s-w2 # lab node\n", await _scene.OnNode("k8s-w1", "cat /etc/hosts"), StringComparison.Ordinal);
        Assert.Contains("/core:/stable:/v1.33/deb/ /\n", await _scene.OnNode("k8s-w1", "cat /etc/apt/sources.list.d/kubernetes.list"), StringComparison.Ordinal);
        Assert.Equal("755 /usr/local/bin/helm\n", await _scene.OnNode("k8s-ctr", "stat -c '%a %n' /usr/local/bin/helm"));
        Assert.Equal("600 root /root/.kube/config\n600 vagrant /home/vagrant/.kube/config\n", await _scene.OnNode("k8s-ctr", "stat -c '%a %U %n' /root/.kube/config /home/vagrant/.kube/config"));

        // No secret stays: not on the nodes, not in the lab's folder, not in its log.
        foreach (var node in lab.Nodes)
            Assert.Equal("", await _scene.OnNode(node, "grep -rl -- \"$1\" /etc /home /root /var/log /tmp || true", token));
        Assert.DoesNotContain(
            Directory.EnumerateFiles(lab.Path, "*", SearchOption.AllDirectories), file => File.ReadAllText(file).Contains(token, StringComparison.Ordinal));
    }

    // What a user does who knows Vagrant, in a terminal of his own.
    private static async Task HaltBehindOurBackAsync(LabCluster lab, params string[] arguments) =>
        (await HostProgram.RunAsync("env", ["-C", lab.Path, "vagrant", .. arguments], cancellationToken: Cancellation)).Succeeded("vagrant " + arguments[0]);
}
