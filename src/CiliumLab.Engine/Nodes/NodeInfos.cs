using System.Globalization;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes;

/// <summary>
/// What a node is. hostnamectl knows most where systemd-hostnamed answers; the kernel and os-release know the rest, and everything that
/// matters where it does not.
/// </summary>
public static class NodeInfos
{
    /// <summary>Asks a node.</summary>
    public static async Task<NodeInfo> ReadAsync(INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        Task<NodeCommandResult> Run(params string[] words) => shell.RunAsync(NodeCommand.Of(words), cancellationToken);
        var unameCommand = NodeCommand.Of("uname", "-n", "-r", "-m");
        var uname = shell.RunAsync(unameCommand, cancellationToken);
        var hostnamectl = Run("hostnamectl", "--json=short");
        var release = Run("cat", "/etc/os-release");
        var machine = Run("cat", "/etc/machine-id");
        var boot = Run("cat", "/proc/sys/kernel/random/boot_id");
        var virtualization = Run("systemd-detect-virt");
        var uptime = Run("cat", "/proc/uptime");
        var started = Run("grep", "^btime ", "/proc/stat");
        await Task.WhenAll(uname, hostnamectl, release, machine, boot, virtualization, uptime, started).ConfigureAwait(false);

        var kernel = await uname.ConfigureAwait(false);
        if (kernel.ExitCode != 0 || kernel.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is not [var host, var version, var architecture])
            throw NodeShellCommands.Failure(kernel, unameCommand);
        var info = Described(shell.Node, await hostnamectl.ConfigureAwait(false), warn);
        return info with
        {
            Hostname = info.Hostname ?? host,
            KernelVersion = version,
            Architecture = architecture,
            OperatingSystem = info.OperatingSystem ?? PrettyName(Said(await release.ConfigureAwait(false))),
            MachineId = info.MachineId ?? Identifier(Said(await machine.ConfigureAwait(false))),
            BootId = info.BootId ?? Identifier(Said(await boot.ConfigureAwait(false))),
            // Its exit code is 1 where it says "none".
            Virtualization = (await virtualization.ConfigureAwait(false)).Output.Trim() is { Length: > 0 } kind ? kind : info.Virtualization,
            Uptime = Seconds(Said(await uptime.ConfigureAwait(false))),
            BootTime = BootTime(Said(await started.ConfigureAwait(false))),
        };
    }

    private static NodeInfo Described(string node, NodeCommandResult hostnamectl, Action<TextWarning> warn)
    {
        if (hostnamectl.ExitCode != 0)
            return new NodeInfo { Node = node };
        try
        {
            return HostnamectlText.Parse(new StringReader(hostnamectl.Output), node, warn).FirstOrDefault() ?? new NodeInfo { Node = node };
        }
        catch (LabException)
        {
            // A hostnamectl without --json says something else; the kernel's own files answer instead.
            return new NodeInfo { Node = node };
        }
    }

    private static string Said(NodeCommandResult result) => result.ExitCode == 0 ? result.Output.Trim() : "";

    private static string? PrettyName(string release)
    {
        var file = EnvironmentFile.Parse(release);
        return file.Find("PRETTY_NAME")?.Value ?? file.Find("NAME")?.Value;
    }

    private static Guid? Identifier(string text) => Guid.TryParse(text, out var id) ? id : null;

    private static TimeSpan? Seconds(string uptime) =>
        double.TryParse(uptime.Split(' ')[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < 1e10
            ? TimeSpan.FromMilliseconds(Math.Round(seconds * 1000))
            : null;

    private static DateTimeOffset? BootTime(string line) =>
        line.Split(' ') is [_, var text] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253402300800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
