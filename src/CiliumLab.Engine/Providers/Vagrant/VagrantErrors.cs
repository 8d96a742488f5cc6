using CiliumLab.Engine.Host;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Providers.Vagrant;

/// <summary>What can go wrong with Vagrant, in words that say what to type next.</summary>
internal static class VagrantErrors
{
    /// <summary>There is no Vagrant.</summary>
    public static LabException NotFound(LocalHost host) =>
        new("VagrantNotFound", LabErrorKind.NotInstalled, "There is no program 'vagrant' on the PATH.", "vagrant", $"{Remedies.Install(host, HostPackage.Vagrant)}; then look at everything with: Test-LabHost");

    /// <summary>It is too old.</summary>
    public static LabException TooOld(LocalHost host, string program, Version version) =>
        new(
            "VagrantTooOld",
            LabErrorKind.NotInstalled,
            $"'{program}' is Vagrant {version}; {VagrantVersion.Oldest} or later is needed.",
            program,
            $"{Remedies.Update(host, HostPackage.Vagrant)}; then look at everything with: Test-LabHost");

    /// <summary>The lab's folder was tampered with.</summary>
    public static LabException NoVagrantfile(string lab, string folder) =>
        new(
            "VagrantfileNotFound",
            LabErrorKind.ObjectNotFound,
            $"The folder of lab '{lab}' has no Vagrantfile any more: {folder}",
            lab,
            $"Bring the file back, or take the lab away with its machines: Remove-LabCluster {lab}");

    /// <summary>Vagrant said nothing that could be used although it says that all went well.</summary>
    public static LabException NotUnderstood(string lab, string command, string log) =>
        new(
            "VagrantNotUnderstood",
            LabErrorKind.InvalidData,
            $"'vagrant {command}' of lab '{lab}' did not say what it should.",
            lab,
            $"See what it said in {log}; if this Vagrant is a newer one, please report it.");

    /// <summary>A command of Vagrant's failed.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="arguments">The command.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="lines">What it printed.</param>
    /// <param name="unfinished">The machine that was at work, its task, and what that task said.</param>
    /// <param name="log">Where everything is that Vagrant said.</param>
    public static LabException Failed(
        string lab,
        IReadOnlyList<string> arguments,
        LocalResult result,
        IReadOnlyList<VagrantLine> lines,
        (string Node, string Task, IReadOnlyList<string> Output)? unfinished,
        string log)
    {
        var exit = lines.LastOrDefault(line => line.Type == "error-exit" && line.Data.Count >= 2);
        var type = exit?.Data[0].Split("::")[^1] ?? "";
        var said = exit?.Data[1] ?? lines.LastOrDefault(line => line.Said?.Kind == "error")?.Said?.Text ?? result.Error.Trim();
        if (said.Length == 0)
            said = $"exit code {result.ExitCode}";
        var command = "vagrant " + arguments[0];

        // Before 2.4 the type of many errors is only their base class; the text tells them apart.
        if (type is "MachineLocked" or "MachineActionLockedError" or "EnvironmentLockedError"
            || said.Contains("another process is already executing an action", StringComparison.Ordinal)
            || said.Contains("machine because it is locked", StringComparison.Ordinal)
            || said.Contains("lock is being held by another", StringComparison.Ordinal))
        {
            return new LabException(
                "VagrantLocked", LabErrorKind.ResourceUnavailable, $"Another Vagrant works on lab '{lab}': {said}", lab, "Wait until it has ended, and try again.");
        }

        if (type.StartsWith("VirtualBox", StringComparison.Ordinal)
            || type.StartsWith("VBoxManage", StringComparison.Ordinal)
            || type is "ProviderNotUsable" or "NoDefaultProvider" or "VMNameExists" or "ForwardPortCollision" or "ForwardPortAutolistEmpty")
        {
            return new LabException(
                "VirtualBoxNotUsable",
                LabErrorKind.InvalidOperation,
                $"'{command}' of lab '{lab}' failed: {said}",
                lab,
                "See what is missing, with the remedies: Test-LabHost; most of it mends: Initialize-LabHost");
        }

        if (unfinished is var (node, task, output))
        {
            return new LabException(
                "VagrantTaskFailed",
                LabErrorKind.RemoteCommandFailed,
                output.Count == 0
                    ? $"'{command}' of lab '{lab}' failed on {node}, at \"{task}\": {said}"
                    : $"'{command}' of lab '{lab}' failed on {node}, at \"{task}\":\n{string.Join('\n', output)}",
                node,
                $"Everything that was said is in {log}. What was made stays: the same command goes on with it.");
        }

        return new LabException("VagrantFailed", LabErrorKind.RemoteCommandFailed, $"'{command}' of lab '{lab}' failed: {said}", lab, $"Everything that was said is in {log}.");
    }
}
