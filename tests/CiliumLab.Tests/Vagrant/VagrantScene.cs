using System.Globalization;
using CiliumLab.Tests.Integration;

namespace CiliumLab.Tests.Vagrant;

/// <summary>
/// The real Vagrant, with three namespaced nodes for machines: tests/NodeLab/vagrant has the provider, which Vagrant merges with the lab's own
/// Vagrantfile, and the stand-ins of programs that need the internet.
/// </summary>
public sealed class VagrantScene : IAsyncLifetime
{
    private static readonly string[] StandIns =
    [
        "apt-get", "apt-mark", "containerd", "curl", "gpg", "helm", "kubeadm", "kubectl", "modprobe", "swapoff", "sysctl",
    ];

    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"vagrant-{Environment.ProcessId}");
    private readonly ScratchFolder _home = new();

    /// <summary>Why there are no machines for Vagrant here; null when there are.</summary>
    public string? Unavailable { get; private set; }

    /// <summary>A folder for labs whose name has blanks and letters that are not in ASCII.</summary>
    public string LabsFolder { get; private set; } = "";

    /// <summary>Vagrant's home, whose Vagrantfile brings the provider.</summary>
    public string VagrantHome => _home.Path;

    /// <summary>The CA certificate of the cluster that the stand-in for kubeadm makes.</summary>
    public string CaCertificate { get; } = VagrantJoinTests.NewCertificate();

    public async ValueTask InitializeAsync()
    {
        Unavailable = RealVagrant.Unavailable ?? await NodeLab.MissingPartAsync();
        if (Unavailable is not null)
            return;
        var source = Path.Combine(Repository.Root, "tests", "NodeLab", "vagrant", "Vagrantfile");
        File.Copy(source, Path.Combine(_home.Path, "Vagrantfile"));
        LabsFolder = Path.Combine(_home.Path, "labs of mine Ünïcödé ラボ");
        foreach (var (name, value) in Variables)
            Environment.SetEnvironmentVariable(name, value);
    }

    public async ValueTask DisposeAsync()
    {
        if (Unavailable is null)
        {
            foreach (var name in Variables.Keys)
                Environment.SetEnvironmentVariable(name, null);
            (await ScriptAsync("down")).Succeeded("node-lab.sh down");
        }

        _home.Dispose();
    }

    /// <summary>Starts nodes on which the stand-ins are, with nothing of an earlier test on them.</summary>
    public async Task ArrangeAsync()
    {
        (await ScriptAsync("down")).Succeeded("node-lab.sh down");
        // The nodes also end by themselves when this process does, however that happens.
        (await ScriptAsync("--owner", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), "up")).Succeeded("node-lab.sh up");
        var standIn = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "tests", "NodeLab", "vagrant", "stand-in.sh"));
        foreach (var node in (string[])["k8s-ctr", "k8s-w1", "k8s-w2"])
        {
            await OnNode(node, "mkdir -p /var/stand-in && printf %s \"$1\" > /usr/local/sbin/stand-in && printf %s \"$2\" > /var/stand-in/ca.crt", standIn, CaCertificate);
            await OnNode(node, $"chmod 755 /usr/local/sbin/stand-in && for name in {string.Join(' ', StandIns)}; do ln -s stand-in /usr/local/sbin/$name; done");
            await OnNode(node, "printf '%s\\n' [Service] 'ExecStart=/bin/sleep infinity' [Install] WantedBy=multi-user.target > /etc/systemd/system/containerd.service");
        }
    }

    /// <summary>Runs a bash script on a node as root; the test fails when the script does.</summary>
    public async Task<string> OnNode(string node, string script, params string[] arguments) =>
        (await ScriptAsync(["exec", node, "bash", "-euc", script, "bash", .. arguments])).Succeeded($"{script} on {node}");

    /// <summary>What the stand-ins on a node were asked, in order.</summary>
    public async Task<IReadOnlyList<string>> Calls(string node) =>
        (await OnNode(node, "cat /var/stand-in/calls")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private Dictionary<string, string> Variables => new()
    {
        ["VAGRANT_HOME"] = _home.Path,
        ["VAGRANT_DEFAULT_PROVIDER"] = "nodelab",
        ["NODE_LAB_SH"] = Path.Combine(Repository.Root, "tests", "NodeLab", "node-lab.sh"),
        ["NODE_LAB_NAME"] = _name,
        ["NODE_LAB_PARALLEL"] = "1",
    };

    private Task<HostProgramResult> ScriptAsync(params string[] arguments) =>
        HostProgram.RunAsync(Variables["NODE_LAB_SH"], ["--name", _name, .. arguments]);
}
