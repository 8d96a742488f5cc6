namespace CiliumLab.Simulator.Nodes;

/// <summary>A module that the kernel's package brings.</summary>
/// <param name="Name">Its name, with underscores.</param>
/// <param name="Size">Its size in memory, in bytes.</param>
/// <param name="Folder">Where it lies under the modules' folder.</param>
/// <param name="DependsOn">Modules that it uses.</param>
internal sealed record ModuleFile(string Name, int Size, string Folder, params IReadOnlyList<string> DependsOn);

/// <summary>A module that is loaded.</summary>
/// <param name="File">What it is.</param>
/// <param name="Holders">Loaded modules that use it, the latest first.</param>
/// <param name="Uses">How often it is used: by its holders and by others.</param>
internal sealed record LoadedModule(ModuleFile File, IReadOnlyList<string> Holders, int Uses);

/// <summary>The kernel's modules: what there is, and what is loaded.</summary>
internal sealed class KernelModules
{
    private readonly SimulatedKernel _kernel;

    // The latest is first, as in /proc/modules.
    private readonly List<ModuleFile> _loaded = [];
    private readonly Dictionary<string, int> _otherUses = new(StringComparer.Ordinal);

    internal KernelModules(SimulatedKernel kernel) => _kernel = kernel;

    /// <summary>What is loaded, the latest first.</summary>
    public IReadOnlyList<LoadedModule> Loaded
    {
        get
        {
            lock (_kernel.Gate)
            {
                return
                [
                    .. _loaded.Select(file =>
                    {
                        string[] holders = [.. _loaded.Where(other => other.DependsOn.Contains(file.Name)).Select(other => other.Name)];
                        return new LoadedModule(file, holders, holders.Length + _otherUses.GetValueOrDefault(file.Name));
                    }),
                ];
            }
        }
    }

    /// <summary>The module of a name; dashes are underscores. Null when there is no file of it.</summary>
    public static ModuleFile? Find(string name) => ModuleCatalog.Files.GetValueOrDefault(name.Replace('-', '_'));

    /// <summary>Whether it is compiled into the kernel.</summary>
    public static bool IsBuiltIn(string name) => ModuleCatalog.BuiltIn.Contains(name.Replace('-', '_'));

    /// <summary>Whether it is loaded.</summary>
    public bool IsLoaded(string name)
    {
        lock (_kernel.Gate)
            return _loaded.Exists(file => file.Name == name.Replace('-', '_'));
    }

    /// <summary>Loads a module after those that it uses.</summary>
    /// <returns>What was loaded, in order; nothing when all was.</returns>
    /// <exception cref="KernelException">There is no such module.</exception>
    public IReadOnlyList<ModuleFile> Load(string name)
    {
        lock (_kernel.Gate)
        {
            if (IsBuiltIn(name))
                return [];
            var file = Find(name) ?? throw new KernelException(Errno.NoSuchFile);
            if (IsLoaded(file.Name))
                return [];
            var loaded = file.DependsOn.SelectMany(Load).ToList();
            _loaded.Insert(0, file);
            if (file.Name == "br_netfilter")
            {
                foreach (var flag in (string[])["arptables", "ip6tables", "iptables"])
                    _kernel.Sysctls.Define("net.bridge.bridge-nf-call-" + flag, "1");
            }

            loaded.Add(file);
            return loaded;
        }
    }

    /// <summary>Loads a module when the kernel itself wants it and there is one.</summary>
    internal void Request(string name)
    {
        if (Find(name) is not null)
            Load(name);
    }

    /// <summary>Unloads a module and then those that only it used.</summary>
    /// <exception cref="KernelException"><see cref="Errno.Busy"/> when it is in use, <see cref="Errno.NoSuchFile"/> when it is not loaded.</exception>
    public void Unload(string name)
    {
        lock (_kernel.Gate)
        {
            var module = Loaded.FirstOrDefault(module => module.File.Name == name.Replace('-', '_')) ?? throw new KernelException(Errno.NoSuchFile);
            if (module.Uses > 0)
                throw new KernelException(Errno.Busy);
            _loaded.Remove(module.File);
            foreach (var used in module.File.DependsOn)
            {
                if (Loaded.FirstOrDefault(other => other.File.Name == used) is { Uses: 0 })
                    Unload(used);
            }
        }
    }

    /// <summary>Unloads everything.</summary>
    internal void Reset()
    {
        _loaded.Clear();
        _otherUses.Clear();
    }

    /// <summary>Says that something other than a module uses one.</summary>
    internal void Hold(string name, int times)
    {
        lock (_kernel.Gate)
            _otherUses[name] = _otherUses.GetValueOrDefault(name) + times;
    }
}
