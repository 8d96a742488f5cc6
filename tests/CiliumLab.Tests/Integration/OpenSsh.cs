using System.Diagnostics;
using System.Globalization;

namespace CiliumLab.Tests.Integration;

/// <summary>OpenSSH's own client: what it can do on the nodes, our shell must do too.</summary>
internal static class OpenSsh
{
    /// <summary>Logs in with the lab's key and runs a command.</summary>
    public static Task<HostProgramResult> RunAsync(
        NodeLab lab, string node, string user, string command, string? input = null, NodePort? through = null, CancellationToken cancellationToken = default) =>
        HostProgram.RunAsync(
            "ssh",
            [.. Options(through?.Port ?? lab.Ports[node]), "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-i", lab.Key, $"{user}@127.0.0.1", command],
            input,
            cancellationToken: cancellationToken);

    /// <summary>Logs in with a password and runs a command.</summary>
    public static async Task<HostProgramResult> RunWithPasswordAsync(
        NodeLab lab, string node, string user, string password, string command, CancellationToken cancellationToken)
    {
        // ssh reads a password from a terminal or from a program, never from standard input
        var answer = Path.Combine(lab.Folder, "answer-password");
        await File.WriteAllTextAsync(answer, "#!/bin/sh\nprintf '%s\\n' \"$LAB_PASSWORD\"\n", cancellationToken);
        (await HostProgram.RunAsync("chmod", ["700", answer], cancellationToken: cancellationToken)).Succeeded("chmod");
        return await HostProgram.RunAsync(
            "ssh",
            [.. Options(lab.Ports[node]), "-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=1", $"{user}@127.0.0.1", command],
            environment: new Dictionary<string, string>
            {
                ["SSH_ASKPASS"] = answer,
                ["SSH_ASKPASS_REQUIRE"] = "force",
                ["LAB_PASSWORD"] = password,
            },
            cancellationToken: cancellationToken);
    }

    /// <summary>How long a command takes on a connection that is already there, with or without the forwarder on the way.</summary>
    public static async Task<TimeSpan> CommandTimeAsync(NodeLab lab, bool forwarded, CancellationToken cancellationToken)
    {
        const int commands = 20;
        var node = lab.Nodes[0];
        var control = Path.Combine(lab.Folder, forwarded ? "control-forwarded" : "control-straight");
        string[] login = ["-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-i", lab.Key, "-o", $"ControlPath={control}"];
        string[] ssh = forwarded
            ? ["ssh", .. Options(lab.Ports[node]), .. login, "vagrant@127.0.0.1"]
            : ["nsenter", $"--net={lab.RouterNamespace(node)}", "ssh", .. Options(22), .. login, "vagrant@10.0.2.15"];

        // the master keeps the streams that it was given, so it must not have ours
        (await RunAsync(["bash", "-c", "\"$@\" > /dev/null 2>&1", "bash", .. ssh, "-M", "-N", "-f"])).Succeeded("ssh -M");
        try
        {
            var watch = Stopwatch.StartNew();
            for (var command = 0; command < commands; command++)
                Assert.Equal("hello\n", (await RunAsync([.. ssh, "echo hello"])).Succeeded("ssh"));
            return watch.Elapsed / commands;
        }
        finally
        {
            await RunAsync([.. ssh, "-O", "exit"]);
        }

        Task<HostProgramResult> RunAsync(params string[] words) =>
            HostProgram.RunAsync(words[0], words[1..], cancellationToken: cancellationToken);
    }

    private static string[] Options(int port) =>
    [
        "-F", "none", "-q", "-p", port.ToString(CultureInfo.InvariantCulture), "-o", "ConnectTimeout=3",
        "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
    ];
}
