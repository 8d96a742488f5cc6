using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs.Iproute;

/// <summary>Options of iproute2's programs, before the object.</summary>
internal sealed record IprouteOptions
{
    public bool Json { get; init; }

    public bool Pretty { get; init; }

    public bool Details { get; init; }

    public int Statistics { get; init; }

    public bool Brief { get; init; }

    public bool OneLine { get; init; }

    public bool Color { get; init; }

    public bool Numeric { get; init; }

    /// <summary>The family that was asked for; null for the object's own choice.</summary>
    public AddressFamily? Family { get; init; }

    /// <summary>A writer for these options.</summary>
    public IprouteWriter Writer() => new(Json, Pretty, Color && !Json);
}

/// <summary>Reads the words behind an object's command, and fails as iproute2's lib/utils.c does.</summary>
internal sealed class IprouteArguments(IReadOnlyList<string> words)
{
    private int _next;

    /// <summary>Whether there are no more words.</summary>
    public bool AtEnd => _next >= words.Count;

    /// <summary>The next word without taking it; null at the end.</summary>
    public string? Peek => AtEnd ? null : words[_next];

    /// <summary>Takes the next word.</summary>
    public string Take() => words[_next++];

    /// <summary>Takes the word behind a keyword.</summary>
    public string Value()
    {
        if (AtEnd)
            throw new ProgramException(255, "Command line is not complete. Try option \"help\"\n");
        return Take();
    }

    /// <summary>Takes a number behind a keyword.</summary>
    public uint Number(string what)
    {
        var word = Value();
        return TryNumber(word, out var number) ? number : throw Wrong(word, $"\"{what}\" value is invalid\n");
    }

    /// <summary>Takes an address of a family behind a keyword.</summary>
    public IPAddress Address(AddressFamily? family)
    {
        var word = Value();
        if (!IpPrefix.TryParseAddress(word, out var address) || (family is { } wanted && address.AddressFamily != wanted))
            throw new ProgramException(1, $"Error: {FamilyName(family)} address is expected rather than \"{word}\".\n");
        return address;
    }

    /// <summary>Takes a prefix of a family.</summary>
    public IpPrefix Prefix(AddressFamily? family, string? word = null)
    {
        word ??= Value();
        if (word is "default" or "any" or "all")
            return IpPrefix.Default(family ?? AddressFamily.InterNetwork);
        if (!IpPrefix.TryParse(word, out var prefix) || (family is { } wanted && prefix.Family != wanted))
            throw new ProgramException(1, $"Error: {FamilyName(family)} prefix is expected rather than \"{word}\".\n");
        return prefix;
    }

    /// <summary>Reads a number as C does: decimal or hexadecimal.</summary>
    public static bool TryNumber(string word, out uint number) =>
        word.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? uint.TryParse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>A word is not what the keyword before it takes.</summary>
    public static ProgramException Wrong(string word, string reason) => new(255, $"Error: argument \"{word}\" is wrong: {reason}\n");

    /// <summary>A link that must be there.</summary>
    public static Link Device(NetworkNamespace network, string name) =>
        network.FindLink(name) ?? throw new ProgramException(1, $"Cannot find device \"{name}\"\n");

    /// <summary>Whether a word is a keyword or its beginning (iproute2's matches).</summary>
    public static bool Matches(string word, string keyword) => word.Length > 0 && keyword.StartsWith(word, StringComparison.Ordinal);

    /// <summary>Does something to the kernel and tells its refusal as iproute2 does.</summary>
    public static void Tell(Action change, int exitCode = 2)
    {
        try
        {
            change();
        }
        catch (KernelException refusal)
        {
            throw Refused(refusal, exitCode);
        }
    }

    /// <summary>The kernel's refusal as iproute2 tells it.</summary>
    public static ProgramException Refused(KernelException refusal, int exitCode = 2) =>
        new(exitCode, refusal.Explanation is { } explanation ? $"Error: {explanation}.\n" : $"RTNETLINK answers: {refusal.Errno.Text()}\n");

    private static string FamilyName(AddressFamily? family) => family switch
    {
        AddressFamily.InterNetwork => "inet",
        AddressFamily.InterNetworkV6 => "inet6",
        _ => "any valid",
    };
}
