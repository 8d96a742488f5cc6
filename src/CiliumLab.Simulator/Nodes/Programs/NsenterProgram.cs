using System.Globalization;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary><c>nsenter</c> of util-linux, into the network of a container's process: the programs and files are the node's.</summary>
internal sealed class NsenterProgram : INodeProgram
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["/usr/bin/nsenter"];

    /// <inheritdoc/>
    public async Task<int> RunAsync(ProgramCall call)
    {
        string? target = null, file = null;
        var network = false;
        var at = 0;
        for (; at < call.Arguments.Count && call.Arguments[at].StartsWith('-'); at++)
        {
            var word = call.Arguments[at];
            if (word == "--")
            {
                at++;
                break;
            }

            var (name, value) = word.Split('=', 2) is [var first, var second] ? (first, second) : (word, null);
            switch (name)
            {
                case "-t" or "--target" when value is null && at + 1 < call.Arguments.Count:
                    target = call.Arguments[++at];
                    break;
                case "--target" when value is not null:
                    target = value;
                    break;
                case ['-', 't', .. var joined] when joined.Length > 0 && joined.All(char.IsAsciiDigit):
                    target = joined;
                    break;
                case "-n" or "--net":
                    (network, file) = (true, value);
                    break;
                case ['-', 'n', .. var path] when path.StartsWith('/'):
                    (network, file) = (true, path);
                    break;
                default:
                    return call.Complain(name is "-m" or "-u" or "-i" or "-p" or "-C" or "-U" or "-a" or "--mount" or "--uts" or "--ipc" or "--pid" or "--cgroup" or "--user" or "--all"
                        ? $"nsenter: {name} is not simulated, only -n"
                        : $"nsenter: unrecognized option '{word}'\nTry 'nsenter --help' for more information.");
            }
        }

        if (target is not null && !int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            return call.Complain($"nsenter: failed to parse pid: '{target}'");
        if (network && file is null && target is null)
            return call.Complain("nsenter: no target PID specified for --net");
        if (!call.User.IsRoot)
            return call.Complain($"nsenter: cannot open {file ?? $"/proc/{target}/ns/net"}: Permission denied");
        var inside = call.Network;
        if (network)
        {
            file ??= $"/proc/{target}/ns/net";
            if (Find(call, file) is not { } found)
                return call.Complain($"nsenter: cannot open {file}: No such file or directory");
            inside = found;
        }

        var words = call.Arguments.Skip(at).ToArray();
        if (words.Length == 0)
            return call.Complain("nsenter: a shell is not simulated; give a command");
        return call.Node.Programs.Which(words[0], call.User) is null
            ? call.Complain($"nsenter: failed to execute {words[0]}: No such file or directory", 127)
            : await call.Node.Programs.RunAsync(call with { Name = words[0], Arguments = words[1..], Network = inside }).ConfigureAwait(false);
    }

    private static NetworkNamespace? Find(ProgramCall call, string file) => file.Split('/') switch
    {
        ["", "proc", var id, "ns", "net"] when int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var process) => process == 1
            ? call.Node.Kernel.Network
            : process == 0 ? null : call.Node.Containers.Containers.FirstOrDefault(container => container.ProcessId == process)?.Network
                ?? call.Node.Containers.Sandboxes.FirstOrDefault(pod => pod.ProcessId == process)?.Network,
        ["", "var" or "run", .., "netns", var name] => call.Node.Kernel.Namespaces.FirstOrDefault(network => network.Name == name),
        _ => null,
    };
}
