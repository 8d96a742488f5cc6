using System.Text;
using CiliumLab.Simulator.Life;

namespace CiliumLab.Simulator.Cilium;

/// <summary><c>find</c> of the agent's image, for the BPF file system that is mounted there: <c>find PATH [-mindepth N] [-printf FORMAT]</c>.</summary>
/// <param name="cilium">The installation.</param>
internal sealed class FindProgram(CiliumInstallation cilium) : IContainerProgram
{
    private const string Mount = "/sys/fs/bpf";

    /// <inheritdoc/>
    public async Task<int> RunAsync(ContainerCall call, CancellationToken cancellationToken)
    {
        var (path, depth, format) = (".", 0, "%p\\n");
        for (var index = 1; index < call.Arguments.Count; index++)
        {
            var word = call.Arguments[index];
            if (word == "-mindepth" && int.TryParse(call.Arguments.ElementAtOrDefault(index + 1), null, out depth))
                index++;
            else if (word == "-printf" && index + 1 < call.Arguments.Count)
                format = call.Arguments[++index];
            else if (index == 1 && word[0] != '-')
                path = word.TrimEnd('/');
            else
                return await call.ComplainAsync($"find: '{word}' is not simulated", 1, cancellationToken).ConfigureAwait(false);
        }

        if (path != Mount)
            return await call.ComplainAsync($"find: '{path}': No such file or directory", 1, cancellationToken).ConfigureAwait(false);
        var output = new StringBuilder();
        foreach (var (entry, isFolder) in Entries(call.Container.Node.Name).Where(one => one.Path.Length == 0 ? depth == 0 : one.Path.Count('/') >= depth))
            output.Append(format.Replace("\\n", "\n", StringComparison.Ordinal).Replace("%y", isFolder ? "d" : "f", StringComparison.Ordinal).Replace("%p", Mount + entry, StringComparison.Ordinal));
        await call.PrintAsync(output.ToString(), cancellationToken).ConfigureAwait(false);
        return 0;
    }

    private IEnumerable<(string Path, bool IsFolder)> Entries(string node)
    {
        var pins = cilium.Find(node)!.Node.Kernel.Bpf.Pins;
        var folders = pins.SelectMany(pin => Enumerable.Range(0, pin.Key.Length).Where(at => pin.Key[at] == '/').Select(at => pin.Key[..at])).Concat(pins.Where(pin => pin.Value is null).Select(pin => pin.Key)).ToHashSet(StringComparer.Ordinal);
        return [("", true), .. folders.Select(folder => ("/" + folder, true)), .. pins.Where(pin => !folders.Contains(pin.Key)).Select(pin => ("/" + pin.Key, false))];
    }
}
