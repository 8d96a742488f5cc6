using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>A socket address among a call's arguments.</summary>
internal readonly partial record struct StraceAddress(SocketFamily Family, IPEndPoint? EndPoint, string? Path, uint? NetlinkPort)
{
    /// <summary>The first address among the arguments; of no family when there is none.</summary>
    public static StraceAddress Of(IReadOnlyList<string> arguments)
    {
        foreach (var argument in arguments)
        {
            // Text that a program sends may look like an address.
            if (argument[0] is not ('{' or '[') || Form().Match(argument) is not { Success: true } form)
                continue;
            var fields = form.Groups["fields"].Value;
            switch (form.Groups["family"].Value)
            {
                case "INET":
                    return new StraceAddress(SocketFamily.IPv4, EndPointOf(fields), null, null);
                case "INET6":
                    return new StraceAddress(SocketFamily.IPv6, EndPointOf(fields), null, null);
                case "UNIX" or "LOCAL":
                    return new StraceAddress(SocketFamily.Unix, null, SunPath().Match(fields) is { Success: true } path ? path.Groups["at"].Value + path.Groups["path"].Value : null, null);
                case "NETLINK":
                    return new StraceAddress(SocketFamily.Netlink, null, null, Number(NetlinkPid().Match(fields).Groups[1].Value));
                case "PACKET":
                    return new StraceAddress(SocketFamily.Packet, null, null, null);
                default:
                    return default;
            }
        }

        return default;
    }

    private static IPEndPoint? EndPointOf(string fields)
    {
        if (!ushort.TryParse(Port().Match(fields).Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || !CiliumValues.TryAddress(Host().Match(fields).Groups["host"].Value, out var address))
        {
            return null;
        }

        if (Number(Scope().Match(fields).Groups[1].Value) is > 0 and var scope)
            address = new IPAddress(address.GetAddressBytes(), scope);
        return new IPEndPoint(address, port);
    }

    private static uint? Number(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@"^(?:\[?\{(?:msg_hdr=\{)?msg_name=)?\{sa_family=AF_(?<family>[A-Z0-9]+)(?<fields>(?:[^""{}]|""(?:[^""\\]|\\.)*"")*)")]
    private static partial Regex Form();

    [GeneratedRegex(@"\bsin6?_port=htons\((\d+)\)")]
    private static partial Regex Port();

    [GeneratedRegex(@"\binet_addr\(""(?<host>[^""]+)""\)|\binet_pton\(AF_INET6, ""(?<host>[^""]+)""")]
    private static partial Regex Host();

    [GeneratedRegex(@"\bsin6_scope_id=(\d+)")]
    private static partial Regex Scope();

    [GeneratedRegex(@"\bsun_path=(?<at>@?)""(?<path>(?:[^""\\]|\\.)*)""")]
    private static partial Regex SunPath();

    [GeneratedRegex(@"\bnl_pid=(\d+)")]
    private static partial Regex NetlinkPid();
}
