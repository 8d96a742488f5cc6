namespace CiliumLab.Tests.Integration;

/// <summary>What can befall a node. Each fault is repaired when what it returns is disposed.</summary>
internal static class NodeLabFaults
{
    /// <summary>Ends the SSH server and every session on it. New connections are taken by the forwarder and closed at once.</summary>
    public static async Task<IAsyncDisposable> KillSshd(this NodeLab lab, string node)
    {
        // stopped first, or systemd would start it again
        await lab.ScriptOnNode(node, "systemctl stop ssh; pkill -KILL -x sshd || true");
        return new Repair(() => lab.RunOnNode(node, "systemctl", "start", "ssh"));
    }

    /// <summary>Ends the sessions that are open now; the server stays and takes new ones.</summary>
    public static Task KillSshSessions(this NodeLab lab, string node) =>
        lab.ScriptOnNode(node, "pgrep -x sshd | grep -vx \"$(systemctl show --value --property=MainPID ssh)\" | xargs --no-run-if-empty kill -KILL");

    /// <summary>Loses every packet to and from the node's SSH server without a word: connections freeze, new ones never get a banner.</summary>
    public static async Task<IAsyncDisposable> DropNode(this NodeLab lab, string node)
    {
        foreach (var (chain, match) in DroppedPackets)
            await RouterRule(lab, node, "-I", chain, match);
        return new Repair(async () =>
        {
            foreach (var (chain, match) in DroppedPackets)
                await RouterRule(lab, node, "-D", chain, match);
        });
    }

    /// <summary>Fills the node's disk to the last byte; what is there can be read, nothing can be written.</summary>
    public static async Task<IAsyncDisposable> FillDisk(this NodeLab lab, string node)
    {
        await lab.ScriptOnNode(node, "dd if=/dev/zero of=/full bs=1M status=none 2>/dev/null || true; [[ $(stat -f -c %f /) == 0 ]]");
        return new Repair(() => lab.RunOnNode(node, "rm", "-f", "/full"));
    }

    /// <summary>Gives the node new SSH host keys, as a reinstalled machine has; the old ones come back afterwards.</summary>
    public static async Task<IAsyncDisposable> ChangeHostKey(this NodeLab lab, string node)
    {
        await lab.ScriptOnNode(node, """
            mkdir /etc/ssh/before
            mv /etc/ssh/ssh_host_* /etc/ssh/before
            for kind in ed25519 ecdsa; do ssh-keygen -q -t $kind -N '' -f /etc/ssh/ssh_host_${kind}_key; done
            systemctl restart ssh
            """);
        return new Repair(() => lab.ScriptOnNode(node, """
            mv -f /etc/ssh/before/* /etc/ssh
            rmdir /etc/ssh/before
            systemctl restart ssh
            """));
    }

    /// <summary>The SHA-256 fingerprint of a node's host key, as ssh-keygen prints it.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="node">The node.</param>
    /// <param name="kind"><c>ed25519</c> or <c>ecdsa</c>.</param>
    public static async Task<string> HostKeyFingerprint(this NodeLab lab, string node, string kind = "ed25519") =>
        (await lab.RunOnNode(node, "ssh-keygen", "-l", "-f", $"/etc/ssh/ssh_host_{kind}_key.pub")).Split(' ')[1];

    private static readonly (string Chain, string Match)[] DroppedPackets = [("INPUT", "--sport"), ("OUTPUT", "--dport")];

    private static async Task RouterRule(NodeLab lab, string node, string action, string chain, string match) =>
        (await HostProgram.RunAsync(
            "nsenter",
            [$"--net={lab.RouterNamespace(node)}", "iptables", action, chain, "-p", "tcp", match, "22", "-j", "DROP"]))
        .Succeeded($"iptables {action} for {node}");
}
