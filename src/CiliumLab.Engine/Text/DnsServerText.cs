using System.Globalization;
using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads a DNS server as resolved.conf(5) writes it: <c>address:port%interface#name</c>, with brackets around IPv6 and a port.</summary>
internal static class DnsServerText
{
    /// <summary>The server, or null when the word is none.</summary>
    public static NodeDnsServer? Parse(string word)
    {
        string? name = null, link = null;
        var rest = word;
        if (rest.IndexOf('#', StringComparison.Ordinal) is >= 0 and var hash)
            (rest, name) = (rest[..hash], rest[(hash + 1)..]);
        if (rest.IndexOf('%', StringComparison.Ordinal) is >= 0 and var percent)
        {
            link = rest[(percent + 1)..];
            rest = rest[..percent];
            // The interface may stand before the port.
            if (link.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon)
                (link, rest) = (link[..colon].TrimEnd(']'), rest + (rest.StartsWith('[') ? "]" : "") + link[colon..]);
        }

        int? port = null;
        var end = rest.StartsWith('[') ? rest.IndexOf(']', StringComparison.Ordinal) : rest.Count(c => c == ':') == 1 ? rest.IndexOf(':', StringComparison.Ordinal) - 1 : -1;
        if (end >= 0 && end + 1 < rest.Length)
        {
            if (rest[end + 1] != ':' || !ushort.TryParse(rest.AsSpan(end + 2), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return null;
            port = number;
            rest = rest[..(end + 1)];
        }

        if (!IPAddress.TryParse(rest.Trim('[', ']'), out var address))
            return null;
        return new NodeDnsServer { Address = address, Port = port, Interface = Named(link), ServerName = Named(name) };
    }

    private static string? Named(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
