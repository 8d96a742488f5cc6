using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>cilium-dbg bpf ipcache list</c>, text and JSON, which is a map of texts. Entries come as they are read.</summary>
public static partial class IpCacheText
{
    private const string Kind = "BpfIpCache";
    private const string Expected = "a prefix with identity, key, tunnel endpoint and flags";

    /// <summary>Reads the entries in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<CiliumIpCacheEntry> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => Documents(lines, node, warn),
            OutputForm.Text => new TextRows<CiliumIpCacheEntry>(Kind, Expected, line => Row(line, node)) { IsHeading = static line => Heading().IsMatch(line) }.Read(lines, warn),
            _ => [],
        };
    }

    private static IEnumerable<CiliumIpCacheEntry> Documents(LineReader lines, string? node, Action<TextWarning> warn)
    {
        var start = new OutputStart(Kind, warn);
        foreach (var (key, value, line) in JsonItems.OfStringMap(Kind, lines, warn))
        {
            if (Entry(key, value, node) is { } entry)
            {
                start.Understood();
                yield return entry;
            }
            else
            {
                start.Warn(new TextWarning(line, $"{key}: {value}", $"expected {Expected}"));
            }
        }

        start.AtEnd();
    }

    private static CiliumIpCacheEntry? Row(string line, string? node) =>
        Columns().Match(line) is { Success: true } columns ? Entry(columns.Groups[1].Value, columns.Groups[2].Value, node) : null;

    private static CiliumIpCacheEntry? Entry(string key, string value, string? node) =>
        CiliumValues.TryPrefix(key, out var prefix, out var cluster) && MapEntries.IpCacheValue(value) is { } parts
            ? new CiliumIpCacheEntry
            {
                Node = node,
                Prefix = prefix,
                ClusterId = cluster,
                IdentityId = parts.Identity,
                EncryptKey = parts.Key,
                TunnelEndpoint = parts.Tunnel,
                Flags = parts.Flags,
            }
            : null;

    [GeneratedRegex(@"^IP PREFIX/ADDRESS\s+IDENTITY\s*$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^(\S+)\s+(identity=.*)$")]
    private static partial Regex Columns();
}
