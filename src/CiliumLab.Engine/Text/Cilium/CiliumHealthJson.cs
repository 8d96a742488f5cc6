using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads health's models.HealthStatusResponse.</summary>
internal static class CiliumHealthJson
{
    public static IEnumerable<CiliumHealth> Read(string kind, LineReader lines, string? node)
    {
        var (first, opening) = (lines.Number + 1, lines.Peek() ?? "");
        using var document = JsonOutput.Read(kind, lines);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("nodes", out _) || root.Object("local")?.Text("name") is not { } local)
            throw OutputErrors.NotThisOutput(kind, first, opening, "the JSON has no fields local and nodes");
        var probed = root.Time("timestamp");
        foreach (var item in root.Items("nodes"))
        {
            var name = item.Text("name") ?? "";
            var target = new CiliumHealth
            {
                Node = node ?? WithoutCluster(local),
                Target = WithoutCluster(name),
                IsLocal = name == local,
                Path = CiliumHealthPath.Host,
                ProbedAt = probed,
            };
            var host = item.Object("host");
            var endpoint = item.Object("health-endpoint");
            foreach (var path in Paths(target, host, CiliumHealthPath.Host, CiliumHealthPath.HostSecondary, null))
                yield return path;
            foreach (var path in Paths(target, endpoint, CiliumHealthPath.Endpoint, CiliumHealthPath.EndpointSecondary, item.Object("endpoint")))
                yield return path;
        }
    }

    private static IEnumerable<CiliumHealth> Paths(CiliumHealth target, JsonElement? paths, CiliumHealthPath primary, CiliumHealthPath secondary, JsonElement? old)
    {
        // Before 1.14 there was only one path to the endpoint, which is still there under its old name.
        if ((paths?.Object("primary-address") ?? old) is { } first)
            yield return Path(target with { Path = primary }, first);
        foreach (var other in paths?.Items("secondary-addresses") ?? [])
            yield return Path(target with { Path = secondary }, other);
    }

    private static CiliumHealth Path(CiliumHealth target, JsonElement path)
    {
        var (icmpLatency, icmpError) = Probe(path.Object("icmp"));
        var (httpLatency, httpError) = Probe(path.Object("http"));
        bool? isReachable = icmpError is not null || httpError is not null ? false : icmpLatency is not null || httpLatency is not null ? true : null;
        return target with
        {
            Address = CiliumValues.Address(path.Text("ip")),
            IsReachable = isReachable,
            IcmpLatency = icmpLatency,
            IcmpError = icmpError,
            HttpLatency = httpLatency,
            HttpError = httpError,
        };
    }

    private static (TimeSpan? Latency, string? Error) Probe(JsonElement? probe) =>
        probe is not { } found ? (null, null)
        : found.Text("status") is { } error ? (null, error)
        : (GoValues.Nanoseconds(found.Integer("latency") ?? 0), null);

    private static string WithoutCluster(string name) => name[(name.LastIndexOf('/') + 1)..];
}
