using System.Net;

namespace CiliumLab.Engine.Text;

/// <summary>
/// /etc/vbox/networks.conf: lines that begin with <c>*</c> list the networks that VirtualBox lets host-only interfaces have. Without the file
/// they are 192.168.56.0/21 and fe80::/10; once there is a file, only what it lists (the chapter on host-only networking in VirtualBox's manual).
/// </summary>
internal static class VirtualBoxNetworksFile
{
    /// <summary>Where it is, on Linux, macOS and Solaris.</summary>
    public const string Path = "/etc/vbox/networks.conf";

    private static readonly IPNetwork Usual = IPNetwork.Parse("192.168.56.0/21");

    /// <summary>The IPv4 networks that are allowed.</summary>
    /// <param name="text">The file; null when there is none.</param>
    public static IReadOnlyList<IPNetwork> Allowed(string? text) =>
        text is null
            ? [Usual]
            : [.. text.Split('\n')
                .Select(line => line.Trim())
                .Where(line => line.StartsWith('*'))
                .SelectMany(line => line[1..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                .Select(word => IPNetwork.TryParse(word, out var network) ? network : (IPNetwork?)null)
                .OfType<IPNetwork>()
                .Where(network => network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)];

    /// <summary>Whether the whole of a network is allowed.</summary>
    public static bool Allows(string? text, IPNetwork network) =>
        Allowed(text).Any(range => range.PrefixLength <= network.PrefixLength && range.Contains(network.BaseAddress));

    /// <summary>The file with a network added at its end; what was there stays. A new file keeps the networks that were allowed without one.</summary>
    public static string With(string? text, IPNetwork network) =>
        text is null
            ? $"# Networks that VirtualBox lets host-only interfaces have. The first is what it allows without this file.\n* {Usual}\n* {network}\n"
            : $"{text}{(text.Length == 0 || text.EndsWith('\n') ? "" : "\n")}* {network}\n";
}
