using System.Net;
using System.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes.Kubelet;

/// <summary>
/// The kubelet's arguments as one variable holds them. systemd splits the variable at blanks and honours quotes; a flag is
/// <c>--name=value</c>, or <c>--name value</c> in two words. A flag is changed where it stands, and the rest of the text stays.
/// </summary>
/// <param name="text">The variable's value.</param>
internal sealed class KubeletArguments(string text)
{
    private const string NodeIpFlag = "node-ip";

    private readonly List<Argument> _arguments = Read(text);

    /// <summary>The flags in their order.</summary>
    public IReadOnlyList<KubeletFlag> Flags => [.. _arguments.Where(argument => argument.Flag is not null).Select(argument => argument.Flag!)];

    /// <summary>Words that belong to no flag.</summary>
    public IReadOnlyList<string> OtherWords => [.. _arguments.Where(argument => argument.Flag is null).Select(argument => argument.Word)];

    /// <summary>The text of the <c>--node-ip</c> that counts, the last one; null when there is none.</summary>
    public string? NodeIpText => _arguments.LastOrDefault(IsNodeIp)?.Flag?.Value;

    /// <summary>The addresses of <c>--node-ip</c>; empty when there is none or it cannot be read.</summary>
    public IReadOnlyList<IPAddress> NodeIp
    {
        get
        {
            var addresses = new List<IPAddress>();
            foreach (var word in (NodeIpText ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (!IPAddress.TryParse(word, out var address))
                    return [];
                addresses.Add(address);
            }

            return addresses;
        }
    }

    /// <summary>Whether <c>--node-ip</c> stands there once and says exactly this.</summary>
    public bool HasNodeIp(IReadOnlyList<IPAddress> addresses) => _arguments.Count(IsNodeIp) == 1 && NodeIp.SequenceEqual(addresses);

    /// <summary>The text with exactly one <c>--node-ip</c>: the first is replaced, others go, and where there is none it comes first.</summary>
    public string WithNodeIp(IReadOnlyList<IPAddress> addresses)
    {
        var flag = $"--{NodeIpFlag}={string.Join(',', addresses)}";
        var present = _arguments.Where(IsNodeIp).ToList();
        if (present.Count == 0)
            return text.Length == 0 ? flag : $"{flag} {text}";
        var result = new StringBuilder(text);
        for (var i = present.Count - 1; i > 0; i--)
        {
            var start = present[i].Start;
            while (start > 0 && char.IsWhiteSpace(text[start - 1]))
                start--;
            result.Remove(start, present[i].End - start);
        }

        return result.Remove(present[0].Start, present[0].End - present[0].Start).Insert(present[0].Start, flag).ToString();
    }

    private static bool IsNodeIp(Argument argument) => argument.Flag?.Name == NodeIpFlag;

    private static List<Argument> Read(string text)
    {
        var arguments = new List<Argument>();
        var at = 0;
        while (NextWord(text, ref at) is { } word)
        {
            if (!word.Word.StartsWith('-') || word.Word.TrimStart('-').Length == 0)
            {
                arguments.Add(word);
                continue;
            }

            var bare = word.Word.TrimStart('-');
            var equals = bare.IndexOf('=', StringComparison.Ordinal);
            if (equals >= 0)
            {
                arguments.Add(word with { Flag = new KubeletFlag(bare[..equals], bare[(equals + 1)..]) });
                continue;
            }

            var ahead = at;
            if (NextWord(text, ref ahead) is { } value && !value.Word.StartsWith('-'))
            {
                arguments.Add(word with { Flag = new KubeletFlag(bare, value.Word), End = value.End });
                at = ahead;
            }
            else
            {
                arguments.Add(word with { Flag = new KubeletFlag(bare, null) });
            }
        }

        return arguments;
    }

    private static Argument? NextWord(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        if (at == text.Length)
            return null;
        var start = at;
        var word = new StringBuilder();
        char? quote = null;
        for (; at < text.Length && (quote is not null || !char.IsWhiteSpace(text[at])); at++)
        {
            var c = text[at];
            if (c == quote)
                quote = null;
            else if (quote is null && c is '"' or '\'' && quote is null)
                quote = c;
            else
                word.Append(c);
        }

        return new Argument(word.ToString(), null, start, at);
    }

    private sealed record Argument(string Word, KubeletFlag? Flag, int Start, int End);
}
