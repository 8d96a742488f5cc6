using System.Text;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes;

/// <summary>The kernel modules of a node: which are there, and having one now and at boot.</summary>
public static class KernelModules
{
    /// <summary>The file whose modules systemd-modules-load loads at boot (<c>modules-load.d(5)</c>).</summary>
    private const string BootFile = "/etc/modules-load.d/ciliumlab.conf";

    /// <summary>Reads the loaded modules; with names, also the built-in ones that fit.</summary>
    /// <param name="shell">The node.</param>
    /// <param name="named">Whether a name is asked for; null when all are.</param>
    /// <param name="warn">Is told of each line that was not understood.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="LabException"><c>KernelModulesUnavailable</c> when the kernel has no loadable modules.</exception>
    public static async Task<IReadOnlyList<KernelModule>> ReadAsync(
        INodeShell shell, Func<string, bool>? named, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        var loaded = await LoadedAsync(shell, warn, cancellationToken).ConfigureAwait(false);
        if (loaded is null && named is null)
            throw Unavailable(shell.Node);
        var atBoot = BootNames(await shell.TryReadTextAsync(BootFile, cancellationToken).ConfigureAwait(false) ?? "");
        IEnumerable<KernelModule> modules = loaded ?? [];
        if (named is not null)
        {
            var names = modules.Select(module => module.Name).ToHashSet(StringComparer.Ordinal);
            var builtIn = await BuiltInAsync(shell, cancellationToken).ConfigureAwait(false);
            modules = modules.Concat(builtIn.Where(name => !names.Contains(name)).Order(StringComparer.Ordinal).Select(name => BuiltIn(shell.Node, name)))
                .Where(module => named(module.Name));
        }

        var found = modules.Select(module => module with { LoadsAtBoot = atBoot.Contains(module.Name) }).ToList();
        return found.Count == 0 && loaded is null ? throw Unavailable(shell.Node) : found;
    }

    /// <summary>Loads a module now and at every boot; does nothing when it is there and will be, or is a part of the kernel.</summary>
    /// <param name="shell">The node.</param>
    /// <param name="name">The module.</param>
    /// <param name="confirm">Asks whether the change, which it is told, may be made.</param>
    /// <param name="warn">Is told of each line that was not understood.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The module as it is now; null when the change was not confirmed.</returns>
    /// <exception cref="LabException"><c>ModuleNameInvalid</c>, <c>KernelModulesUnavailable</c> or <c>ModuleNotLoaded</c>.</exception>
    public static async Task<KernelModule?> EnableAsync(
        INodeShell shell, string name, Func<string, Task<bool>> confirm, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        var canonical = Canonical(name);
        if (name.Trim().StartsWith('-') || canonical.Length == 0 || !canonical.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            throw new LabException(
                "ModuleNameInvalid", LabErrorKind.InvalidArgument, $"'{name}' cannot be the name of a kernel module.", name, "Give a name such as vxlan or br_netfilter.");
        }

        var loaded = await LoadedAsync(shell, warn, cancellationToken).ConfigureAwait(false);
        var present = loaded?.FirstOrDefault(module => module.Name == canonical);
        if (present is null && (await BuiltInAsync(shell, cancellationToken).ConfigureAwait(false)).Contains(canonical))
            return BuiltIn(shell.Node, canonical) with { StateBefore = KernelModuleState.BuiltIn };
        if (loaded is null)
            throw Unavailable(shell.Node);

        var bootText = await shell.TryReadTextAsync(BootFile, cancellationToken).ConfigureAwait(false) ?? "";
        var atBoot = BootNames(bootText).Contains(canonical);
        var before = present?.State ?? KernelModuleState.NotLoaded;
        if (present is not null && atBoot)
            return present with { LoadsAtBoot = true, StateBefore = before, LoadedAtBootBefore = true };

        var load = present is null ? "Load it now" : "Leave it loaded";
        var persist = atBoot ? "at boot it is loaded already" : $"load it at boot ({BootFile})";
        if (!await confirm($"Kernel module {canonical}: {load}; {persist}").ConfigureAwait(false))
            return null;
        if (present is null)
            present = await LoadAsync(shell, canonical, warn, cancellationToken).ConfigureAwait(false);
        var backup = atBoot
            ? null
            : await shell.WriteTextAsync(BootFile, WithLine(bootText, canonical), cancellationToken).ConfigureAwait(false);
        return present with { LoadsAtBoot = true, Changed = true, StateBefore = before, LoadedAtBootBefore = atBoot, Backup = backup };
    }

    /// <summary>The kernel writes an underscore where file names may have a dash.</summary>
    internal static string Canonical(string name) => name.Trim().Replace('-', '_');

    private static async Task<KernelModule> LoadAsync(INodeShell shell, string name, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        var modprobe = NodeCommand.AsRoot("modprobe", name);
        var result = await shell.RunAsync(modprobe, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode == 127)
            throw NodeShellCommands.Failure(result, modprobe);
        if (result.ExitCode != 0)
        {
            throw new LabException(
                "ModuleNotLoaded",
                LabErrorKind.RemoteCommandFailed,
                $"modprobe cannot load '{name}' on node '{shell.Node}': {result.Error.Trim()}",
                shell.Node,
                $"Some distributions keep modules in a package of their own (linux-modules-extra on Ubuntu); see: Invoke-NodeCommand -Node {shell.Node} -Command 'modinfo', '{name}'");
        }

        // An alias loads a module of another name; modprobe was content, so the name is kept.
        var loaded = await LoadedAsync(shell, warn, cancellationToken).ConfigureAwait(false);
        return loaded?.FirstOrDefault(module => module.Name == name)
            ?? new KernelModule { Node = shell.Node, Name = name, State = KernelModuleState.Loaded };
    }

    private static async Task<List<KernelModule>?> LoadedAsync(INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        var command = NodeCommand.Of("cat", "/proc/modules");
        var result = await shell.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode == 0)
            return [.. LsmodText.Parse(new StringReader(result.Output), shell.Node, warn)];
        return result.Error.Contains("No such file", StringComparison.Ordinal) ? null : throw NodeShellCommands.Failure(result, command);
    }

    // What the kernel's build listed as built in, and what sysfs shows: built-in code with parameters has a folder there too.
    private static async Task<HashSet<string>> BuiltInAsync(INodeShell shell, CancellationToken cancellationToken)
    {
        var release = (await shell.ReadOutputAsync(NodeCommand.Of("uname", "-r"), cancellationToken).ConfigureAwait(false)).Trim();
        var list = await shell.RunAsync(NodeCommand.Of("cat", $"/lib/modules/{release}/modules.builtin"), cancellationToken).ConfigureAwait(false);
        var sysfs = await shell.RunAsync(NodeCommand.Of("ls", "-1", "/sys/module"), cancellationToken).ConfigureAwait(false);
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (list.ExitCode == 0)
            names.UnionWith(Lines(list.Output).Select(path => Canonical(path[(path.LastIndexOf('/') + 1)..].Split('.')[0])));
        if (sysfs.ExitCode == 0)
            names.UnionWith(Lines(sysfs.Output).Select(Canonical));
        return names;
    }

    private static KernelModule BuiltIn(string node, string name) => new() { Node = node, Name = name, State = KernelModuleState.BuiltIn };

    private static HashSet<string> BootNames(string text) =>
        [.. Lines(text).Where(line => line[0] is not ('#' or ';')).Select(Canonical)];

    private static string WithLine(string text, string name)
    {
        var result = new StringBuilder(text.Length == 0 ? "# Kernel modules that CiliumLab loads at boot.\n" : text);
        if (result[^1] != '\n')
            result.Append('\n');
        return result.Append(name).Append('\n').ToString();
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static LabException Unavailable(string node) =>
        new(
            "KernelModulesUnavailable",
            LabErrorKind.InvalidOperation,
            $"The kernel of node '{node}' cannot load modules: there is no /proc/modules.",
            node,
            "In containers and some clouds the kernel has everything built in; see what is there with: Get-NodeKernelModule -Name *");
}
