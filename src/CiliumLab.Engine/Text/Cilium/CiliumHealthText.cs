using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>cilium-health status</c>, text (also <c>--succinct</c>) and JSON (health's models.HealthStatusResponse, latencies in
/// nanoseconds), and the part of it that <c>cilium-dbg status</c> shows.
/// </summary>
public static partial class CiliumHealthText
{
    private const string Kind = "CiliumHealth";

    /// <summary>Reads the probed paths in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<CiliumHealth> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => CiliumHealthJson.Read(Kind, lines, node),
            OutputForm.Text => Lines(lines, node, warn),
            _ => [],
        };
    }

    private static IEnumerable<CiliumHealth> Lines(LineReader lines, string? node, Action<TextWarning> warn)
    {
        var start = new OutputStart(Kind, warn);
        var isInside = false;
        DateTimeOffset? probed = null;
        CiliumHealth? target = null;
        CiliumHealth? path = null;
        while (lines.Next() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (Heading().Match(line) is { Success: true } heading)
            {
                start.Understood();
                isInside = true;
                probed = GoValues.Time(heading.Groups["time"].Value) ?? probed;
                if (heading.Groups["trouble"].Value.Trim() is { Length: > 0 } trouble && trouble != "Probe disabled")
                    warn(new TextWarning(lines.Number, line, "the health daemon cannot be asked"));
                continue;
            }

            if (!isInside || !char.IsWhiteSpace(line[0]))
            {
                // The rest of a status, before and after.
                if (ColumnNames().IsMatch(line))
                    continue;
                isInside = false;
                if (!StatusLine().IsMatch(line))
                    start.Warn(new TextWarning(lines.Number, line, "expected a probed node or path"));
                continue;
            }

            if (ColumnNames().IsMatch(line))
                continue;
            if (Result().Match(line) is { Success: true } result && path is not null)
            {
                path = With(path, result.Groups["what"].Value, result.Groups["result"].Value.Trim());
                continue;
            }

            if (path is not null)
                yield return path;
            path = null;
            if (Path().Match(line) is { Success: true } found && target is not null)
            {
                path = target with { Path = PathOf(found.Groups["what"].Value, target.Path), Address = CiliumValues.Address(found.Groups["address"].Value) };
                target = target with { Path = path.Path };
            }
            else if (NodeLine().Match(line) is { Success: true } name)
            {
                target = Target(name, node, probed);
                if (target.IsLocal)
                    node ??= target.Target;
            }
            else if (Succinct().Match(line) is { Success: true } row)
            {
                var both = Target(row, node, probed) with { Address = CiliumValues.Address(row.Groups["address"].Value), IsReachable = IsReachable(row.Groups["host"].Value) };
                if (both.IsLocal)
                    node ??= both.Target;
                yield return both;
                if (IsReachable(row.Groups["endpoint"].Value) is { } endpoint)
                    yield return both with { Path = CiliumHealthPath.Endpoint, Address = null, IsReachable = endpoint };
            }
            else
            {
                start.Warn(new TextWarning(lines.Number, line, "expected a probed node or path"));
            }
        }

        if (path is not null)
            yield return path;
        start.AtEnd();
        if (target is null && probed is null && !isInside)
            yield break;
    }

    private static CiliumHealth Target(Match name, string? node, DateTimeOffset? probed)
    {
        var target = name.Groups["name"].Value is var full && full.LastIndexOf('/') is >= 0 and var slash ? full[(slash + 1)..] : full;
        var isLocal = name.Groups["local"].Success;
        return new CiliumHealth { Node = node ?? (isLocal ? target : null), Target = target, IsLocal = isLocal, Path = CiliumHealthPath.Host, ProbedAt = probed };
    }

    private static CiliumHealthPath PathOf(string what, CiliumHealthPath last) => what switch
    {
        "Host" => CiliumHealthPath.Host,
        "Endpoint" => CiliumHealthPath.Endpoint,
        _ => last is CiliumHealthPath.Endpoint or CiliumHealthPath.EndpointSecondary ? CiliumHealthPath.EndpointSecondary : CiliumHealthPath.HostSecondary,
    };

    private static CiliumHealth With(CiliumHealth path, string what, string result)
    {
        var latency = result.StartsWith("OK, RTT=", StringComparison.Ordinal) ? GoValues.Duration(result["OK, RTT=".Length..]) : null;
        var error = latency is null ? result : null;
        path = path with { IsReachable = path.IsReachable != false && error is null };
        return what == "ICMP" ? path with { IcmpLatency = latency, IcmpError = error } : path with { HttpLatency = latency, HttpError = error };
    }

    // 1/1 since 1.16, true before; 0/0 when there is nothing to probe
    private static bool? IsReachable(string cell) => cell switch
    {
        "true" => true,
        "false" => false,
        "0/0" => null,
        _ => cell.Split('/') is [var reached, var all] && reached == all,
    };

    [GeneratedRegex(@"^(?:Probe time:\s+(?<time>\S+)|Nodes:|Cluster health:\s+(?:\d+/\d+ reachable\s+\((?<time>[^)]*)\)|(?<trouble>\S.*)))\s*$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\s*Name\s+IP\s+(?:Node\s+Endpoints|Reachable\s+Endpoints reachable)\s*$")]
    private static partial Regex ColumnNames();

    [GeneratedRegex(@"^  (?<name>[\w./-]+)(?<local> \(localhost\))?:\s*$")]
    private static partial Regex NodeLine();

    [GeneratedRegex(@"^  (?<name>[\w./-]+)(?<local> \(localhost\))?\s+(?<address>[0-9a-fA-F.:]+|Unavailable)\s+(?<host>\d+/\d+|true|false)\s+(?<endpoint>\d+/\d+|true|false)\s*$")]
    private static partial Regex Succinct();

    [GeneratedRegex(@"^\s+(?<what>Host|Endpoint|Secondary) connectivity(?: to (?<address>\S*)|):(?:\s+nil)?\s*$")]
    private static partial Regex Path();

    [GeneratedRegex(@"^\s+(?<what>ICMP|HTTP) to (?:stack|agent):\s+(?<result>\S.*)$")]
    private static partial Regex Result();

    [GeneratedRegex(@"^(?:[A-Z][\w ()/.-]*:(?:\s|$)|\s)")]
    private static partial Regex StatusLine();
}
