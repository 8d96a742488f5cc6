using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>cilium-dbg ip list</c>, also with <c>-n</c> and <c>-v</c>, text and JSON (models.IPListEntry).</summary>
public static partial class CiliumIpListText
{
    private const string Kind = "CiliumIpList";
    private const string Expected = "a prefix and who is there";

    /// <summary>Reads the prefixes in the output's order, each as soon as it is whole.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<CiliumIpCacheEntry> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => JsonItems.OfArray(Kind, lines, warn, Expected, item => FromJson(item, node)),
            OutputForm.Text => new TextRows<CiliumIpCacheEntry>(Kind, Expected, line => Row(line, node))
            {
                IsHeading = static line => Heading().IsMatch(line),
                Extend = static (entry, line) => line.Trim() is var label && CiliumValues.IsLabel(label) ? With(entry, label) : null,
            }.Read(lines, warn),
            _ => [],
        };
    }

    private static CiliumIpCacheEntry? FromJson(JsonElement item, string? node)
    {
        if (item.Text("cidr") is not { } cidr || !CiliumValues.TryPrefix(cidr, out var prefix, out var cluster) || item.UInt32("identity") is not { } identity)
            return null;
        var metadata = item.Object("metadata");
        return new CiliumIpCacheEntry
        {
            Node = node,
            Prefix = prefix,
            ClusterId = cluster,
            IdentityId = identity,
            HostAddress = CiliumValues.RealAddress(item.Text("hostIP")),
            EncryptKey = (byte)(item.Integer("encryptKey") is >= 0 and <= byte.MaxValue and var key ? key : 0),
            Source = metadata?.Text("source"),
            Namespace = metadata?.Text("namespace"),
            Pod = metadata?.Text("name"),
        };
    }

    private static CiliumIpCacheEntry? Row(string line, string? node)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (char.IsWhiteSpace(line[0]) || words.Length is < 2 or > 5 || !words[0].Contains('/', StringComparison.Ordinal)
            || !CiliumValues.TryPrefix(words[0], out var prefix, out var cluster))
        {
            return null;
        }

        var entry = new CiliumIpCacheEntry { Node = node, Prefix = prefix, ClusterId = cluster };
        if (uint.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var identity))
            entry = entry with { IdentityId = identity };
        else if (CiliumValues.IsLabel(words[1]) && !words[1].StartsWith("identity=", StringComparison.Ordinal))
            entry = With(entry, words[1]);
        else
            return null;

        // With -v a host and a key follow the source; each may be missing, and no two look alike.
        foreach (var word in words[2..])
        {
            if (CiliumValues.TryAddress(word, out _))
                entry = entry with { HostAddress = CiliumValues.RealAddress(word) };
            else if (byte.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var key))
                entry = entry with { EncryptKey = key };
            else if (entry.Source is null && SourceName().IsMatch(word))
                entry = entry with { Source = word };
            else
                return null;
        }

        return entry;
    }

    private static CiliumIpCacheEntry With(CiliumIpCacheEntry entry, string label)
    {
        var labels = LabelDictionary.Of([.. entry.Labels.Texts, label]);
        return entry with { Labels = labels, IdentityId = ReservedIdentity.Number(labels) };
    }

    [GeneratedRegex(@"^IP\s+IDENTITY\s+SOURCE\b")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^[a-z][a-z0-9-]*$")]
    private static partial Regex SourceName();
}
