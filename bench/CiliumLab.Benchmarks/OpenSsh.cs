using System.Diagnostics;
using System.Globalization;

namespace CiliumLab.Benchmarks;

/// <summary>OpenSSH's client in shell loops: one login for each command, or one for all of a node's with ControlMaster.</summary>
internal sealed class OpenSsh(NodeLab lab, bool master) : IAsyncDisposable
{
    // In one call of one shell: its start is nothing beside the commands.
    private const string OneAfterAnother = """
        n=$1 command=$2; shift 2
        for ssh; do for ((i = 0; i < n; i++)); do $ssh "$command" || exit; done; done
        """;

    private const string NodesAtOnce = """
        n=$1 command=$2; shift 2
        for ssh; do for ((i = 0; i < n; i++)); do $ssh "$command" || exit; done & done
        wait
        """;

    /// <summary>Logs in where one login is for all commands.</summary>
    public async Task OpenAsync()
    {
        // The master keeps the streams that it was given, so it must not have ours.
        foreach (var ssh in master ? Clients : [])
            await Tool.RunAsync("bash", "-c", $"{ssh} -M -N -f > /dev/null 2>&1");
    }

    /// <summary>Runs a command some times on each node; milliseconds, of which there are more the slower the nodes answer.</summary>
    public async Task<double> TimeAsync(int commands, string command, bool nodesAtOnce)
    {
        var clock = Stopwatch.StartNew();
        var said = await Tool.RunAsync(
            "bash", ["-c", nodesAtOnce ? NodesAtOnce : OneAfterAnother, "bash", commands.ToString(CultureInfo.InvariantCulture), command, .. Clients]);
        var time = clock.Elapsed.TotalMilliseconds;
        var answers = said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
        return answers == commands * lab.Nodes.Count ? time : throw new InvalidOperationException($"{answers} answers of ssh are not enough");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var ssh in master ? Clients : [])
            await Tool.RunAsync("bash", "-c", $"{ssh} -O exit");
    }

    private IEnumerable<string> Clients => lab.Nodes.Select(node =>
        $"ssh -F none -q -n -p {node.Port} -i {lab.Key} -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        + (master ? $" -o ControlPath={lab.Folder}/master-{node.Port}" : "") + " vagrant@127.0.0.1");
}
