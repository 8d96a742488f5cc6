using CiliumLab.Engine.Providers.Vagrant;
using CiliumLab.Tests.Integration;

namespace CiliumLab.Tests.Vagrant;

/// <summary>
/// A machine for the provisioning scripts that takes no time: this one, in a mount namespace where /etc, /var, /home, /root and /usr/local are
/// scratch folders, and the programs that need the internet or a kernel of their own are stand-ins that write down what they were asked.
/// </summary>
internal sealed class ProvisionedMachine : IDisposable
{
    private static readonly string[] StandIns =
    [
        "apt-get", "apt-mark", "containerd", "curl", "dpkg", "gpg", "helm", "kubeadm", "kubectl", "modprobe", "swapoff", "sysctl", "systemctl",
    ];

    private const string Enter = """
        set -euo pipefail
        for folder in etc var home root usr/local; do mount --bind "$0/$folder" "/$folder"; done
        export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        exec bash "$1"
        """;

    private readonly ScratchFolder _scratch = new();

    /// <summary>Makes a machine as a box has it, with the scripts where Vagrant puts them.</summary>
    /// <param name="real">Programs that are this machine's own and no stand-ins.</param>
    public ProvisionedMachine(params string[] real)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "a mount namespace needs Linux and root");
        foreach (var folder in (string[])["var/log", "var/tmp", "usr/local/bin", "etc/apt/sources.list.d", "etc/modules-load.d", "etc/sysctl.d"])
            Directory.CreateDirectory(PathOf(folder));
        Write("etc/passwd", "root:x:0:0:root:/root:/bin/bash\nvagrant:x:1000:1000::/home/vagrant:/bin/bash\n");
        Write("etc/group", "root:x:0:\nvagrant:x:1000:\n");
        Write("etc/os-release", "ID=ubuntu\nVERSION_CODENAME=noble\n");
        Write("etc/hosts", "127.0.0.1 localhost\n127.0.1.1 k8s-ctr k8s-ctr\n");
        Write("etc/fstab", "# swap was here\n/dev/mapper/root / ext4 defaults 0 1\n/swap.img\tnone\tswap\tsw\t0\t0\n");
        Write("home/vagrant/.bashrc", "");
        Write("root/.bashrc", "");
        Write("var/stand-in/ca.crt", "a certificate\n");
        // Debian's awk is a link that goes through there.
        if (File.ResolveLinkTarget("/usr/bin/awk", returnFinalTarget: true) is { } awk)
            File.CreateSymbolicLink(Path.Combine(Directory.CreateDirectory(PathOf("etc/alternatives")).FullName, "awk"), awk.FullName);
        var standIn = File.ReadAllText(Path.Combine(Repository.Root, "tests", "NodeLab", "vagrant", "stand-in.sh"));
        foreach (var name in StandIns.Except(real))
            StandIn.Write(PathOf("usr/local/sbin"), name, standIn);
        foreach (var name in VagrantProvisioning.Names)
            Write(name == "tasks.sh" ? "home/vagrant/.ciliumlab/tasks.sh" : $"scripts/{name}", VagrantProvisioning.Text(name));
    }

    /// <summary>What Vagrant sets for base.sh, control-plane.sh and worker.sh.</summary>
    public Dictionary<string, string> Variables { get; } = new()
    {
        ["NODES"] = "192.168.10.100=k8s-ctr,192.168.10.101=k8s-w1",
        ["KUBERNETES_VERSION"] = "1.33.2",
        ["CONTAINERD_VERSION"] = "1.7.27",
        ["HELM_VERSION"] = "3.18.6",
        ["NODE_NAME"] = "k8s-ctr",
        ["NODE_ADDRESS"] = "192.168.10.100",
        ["KUBELET_NODE_IP"] = "192.168.10.100",
        ["POD_CIDR"] = "10.244.0.0/16",
        ["SERVICE_CIDR"] = "10.96.0.0/16",
        ["API_SERVER"] = "192.168.10.100:6443",
    };

    /// <summary>What the stand-ins were asked, in order.</summary>
    public IReadOnlyList<string> Calls => Has("var/stand-in/calls") ? File.ReadAllLines(PathOf("var/stand-in/calls")) : [];

    private string Root => _scratch.Path;

    public void Dispose() => _scratch.Dispose();

    /// <summary>Runs a script as Vagrant does, as root.</summary>
    public Task<HostProgramResult> RunAsync(string script) =>
        HostProgram.RunAsync(
            "unshare",
            ["--mount", "--propagation", "private", "bash", "-c", Enter, Root, Path.Combine(Root, "scripts", script)],
            environment: Variables,
            cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Runs a script of a cluster's making, for which Vagrant hands over the token, and for workers the CA's hash.</summary>
    public Task<HostProgramResult> RunWithTokenAsync(string script)
    {
        Write("home/vagrant/.ciliumlab/join", "BOOTSTRAP_TOKEN=abcdef.0123456789abcdef\nCA_CERT_HASH=sha256:1234\n");
        return RunAsync(script);
    }

    /// <summary>Writes a file, and its folder when there is none.</summary>
    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.WriteAllText(PathOf(path), text);
    }


    public bool Has(string path) => File.Exists(PathOf(path));

    public string Read(string path) => File.ReadAllText(PathOf(path));

    /// <summary>Changes a script as it lies on the machine.</summary>
    public void Change(string script, string from, string to) => Write($"scripts/{script}", Read($"scripts/{script}").Replace(from, to, StringComparison.Ordinal));

    /// <summary>Every file of a folder with its text.</summary>
    public IReadOnlyDictionary<string, string> Files(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories)
            .Where(file => new FileInfo(file).LinkTarget is null)
            .ToDictionary(file => Path.GetRelativePath(Root, file), File.ReadAllText);

    private string PathOf(string path) => Path.Combine(Root, path);
}
