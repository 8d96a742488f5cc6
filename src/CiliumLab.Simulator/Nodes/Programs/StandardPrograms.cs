using CiliumLab.Simulator.Nodes.Programs.Iproute;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary>The programs that every node of the lab has.</summary>
internal static class StandardPrograms
{
    /// <summary>Installs them.</summary>
    public static void AddTo(SimulatedNode node)
    {
        INodeProgram[] programs =
        [
            new IpProgram(), new BridgeProgram(), new BrctlProgram(), new PingProgram(), new SsProgram(),
            new IptablesProgram(), new IptablesSaveProgram(), new IptablesRestoreProgram(), new NftProgram(),
            new CatProgram(), new TeeProgram(), new HeadTailProgram(), new ChangeFileProgram(), new LsProgram(), new StatProgram(), new TreeProgram(), new FindProgram(),
            new TestProgram(), new PathProgram(), new GrepProgram(),
            new SmallProgram(), new EnvProgram(), new GetentProgram(), new SleepProgram(), new TimeoutProgram(), new NsenterProgram(), new UnameProgram(), new HostnameProgram(), new SysctlProgram(), new KillProgram(),
            new HostnamectlProgram(), new ResolvectlProgram(), new LsmodProgram(), new ModprobeProgram(), new DateProgram(), new UsageProgram(),
            new MountProgram(), new FindmntProgram(), new SystemctlProgram(), new JournalctlProgram(),
        ];
        foreach (var program in programs)
            node.Programs.Add(program);
    }

    /// <summary>Installs what makes a node one of Kubernetes: crictl, kubelet, kubeadm, containerd.</summary>
    public static void AddKubernetesTo(SimulatedNode node, string kubernetesVersion, string containerdVersion)
    {
        node.Programs.Add(new CrictlProgram());
        node.Programs.Add(new VersionProgram("/usr/bin/kubelet", call => call.Arguments is ["--version"] ? $"Kubernetes v{kubernetesVersion}" : null));
        node.Programs.Add(new VersionProgram("/usr/bin/containerd", call => call.Arguments is ["--version" or "-v"] ? $"containerd containerd.io {containerdVersion} 05044ec0a9a75232cad458027ca83437aae3f4da" : null));
        node.Programs.Add(new VersionProgram("/usr/bin/kubeadm", call => call.Arguments switch
        {
            ["version", "-o" or "--output", "short"] or ["version", "-oshort"] or ["version", "--output=short"] => $"v{kubernetesVersion}",
            ["version"] => $"kubeadm version: &version.Info{{Major:\"{kubernetesVersion.Split('.')[0]}\", Minor:\"{kubernetesVersion.Split('.')[1]}\", GitVersion:\"v{kubernetesVersion}\", GitTreeState:\"clean\", Compiler:\"gc\", Platform:\"linux/amd64\"}}",
            _ => null,
        }));
    }
}

/// <summary><c>kill</c>: ends the process of a unit, which systemd then starts anew.</summary>
internal sealed class KillProgram : INodeProgram
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["/usr/bin/kill"];

    /// <inheritdoc/>
    public Task<int> RunAsync(ProgramCall call)
    {
        string[] processes = [.. call.Arguments.Where(word => !word.StartsWith('-'))];
        var probe = call.Arguments.Contains("-0");
        if (processes.Length == 0)
            return Task.FromResult(call.Complain("kill: not enough arguments"));
        var code = 0;
        foreach (var process in processes)
        {
            var unit = int.TryParse(process, out var id) ? call.Node.Services.All.FirstOrDefault(service => service.IsActive && service.ProcessId == id) : null;
            if (unit is null && id != 1)
                code = call.Complain(id == 0 ? $"kill: failed to parse argument: '{process}'" : $"kill: ({process}): No such process");
            else if (!call.User.IsRoot)
                code = call.Complain($"kill: ({process}): Operation not permitted");
            else if (!probe && unit is not null)
                call.Node.Services.Restart(unit);
        }

        return Task.FromResult(code);
    }
}
