using System.Diagnostics;
using System.Globalization;

namespace CiliumLab.Tests.Integration;

/// <summary>
/// Three real Linux nodes (tests/NodeLab), up once for all the tests that need them. The scene is arranged through
/// <see cref="RunOnNode"/>, which enters the node's namespaces: never through the SSH code that is under test.
/// </summary>
public sealed class NodeLab : IAsyncLifetime
{
    private static readonly string[] Programs =
        ["debootstrap", "socat", "ssh", "ssh-keygen", "ip", "ss", "iptables", "nsenter", "unshare", "setpriv", "findmnt"];

    private static readonly string Script = Path.Combine(Repository.Root, "tests", "NodeLab", "node-lab.sh");

    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"tests-{Environment.ProcessId}");
    private readonly Dictionary<string, string> _facts = [];
    private readonly Dictionary<string, int> _ports = [];
    private int _inventories;

    /// <summary>Why there are no nodes on this machine; null when there are.</summary>
    public string? Unavailable { get; private set; }

    /// <summary>The nodes: a control plane and two workers.</summary>
    public IReadOnlyList<string> Nodes { get; } = ["k8s-ctr", "k8s-w1", "k8s-w2"];

    /// <summary>Where the SSH server of each node is forwarded to, on 127.0.0.1.</summary>
    public IReadOnlyDictionary<string, int> Ports => _ports;

    /// <summary>The private key that root, vagrant and alice accept.</summary>
    public string Key => _facts["key"];

    /// <summary>The same key, encrypted with <see cref="Passphrase"/>.</summary>
    public string EncryptedKey => _facts["encrypted-key"];

    public string Passphrase => _facts["passphrase"];

    /// <summary>What alice logs in with, and what sudo asks her for. Nobody else has a password.</summary>
    public string AlicePassword => _facts["alice-password"];

    /// <summary>The lab's own folder. It goes when the lab goes, so tests may leave files in it.</summary>
    public string Folder => _facts["state"];

    public async ValueTask InitializeAsync()
    {
        Unavailable = await MissingPartAsync();
        if (Unavailable is not null)
            return;

        // the lab also ends by itself when this process does, however that happens
        var up = await ScriptAsync("--owner", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), "up");
        foreach (var line in up.Succeeded("node-lab.sh up").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (fact, value) = (line[..line.IndexOf('=')], line[(line.IndexOf('=') + 1)..]);
            if (fact == "node")
                _ports[value.Split(' ')[0]] = int.Parse(value.Split(' ')[1], CultureInfo.InvariantCulture);
            else
                _facts[fact] = value;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Unavailable is null)
            (await ScriptAsync("down")).Succeeded("node-lab.sh down");
    }

    /// <summary>Runs a command on a node as root and returns its output; the test fails when the command does.</summary>
    public async Task<string> RunOnNode(string node, params string[] command) =>
        (await TryOnNode(node, command)).Succeeded($"{string.Join(' ', command)} on {node}");

    /// <summary>Runs a command on a node as root.</summary>
    public Task<HostProgramResult> TryOnNode(string node, params string[] command) => ScriptAsync(["exec", node, .. command]);

    /// <summary>Starts a command on a node as root, with its output and its errors to be read.</summary>
    internal Process StartOnNode(string node, params string[] command)
    {
        var process = Process.Start(new ProcessStartInfo(Script, ["--name", _name, "exec", node, .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Runs a bash script on a node as root and returns its output; the test fails when the script does.</summary>
    public Task<string> ScriptOnNode(string node, string script) => RunOnNode(node, "bash", "-euc", script);

    /// <summary>Resets a node: every process ends in the same moment, the disk stays, and the node starts again.</summary>
    public async Task RestartNode(string node) => (await ScriptAsync("restart", node)).Succeeded($"node-lab.sh restart {node}");

    /// <summary>
    /// Lays flannel's links, routes and files and kube-proxy's rules on all nodes, with pods that answer; and takes all of it
    /// away again, or what the test has left of it, when disposed.
    /// </summary>
    public async Task<IAsyncDisposable> WithFlannel()
    {
        (await ScriptAsync("flannel")).Succeeded("node-lab.sh flannel");
        return new Repair(async () => (await ScriptAsync("flannel", "remove")).Succeeded("node-lab.sh flannel remove"));
    }

    /// <summary>
    /// Lays what is neither flannel's nor kube-proxy's on all nodes, with names that come near to theirs; takes it away again, and all
    /// that was laid beside it, when disposed.
    /// </summary>
    public async Task<IAsyncDisposable> WithStrangers()
    {
        (await ScriptAsync("residue", "strangers")).Succeeded("node-lab.sh residue strangers");
        return new Repair(async () =>
        {
            (await ScriptAsync("flannel", "remove")).Succeeded("node-lab.sh flannel remove");
            (await ScriptAsync("residue", "remove")).Succeeded("node-lab.sh residue remove");
        });
    }

    /// <summary>Lays everything that flannel and kube-proxy leave, in all their modes, beside what is there.</summary>
    public async Task LayLeftovers()
    {
        (await ScriptAsync("flannel", "beside")).Succeeded("node-lab.sh flannel beside");
        (await ScriptAsync("residue", "leftovers")).Succeeded("node-lab.sh residue leftovers");
    }

    /// <summary>The lines of a node's whole kernel state: rules with counters, tables, sets, links, addresses, routes, neighbours, CNI's files.</summary>
    public async Task<IReadOnlyList<string>> KernelState(string node)
    {
        var script = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "tests", "NodeLab", "residue.sh"));
        var index = Nodes.ToList().IndexOf(node).ToString(CultureInfo.InvariantCulture);
        return (await RunOnNode(node, "bash", "-c", script, "residue.sh", index, "print")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Writes an inventory for the module and returns its path.</summary>
    /// <param name="user">The user to log in as.</param>
    /// <param name="key">The key to log in with; null for <see cref="Key"/>.</param>
    /// <param name="through">Ports that stand before a node's own port.</param>
    public string InventoryFile(string user = "vagrant", string? key = null, params NodePort[] through)
    {
        var path = Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"inventory-{Interlocked.Increment(ref _inventories)}.yaml"));
        using var yaml = new StreamWriter(path) { NewLine = "\n" };
        yaml.WriteLine("nodes:");
        foreach (var node in Nodes)
        {
            var port = through.FirstOrDefault(before => before.Node == node)?.Port ?? Ports[node];
            yaml.WriteLine($"  - node: {node}");
            yaml.WriteLine("    host: 127.0.0.1");
            yaml.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    port: {port}"));
            yaml.WriteLine($"    user: {user}");
            yaml.WriteLine($"    key: {key ?? Key}");
            yaml.WriteLine($"    role: {(node == Nodes[0] ? "control-plane" : "worker")}");
        }

        return path;
    }

    /// <summary>Opens another port to a node, one that can be slow, deaf or torn.</summary>
    public NodePort OpenPort(string node) => new(node, Ports[node]);

    /// <summary>A node's root folder, as this machine sees it.</summary>
    internal string RootFolder(string node) => $"/proc/{File.ReadAllText(Path.Combine(Folder, node, "init.pid")).Trim()}/root";

    /// <summary>A node's network namespace.</summary>
    internal string NetworkNamespace(string node) => $"/run/netns/{_name}.{node}";

    /// <summary>The network namespace of the router between a node's eth0 and this machine.</summary>
    internal string RouterNamespace(string node) => $"/run/netns/{_name}.nat{Nodes.ToList().IndexOf(node)}";

    private Task<HostProgramResult> ScriptAsync(params string[] arguments) =>
        HostProgram.RunAsync(Script, ["--name", _name, .. arguments]);

    /// <summary>Why real nodes cannot be had on this machine; null when they can.</summary>
    internal static async Task<string?> MissingPartAsync()
    {
        if (!OperatingSystem.IsLinux())
            return "real nodes need Linux";
        if (!Environment.IsPrivilegedProcess)
            return "real nodes need root";
        var missing = Programs.Where(program => !HostProgram.Exists(program)).ToList();
        if (missing.Count > 0)
            return $"real nodes need {string.Join(", ", missing)}; tests/NodeLab/install.sh installs what is missing";
        var namespaces = await HostProgram.RunAsync("unshare", ["--mount", "--net", "--pid", "--fork", "true"]);
        return namespaces.ExitCode == 0 ? null : $"real nodes need namespaces, and this machine refuses them: {namespaces.Error.Trim()}";
    }
}
