using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads tcpdump's text, with or without -e, -v, -i any and each form of the time; the packet inside VXLAN or Geneve, which stands on a line of
/// its own, belongs to the one outside. Names in the place of addresses are warned of: only -nn writes addresses.
/// </summary>
public static partial class TcpdumpText
{
    private const string Kind = "Tcpdump";

    /// <summary>Reads the packets in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<CapturedPacket> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = new LineReader(new AgentOutput(text, warn));
        var start = new OutputStart(Kind, warn);
        var count = 0L;
        while (lines.Next() is { } line)
        {
            if (line.AsSpan().IsWhiteSpace() || Remark().IsMatch(line))
                continue;
            var number = lines.Number;
            if (!TcpdumpHead.Begins(line) || Packet(lines, line) is not { } packet)
            {
                start.Warn(new TextWarning(number, line, "expected a packet"));
                continue;
            }

            start.Understood();
            if (packet is { SourceAddress: null, EtherType: EtherType.IPv4 or EtherType.IPv6, IsTruncated: false })
                warn(new TextWarning(number, line, "expected addresses, as tcpdump -nn writes them"));
            yield return packet with { Node = node, Number = ++count };
        }

        start.AtEnd();
    }

    private static CapturedPacket? Packet(LineReader lines, string line)
    {
        var head = TcpdumpHead.Read(line, out var body);
        if (head is { Interface: null, TimeOfDay: null, Time: null, Elapsed: null, EtherType: EtherType.Unknown })
            return null;
        return Whole(lines, head, body);
    }

    /// <summary>The packet with what belongs to it on the next lines.</summary>
    private static CapturedPacket? Whole(LineReader lines, CapturedPacket head, string body)
    {
        if (TcpdumpBody.EndsAfterHeader(body) && Next(lines) is { } second && second.StartsWith("    ", StringComparison.Ordinal))
            body = $"{body.TrimEnd()} {lines.Next()!.TrimStart()}";
        if (TcpdumpBody.Read(head, body) is not { } packet)
            return null;
        if (packet.Tunnel == TunnelProtocol.Geneve && InOneLine().Match(body) is { Success: true } same)
            return packet with { Inner = Inner(lines, body[same.Length..]) };
        if (packet.Tunnel != TunnelProtocol.None && Next(lines) is { } next && (next.StartsWith('\t') || BeginsInside().IsMatch(next)))
            return packet with { Inner = Inner(lines, lines.Next()!.TrimStart()) };
        return packet with { Details = More(lines, packet.Details) };
    }

    private static CapturedPacket? Inner(LineReader lines, string line) => Whole(lines, TcpdumpHead.Frame(new CapturedPacket(), line, out var body), body);

    // Blank lines are what was no part of the output, or the end of what an application says.
    private static string? Next(LineReader lines)
    {
        while (lines.Peek() is { } line && line.AsSpan().IsWhiteSpace())
            lines.Next();
        return lines.Peek();
    }

    // What an application says, what an error quotes, and hexadecimal dumps stand below, further right.
    private static string? More(LineReader lines, string? details)
    {
        while (Next(lines) is { } line && !TcpdumpHead.Begins(line))
        {
            if (!line.StartsWith("\t0x", StringComparison.Ordinal))
                details = $"{details}\n{line.Trim()}";
            lines.Next();
        }

        return details;
    }

    [GeneratedRegex(@"^(?:tcpdump: |listening on |reading from file |dropped privs to |\d+ packets? (?:captured|received by filter|dropped by (?:kernel|interface))|\^C)")]
    private static partial Regex Remark();

    [GeneratedRegex(@"^(?:(?:IP6?|ARP),? |[0-9a-f]{2}(?::[0-9a-f]{2}){5} > )")]
    private static partial Regex BeginsInside();

    [GeneratedRegex(@"^.*?\bGeneve, Flags \[[^\]]*\], vni 0x[0-9a-f]+(?:, proto [^,:]*\([^)]*\))?(?:, options \[[^\]]*\])?: ")]
    private static partial Regex InOneLine();
}
