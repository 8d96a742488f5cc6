using System.Globalization;
using System.Net.Sockets;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>The two lines of an address in <c>ip addr</c>: the address with its flags, and its lifetimes.</summary>
internal static class AddressLine
{
    /// <summary>Reads <c>inet 10.0.2.15/24 metric 100 brd 10.0.2.255 scope global dynamic eth0</c>.</summary>
    /// <returns>The address, or null, with a warning, when it has none.</returns>
    public static InterfaceAddress? Read(IprouteWords words)
    {
        var family = words.Take();
        if (words.Take() is not { } text)
            return null;
        if (Split(text) is not { } own)
        {
            words.Complain($"expected an address and its prefix length instead of '{text}'");
            return null;
        }

        var address = own;
        while (!words.AtEnd)
        {
            var word = words.Take()!;
            switch (word)
            {
                case "peer":
                    var peer = words.Take() is { } other ? Split(other) : null;
                    if (peer is null)
                        words.Complain("expected the peer's address");
                    else
                        address = address with { Peer = peer.Address, PrefixLength = peer.PrefixLength };
                    break;
                case "metric":
                    address = address with { Metric = words.Number<uint>() };
                    break;
                case "brd":
                    address = address with { Broadcast = words.Address() };
                    break;
                case "any":
                    words.Take();
                    break;
                case "scope":
                    address = address with { Scope = words.Named(IprouteNames.Scope, "scope") ?? AddressScope.Global };
                    break;
                case "proto":
                    address = address with { Protocol = words.Take() };
                    break;
                case { } when IprouteNames.AddressFlag(word) is { } flag:
                    address = address with { Flags = address.Flags | flag };
                    break;
                case "flags":
                    words.Complain($"unknown flags '{words.Take()}'");
                    break;
                case { } when words.AtEnd && family == "inet":
                    address = address with { Label = word };
                    break;
                default:
                    words.Complain($"unknown word '{word}'");
                    break;
            }
        }

        return address;
    }

    /// <summary>Reads <c>valid_lft 84849sec preferred_lft forever</c> into the address above it.</summary>
    public static InterfaceAddress WithLifetimes(InterfaceAddress address, IprouteWords words)
    {
        while (!words.AtEnd)
        {
            var word = words.Take()!;
            if (word is not ("valid_lft" or "preferred_lft"))
            {
                words.Complain($"unknown word '{word}'");
                continue;
            }

            var life = words.TakeIf("forever") ? null : IprouteNames.Lifetime(words.Number<uint>("sec"));
            address = word == "valid_lft" ? address with { ValidLifetime = life } : address with { PreferredLifetime = life };
        }

        return address;
    }

    private static InterfaceAddress? Split(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (IprouteNames.Address(slash < 0 ? text : text[..slash]) is not { } address)
            return null;
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var length = bits;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
            return null;
        return new InterfaceAddress { Address = address, PrefixLength = length };
    }
}
