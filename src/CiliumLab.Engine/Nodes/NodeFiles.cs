using System.Globalization;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes;

/// <summary>
/// Reads, replaces and deletes files of nodes that are reached by running commands. The programs are constant; paths and
/// contents are their arguments and input.
/// </summary>
internal static class NodeFiles
{
    // The length is checked because a connection that breaks looks like the end of the input; PIPE is caught because then there is nobody to
    // complain to either. $(...) cuts newlines off the end of a name, unless something stands behind them.
    private const string Replace = """
        set -eu
        path=$(readlink -fnv -- "$1" && echo x)
        path=${path%x}
        [ ! -d "$path" ] || { echo "'$path' is a folder" >&2; exit 1; }
        backup=
        unfinished=
        temporary=$(mktemp "${path%/*}/.ciliumlab.XXXXXXXX")
        trap 'rm -f -- "$temporary" ${unfinished:+"$unfinished"}' EXIT
        trap 'exit 1' HUP INT PIPE TERM
        cat > "$temporary"
        [ "$(wc -c < "$temporary")" -eq "$3" ] || { echo 'the content did not arrive whole' >&2; exit 1; }
        if [ -e "$path" ]; then
            chown --reference="$path" -- "$temporary"
            chmod --reference="$path" -- "$temporary"
            backup=$path.ciliumlab-$2.bak
            unfinished=$backup
            cp -p -- "$path" "$backup"
            unfinished=
        else
            chmod 644 -- "$temporary"
        fi
        sync -- "$temporary"
        mv -f -- "$temporary" "$path"
        printf %s "$backup"
        """;

    private const string Delete = """
        set -eu
        [ -e "$1" ] || [ -L "$1" ] || exit 0
        mv -f -- "$1" "$1.ciliumlab-$2.bak"
        printf %s "$1.ciliumlab-$2.bak"
        """;

    public static async Task<byte[]> ReadAsync(INodeShell shell, string path, CancellationToken cancellationToken)
    {
        var running = await shell.StartAsync(NodeCommand.AsRoot("cat", "--", path), cancellationToken).ConfigureAwait(false);
        await using (running.ConfigureAwait(false))
        {
            using var content = new MemoryStream();
            await running.Output.CopyToAsync(content, cancellationToken).ConfigureAwait(false);
            var exit = await running.WaitAsync().ConfigureAwait(false);
            if (exit.ExitCode == 0)
                return content.ToArray();
            throw exit.Error.Contains("No such file or directory", StringComparison.Ordinal)
                ? new LabException(
                    "NodeFileNotFound",
                    LabErrorKind.ObjectNotFound,
                    $"Node '{shell.Node}' has no file '{path}'.",
                    shell.Node,
                    $"See what is there: Invoke-NodeCommand -Node {shell.Node} -Sudo -Command ls, '-la', {ShellQuoting.JoinForPowerShell([FolderOf(path)])}")
                : new LabException(
                    "NodeFileNotRead",
                    LabErrorKind.RemoteCommandFailed,
                    $"The file '{path}' cannot be read on node '{shell.Node}': {FirstLine(exit.Error)}",
                    shell.Node,
                    $"See what it is: Invoke-NodeCommand -Node {shell.Node} -Sudo -Command stat, {ShellQuoting.JoinForPowerShell([path])}");
        }
    }

    public static Task<string?> WriteAsync(
        INodeShell shell, string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var length = content.Length.ToString(CultureInfo.InvariantCulture);
        return ChangeAsync(shell, path, "written", [Replace, "sh", path, Stamp(), length], content, cancellationToken);
    }

    public static Task<string?> DeleteAsync(INodeShell shell, string path, CancellationToken cancellationToken) =>
        ChangeAsync(shell, path, "deleted", [Delete, "sh", path, Stamp()], default, cancellationToken);

    private static async Task<string?> ChangeAsync(
        INodeShell shell,
        string path,
        string what,
        IEnumerable<string> script,
        ReadOnlyMemory<byte> input,
        CancellationToken cancellationToken)
    {
        var command = new NodeCommand(["sh", "-c", .. script]) { Sudo = true, Input = input };
        var result = await shell.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode == 0)
            return result.Output.Length == 0 ? null : result.Output;
        var diskFull = result.Error.Contains("No space left on device", StringComparison.Ordinal);
        throw new LabException(
            diskFull ? "NodeDiskFull" : "NodeFileNotChanged",
            diskFull ? LabErrorKind.ResourceUnavailable : LabErrorKind.RemoteCommandFailed,
            $"The file '{path}' was not {what} on node '{shell.Node}' and is as it was: {FirstLine(result.Error)}",
            shell.Node,
            diskFull
                ? $"Make room on the node; see what is full: Invoke-NodeCommand -Node {shell.Node} -Command df, '-h', {ShellQuoting.JoinForPowerShell([FolderOf(path)])}"
                : $"See what is there: Invoke-NodeCommand -Node {shell.Node} -Sudo -Command ls, '-la', {ShellQuoting.JoinForPowerShell([FolderOf(path)])}");
    }

    private static string Stamp() => DateTimeOffset.UtcNow.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);

    private static string FolderOf(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/";

    private static string FirstLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault("no reason given");
}
