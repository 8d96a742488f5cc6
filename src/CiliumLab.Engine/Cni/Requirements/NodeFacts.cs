using System.Text.RegularExpressions;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni.Requirements;

/// <summary>What a node has of that which Cilium may need.</summary>
internal sealed partial record NodeFacts
{
    /// <summary>The kernel's release, as <c>uname -r</c> prints it.</summary>
    public required string Release { get; init; }

    /// <summary>The machine, as <c>uname -m</c> prints it.</summary>
    public required string Architecture { get; init; }

    /// <summary>The options of the running kernel by their names with CONFIG_; null when its configuration is not to be had.</summary>
    public IReadOnlyDictionary<string, KernelOption>? Options { get; init; }

    /// <summary>The loaded modules.</summary>
    public required IReadOnlySet<string> Modules { get; init; }

    /// <summary>Whether bpffs is mounted where Cilium looks for it.</summary>
    public bool HasBpffs { get; init; }

    /// <summary>Listening TCP sockets.</summary>
    public IReadOnlyList<NodeConnection> Listeners { get; init; } = [];

    /// <summary>Tunnel devices and their UDP ports.</summary>
    public IReadOnlyList<(string Link, int Port)> Tunnels { get; init; } = [];

    /// <summary>The kernel's version; null when the release does not begin with one.</summary>
    public Version? Kernel => Numbers().Match(Release) is { Success: true } numbers ? Version.Parse(numbers.Value) : null;

    /// <summary>Asks a node.</summary>
    public static async Task<NodeFacts> ReadAsync(INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        var uname = await shell.ReadOutputAsync(NodeCommand.Of("uname", "-r", "-m"), cancellationToken).ConfigureAwait(false);
        var words = uname.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var (release, architecture) = (words[0], words[^1]);
        var options = OptionsAsync(shell, release, warn, cancellationToken);
        var modules = KernelModules.ReadAsync(shell, static _ => true, warn, cancellationToken);
        var mounts = shell.RunAsync(NodeCommand.Of("findmnt", "-n", "-t", "bpf", "-o", "TARGET"), cancellationToken);
        var sockets = shell.ParseOutputAsync(NodeCommand.AsRoot("ss", "-tanpo"), text => SocketStatisticsText.Parse(text, shell.Node, warn), cancellationToken).ToListAsync(cancellationToken).AsTask();
        var links = InterfaceAddresses.ReadAsync(shell, cancellationToken);
        await Task.WhenAll(options, modules, mounts, sockets, links).ConfigureAwait(false);
        return new NodeFacts
        {
            Release = release,
            Architecture = architecture,
            Options = options.Result,
            Modules = modules.Result.Select(module => module.Name).ToHashSet(StringComparer.Ordinal),
            HasBpffs = mounts.Result.Output.Split('\n').Any(target => target.Trim() == "/sys/fs/bpf"),
            Listeners = [.. sockets.Result.Where(socket => socket.State == SocketState.Listen)],
            Tunnels = [.. links.Result.Where(link => link.Vxlan is not null).Select(link => (link.Name, link.Vxlan!.Port ?? 0))],
        };
    }

    /// <summary>Whether a module that is not loaded could be.</summary>
    public static async Task<bool> CanLoadAsync(INodeShell shell, string module, CancellationToken cancellationToken) =>
        (await shell.RunAsync(NodeCommand.AsRoot("modprobe", "--dry-run", module), cancellationToken).ConfigureAwait(false)).ExitCode == 0;

    private static async Task<IReadOnlyDictionary<string, KernelOption>?> OptionsAsync(
        INodeShell shell, string release, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        var text = await shell.TryReadTextAsync($"/boot/config-{release}", cancellationToken).ConfigureAwait(false);
        if (text is null)
        {
            var unpacked = await shell.RunAsync(NodeCommand.Of("zcat", "/proc/config.gz"), cancellationToken).ConfigureAwait(false);
            if (unpacked.ExitCode != 0)
                return null;
            text = unpacked.Output;
        }

        return KernelConfigText.Parse(new StringReader(text), shell.Node, warn).DistinctBy(option => option.Name).ToDictionary(option => option.Name, StringComparer.Ordinal);
    }

    [GeneratedRegex(@"^\d+\.\d+(\.\d+)?")]
    private static partial Regex Numbers();
}
