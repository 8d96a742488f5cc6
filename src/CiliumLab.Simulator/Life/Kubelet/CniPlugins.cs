using System.Collections.Concurrent;

namespace CiliumLab.Simulator.Life;

/// <summary>The CNI plugins that somebody simulates, by the names of their binaries.</summary>
internal sealed class CniPlugins
{
    private readonly ConcurrentDictionary<string, ICniPlugin> _plugins = new(StringComparer.Ordinal);

    /// <summary>Adds a plugin. Its binary must lie in /opt/cni/bin of a node for the runtime of that node to find it.</summary>
    public void Add(ICniPlugin plugin) => _plugins[plugin.Type] = plugin;

    /// <summary>A plugin; null when nobody simulates it.</summary>
    public ICniPlugin? Find(string type) => _plugins.GetValueOrDefault(type);
}
