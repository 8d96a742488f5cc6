namespace CiliumLab.Simulator.Nodes;

/// <summary>The kernel's switches under /proc/sys. A name is written with dots; a dot inside a part, as in an interface's name, is written <c>/</c>.</summary>
internal sealed class Sysctls
{
    private static readonly Dictionary<string, string> PerLink = new(StringComparer.Ordinal)
    {
        ["net.ipv4.conf.*.accept_local"] = "0",
        ["net.ipv4.conf.*.arp_ignore"] = "0",
        ["net.ipv4.conf.*.forwarding"] = "1",
        ["net.ipv4.conf.*.promote_secondaries"] = "1",
        ["net.ipv4.conf.*.proxy_arp"] = "0",
        ["net.ipv4.conf.*.route_localnet"] = "0",
        ["net.ipv4.conf.*.rp_filter"] = "2",
        ["net.ipv4.conf.*.send_redirects"] = "1",
        ["net.ipv6.conf.*.accept_ra"] = "1",
        ["net.ipv6.conf.*.disable_ipv6"] = "0",
        ["net.ipv6.conf.*.forwarding"] = "0",
    };

    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly SimulatedKernel _kernel;

    internal Sysctls(SimulatedKernel kernel)
    {
        _kernel = kernel;
        Reset();
    }

    /// <summary>Sets every switch to what it is at boot.</summary>
    internal void Reset()
    {
        _values.Clear();
        foreach (var (name, value) in SystemDefaults.Sysctls)
            _values[name] = value;
        foreach (var (pattern, value) in PerLink)
        {
            _values[pattern.Replace("*", "all", StringComparison.Ordinal)] = value;
            _values[pattern.Replace("*", "default", StringComparison.Ordinal)] = value;
        }
    }

    /// <summary>Every name with its value, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> All
    {
        get
        {
            lock (_kernel.Gate)
            {
                var all = new SortedDictionary<string, string>(_values, StringComparer.Ordinal);
                foreach (var link in _kernel.Network.Links)
                {
                    foreach (var pattern in PerLink.Keys)
                    {
                        var name = pattern.Replace("*", Part(link.Name), StringComparison.Ordinal);
                        if (!all.ContainsKey(name))
                            all[name] = all[pattern.Replace("*", "default", StringComparison.Ordinal)];
                    }
                }

                return [.. all];
            }
        }
    }

    /// <summary>A switch's value; null when there is no such switch.</summary>
    public string? Find(string name)
    {
        lock (_kernel.Gate)
        {
            if (_values.TryGetValue(name, out var value))
                return value;
            if (PatternOf(name) is not { } pattern)
                return null;
            return _values[pattern.Replace("*", "default", StringComparison.Ordinal)];
        }
    }

    /// <summary>Sets a switch.</summary>
    /// <exception cref="KernelException">There is no such switch.</exception>
    public void Set(string name, string value)
    {
        lock (_kernel.Gate)
        {
            if (Find(name) is null)
                throw new KernelException(Errno.NoSuchFile);
            _values[name] = value;
            if (name == "net.ipv4.ip_forward")
                _values["net.ipv4.conf.all.forwarding"] = _values["net.ipv4.conf.default.forwarding"] = value;
            else if (name == "net.ipv4.conf.all.forwarding")
                _values["net.ipv4.ip_forward"] = value;
        }
    }

    /// <summary>Makes a switch, as a module does that is loaded.</summary>
    internal void Define(string name, string value)
    {
        lock (_kernel.Gate)
            _values[name] = value;
    }

    /// <summary>Whether a switch is there and not zero.</summary>
    public bool IsOn(string name) => Find(name) is { } value && value != "0";

    /// <summary>A name's part for an interface whose name may hold dots.</summary>
    private static string Part(string link) => link.Replace('.', '/');

    private string? PatternOf(string name)
    {
        var parts = name.Split('.');
        if (parts is not ["net", _, "conf", var link, _] || _kernel.Network.FindLink(link.Replace('/', '.')) is null)
            return null;
        var pattern = $"net.{parts[1]}.conf.*.{parts[4]}";
        return PerLink.ContainsKey(pattern) ? pattern : null;
    }
}
